import { createHash } from 'node:crypto';
import type * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { invalidInput } from '../lib/errors';
import type { InstallStep } from '../lib/components/component';
import { applyRank, isNamespace } from '../lib/order';
import { resolveTestbed, type ResolvedTestbed, type TestbedProps } from '../lib/testbed/resolve';
import type { KubernetesObject } from '../src/kubernetes/objects';
import { withPeers } from '../src/util/missing-peer';
import { clusterDigest } from './cluster-digest';
import { withPlainErrors } from './plain-errors';
import { ClusterCondition } from './resources/cluster-condition';
import { connectionOf, type Connection } from './resources/connection';
import type { OnClusterGone } from './resources/fleet-state';
import type * as objectResources from './resources/kubernetes-object';
import type * as providers from './resources/kubernetes-provider';
import { LocalManagers, type LocalManagersArgs } from './resources/local-managers';
import { LocalSimulators, type LocalSimulatorsArgs } from './resources/local-simulators';
import { withoutImport } from './resources/made-here';
import { KNOWN_OF_PLATFORM, PLATFORM } from './resources/platform-schema';
import { isOutput } from './resources/property-values';
import { requireArguments } from './resources/require-arguments';
import { ObjectsGuard } from './resources/objects-guard';
import type * as platformSteps from './platform-steps';

/** What a cluster becomes able to take care of bare-metal hosts with. */
export interface MetalPlatformArgs extends Pick<
  TestbedProps,
  'certManager' | 'clusterApi' | 'installCertManager' | 'kwok' | 'operators' | 'workloadApi'
> {
  /** Content of the cluster's kubeconfig. @default - that of `provider` */
  readonly kubeconfig?: pulumi.Input<string> | undefined;
  /** @default - the kubeconfig's current one */
  readonly context?: pulumi.Input<string | undefined>;
  /**
   * A provider of `@pulumi/kubernetes` that was given a kubeconfig, by which the objects are made.
   * @default - the one among the resource's options, or its parent's; where there is a kubeconfig, one of its own
   */
  readonly provider?: kubernetes.Provider | undefined;
  /**
   * Whether the cluster runs pods. Without them there are no Deployments and no webhooks, and nothing but the CRDs is
   * waited for: who takes care of the hosts runs beside the cluster.
   * @default true
   */
  readonly hasPods?: boolean | undefined;
  /**
   * Whether deleted namespaces end on the cluster, and owned objects go with their owners. Where they do not, namespaces are
   * left when the platform is destroyed.
   * @default - `hasPods`
   */
  readonly hasControllers?: boolean | undefined;
  /**
   * What simulates the hosts of an embedded control plane, as processes beside it.
   * @default - nothing of this resource
   */
  readonly simulators?: Omit<LocalSimulatorsArgs, 'operators'> | undefined;
  /**
   * Where the managers of `clusterApi` run on an embedded control plane, as processes beside it.
   * @default - in pods
   */
  readonly managers?: Pick<LocalManagersArgs, 'folder'> | undefined;
  /**
   * How long each wait may take, in seconds; a pull of an image is part of one.
   * @default 300
   */
  readonly timeoutSeconds?: pulumi.Input<number | undefined>;
  /**
   * What deleting does where the cluster cannot be reached: `fail`, or `forget` what was on it. For one run,
   * PULUMI_K8S_DELETE_UNREACHABLE=true in the environment is `forget`. With `provider` it is that one's to say.
   * @default 'fail'
   */
  readonly onClusterGone?: pulumi.Input<OnClusterGone | undefined>;
  /**
   * Whether fields that somebody else has changed are taken back. With `provider` it is that one's to say.
   * @default false: they are an error that names them
   */
  readonly forceConflicts?: pulumi.Input<boolean | undefined>;
}

/**
 * cert-manager and the Bare Metal Operators on a cluster, a resource an object, each once what it needs is there: CRDs,
 * cert-manager, its webhook answering, the operators, their webhooks answering. Whatever depends on the component is made
 * once hosts are accepted.
 */
export class MetalPlatform extends pulumi.ComponentResource {
  /** Reaches the cluster: for objects of one's own. */
  readonly provider: kubernetes.Provider;
  /** The cluster's kubeconfig, known once the platform is there; a secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Namespaces that operators watch by name, which are part of the platform. Empty where one watches all. */
  readonly watchedNamespaces: readonly string[];

  /** @throws TestbedError (`invalid-input`) for operators that cannot be on one cluster, and what their constructs refuse */
  constructor(name: string, args: MetalPlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    const { connection, testbed, steps } = withPlainErrors(() => checked(name, args, opts));
    const { kubeconfig } = connection;
    super('metal3-testbed:index:MetalPlatform', name, { ...args, kubeconfig, provider: undefined }, opts);
    this.watchedNamespaces = watchedBy(testbed);
    this.provider = connection.provider ?? this.ownProvider(name, connection, args);
    const last = this.register(name, steps, { ...args, ...connection });
    const simulators = args.simulators && this.simulate(name, args.simulators, args, last);
    const managers = args.managers && args.clusterApi && this.manage(name, args, last);
    const dependsOn = [...last, ...[simulators, managers].filter((each) => each !== undefined)];
    // Deleted before everything else, and before those that simulate hosts and take care of clusters.
    const guard = new ObjectsGuard(name, { kubeconfig, context: connection.context }, { parent: this, dependsOn });
    // Unlike their names, the ids of resources are not known before they are made.
    this.kubeconfig = pulumi.all([kubeconfig, guard.id]).apply(([content]) => content);
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }

  private ownProvider(name: string, { kubeconfig, context }: Connection, args: MetalPlatformArgs): kubernetes.Provider {
    const identity = pulumi
      .all([kubeconfig, context])
      .apply(([content, named]) => withPlainErrors(() => clusterDigest(content, named)));
    const { onClusterGone, forceConflicts } = args;
    // Another address of the same cluster is no reason to make everything anew.
    const clusterIdentifier = pulumi.unsecret(identity);
    const connection = { kubeconfig, context: context as pulumi.Input<string>, clusterIdentifier };
    return lazy().kubernetesProvider(name, { ...connection, onClusterGone, forceConflicts }, { parent: this });
  }

  private simulate(
    name: string,
    simulators: NonNullable<MetalPlatformArgs['simulators']>,
    { operators }: MetalPlatformArgs,
    last: readonly pulumi.Resource[],
  ): pulumi.Resource {
    return new LocalSimulators(name, { ...simulators, operators }, { parent: this, dependsOn: [...last] });
  }

  private manage(name: string, args: MetalPlatformArgs, last: readonly pulumi.Resource[]): pulumi.Resource {
    const { clusterApi, forceConflicts, onClusterGone, timeoutSeconds, managers } = args;
    const folder = managers?.folder ?? '';
    const behaviour = { clusterApi, forceConflicts, onClusterGone, timeoutSeconds };
    return new LocalManagers(name, { folder, ...behaviour }, { parent: this, dependsOn: [...last] });
  }

  /** @returns the resources of the last step */
  private register(
    name: string,
    steps: readonly InstallStep[],
    args: MetalPlatformArgs & Connection,
  ): readonly pulumi.CustomResource[] {
    const { kubeconfig, context, timeoutSeconds, hasPods = true, hasControllers = hasPods } = args;
    const { deletedAtOnce, kubernetesObject, resourceNameOf } = lazy();
    const digest = createHash('sha256');
    let before: readonly pulumi.CustomResource[] = [];
    for (const { task, objects, ...step } of steps) {
      if (step.kind === 'apply') {
        digest.update(JSON.stringify(objects));
        for (const group of inGroups(objects)) {
          const common = { parent: this, provider: this.provider, dependsOn: [...before] };
          before = group.map((object) => {
            const resourceName = resourceNameOf(name, object);
            if (hasControllers) return kubernetesObject(resourceName, object, common);
            // Nothing ends a deleted namespace there: it would be waited for in vain.
            const retainOnDelete = isNamespace(object);
            return kubernetesObject(resourceName, deletedAtOnce(object), { ...common, retainOnDelete });
          });
        }
      } else {
        const condition = new ClusterCondition(
          `${name}/${task}`,
          {
            kubeconfig,
            task,
            condition: step.condition,
            objects: step.condition === 'accepted' ? objects : objects.map(identify),
            of: digest.copy().digest('hex'),
            context,
            timeoutSeconds,
          },
          { parent: this, dependsOn: [...before] },
        );
        before = [condition];
      }
    }
    return before;
  }
}

/** Everything that can be refused before anything is registered. */
function checked(name: string, args: MetalPlatformArgs, opts: pulumi.ComponentResourceOptions | undefined) {
  requireArguments(`MetalPlatform ${name}`, PLATFORM, args);
  const later = KNOWN_OF_PLATFORM.find((key) => isOutput(args[key]));
  if (later !== undefined)
    throw invalidInput(`${later} of MetalPlatform ${name} decides which resources there are: give a plain value`);
  const { certManager, clusterApi, installCertManager, kwok, operators, workloadApi, hasPods = true } = args;
  withoutImport('MetalPlatform', opts ?? {}, 'its objects can be, each by its own import');
  const connection = connectionOf(`MetalPlatform ${name}`, args, opts);
  const testbed = resolveTestbed({
    certManager,
    clusterApi,
    installCertManager,
    kwok,
    operators,
    workloadApi,
    hostSets: [],
  });
  const place = hasPods ? 'pods' : args.managers === undefined ? 'none' : 'beside';
  return { connection, testbed, steps: lazy().stepsOf(testbed, place) };
}

/** What loads cdk8s and `@pulumi/kubernetes`: only programs that make a platform need them. */
function lazy(): typeof objectResources & typeof providers & typeof platformSteps {
  /* eslint-disable @typescript-eslint/no-require-imports -- an import would load them with the package */
  return withPeers('MetalPlatform', () => ({
    ...(require('./resources/kubernetes-object') as typeof objectResources),
    ...(require('./resources/kubernetes-provider') as typeof providers),
    ...(require('./platform-steps') as typeof platformSteps),
  }));
  /* eslint-enable @typescript-eslint/no-require-imports */
}

/**
 * The objects of one step in groups that follow one another: namespaces, what stands by itself, and what runs or is asked.
 * A Service is ready, to Pulumi, once pods are behind it: it must not be waited for before its Deployment.
 */
function inGroups(objects: readonly KubernetesObject[]): readonly (readonly KubernetesObject[])[] {
  const runs = (object: KubernetesObject) =>
    object.kind === 'Service' || applyRank(object) >= applyRank({ apiVersion: 'apps/v1', kind: 'Deployment' });
  const namespaces = objects.filter(isNamespace);
  const rest = objects.filter((object) => !isNamespace(object));
  return [namespaces, rest.filter((object) => !runs(object)), rest.filter(runs)].filter(({ length }) => length > 0);
}

function watchedBy({ operators }: ResolvedTestbed): readonly string[] {
  return [...new Set(operators.flatMap((operator) => operator.watchedNamespaces ?? []))];
}

/** No more than what names an object, and the annotations by which a webhook asks for a CA. */
function identify({ apiVersion, kind, metadata }: KubernetesObject): KubernetesObject {
  const { name, namespace, annotations } = metadata;
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, annotations },
  };
}
