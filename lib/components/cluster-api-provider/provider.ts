import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { clusterScoped } from '../../cluster-scoped';
import { invalidInput } from '../../errors';
import type { SchemaNode } from '../../crd';
import { deploymentsWithContainer, type Manifest } from '../../upstream';
import { inventoryDefinition, inventoryEntry, knownToClusterctl } from './clusterctl';
import { objectsFromManifests } from './from-manifests';
import { leanDefinition } from './lean-definition';
import { releaseObjects } from './objects';
import { providerProblems, type AnyProviderProps } from './options';
import { containerName } from './pod';
import type { ProviderSpec } from './release';
import { placedAndSharded } from './shards';

/**
 * A provider of Cluster API: all that a release installs. Without props it is the release as it is. Its webhooks take a
 * certificate from cert-manager, which must be installed. The names of its objects are those of the release whatever the
 * namespace, so a cluster has one of each provider.
 */
export abstract class ClusterApiProvider extends Construct {
  readonly version: string;
  readonly namespaceName: string;
  /** Of several, the first. */
  readonly deploymentName: string;
  /** The container that the manager runs in. */
  readonly containerName = containerName;
  readonly image: string;
  /** Whether clusterctl knows it. */
  readonly clusterctl: boolean;

  /**
   * @throws TestbedError (invalid-input) naming every prop that is not allowed
   * @internal
   */
  protected constructor(scope: Construct, id: string, spec: ProviderSpec, schema: SchemaNode, props: AnyProviderProps) {
    super(scope, id);
    const problems = providerProblems(spec, schema, props);
    if (problems.length > 0) throw invalidInput(problems.map((problem) => `${this.node.path}: ${problem}`).join('\n'));

    this.version = props.version ?? spec.defaultVersion;
    this.clusterctl = props.clusterctl ?? false;
    const objects = providerObjects(spec, props);
    const [deployment] = deploymentsWithContainer(objects, containerName);
    if (deployment === undefined) throw new RangeError(`${spec.name} has no Deployment`);
    this.namespaceName = deployment.metadata.namespace ?? spec.namespace;
    this.deploymentName = deployment.metadata.name;
    this.image = deployment.spec.template.spec.containers.find(({ name }) => name === containerName)?.image ?? '';
    for (const object of objects) this.add(object);
    if (this.clusterctl) {
      if (spec.type === 'CoreProvider' && (props.crds ?? true)) this.add(inventoryDefinition());
      this.add(inventoryEntry(spec, this.namespaceName, this.version));
    }
  }

  /** All objects, in an order in which they can be applied. */
  get apiObjects(): ApiObject[] {
    return this.node.findAll().filter((construct) => ApiObject.isApiObject(construct));
  }

  private add({ kind, metadata, ...rest }: Manifest): void {
    const id = [kind, metadata.namespace, metadata.name].filter(Boolean).join('-');
    const object = new ApiObject(this, id, { ...rest, kind, metadata: { ...metadata } });
    // What names no namespace gets none from the chart either: such kinds are cluster-scoped.
    if (metadata.namespace === undefined) clusterScoped(object);
  }
}

/** All that is installed, but for the entry in the inventory. */
export function providerObjects(spec: ProviderSpec, props: AnyProviderProps): readonly Manifest[] {
  const release = spec.releases[props.version ?? spec.defaultVersion];
  const objects =
    props.manifests !== undefined || release === undefined
      ? objectsFromManifests(spec, props)
      : releaseObjects(spec, release, props);
  const shaped = spec.shape === undefined ? objects : objects.map((object) => spec.shape!(object, props));
  const lean = props.leanCrds === true ? shaped.map(leanDefinition) : shaped;
  const known = props.clusterctl === true ? lean.map((object) => knownToClusterctl(object, spec)) : lean;
  return placedAndSharded(known, props);
}
