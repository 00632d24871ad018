import { createHash } from 'node:crypto';
import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import type { InstallStep } from '../lib/components/component';
import { applyRank, isNamespace } from '../lib/order';
import { componentsOf } from '../lib/testbed/components';
import { resolveTestbed, type ResolvedTestbed, type TestbedProps } from '../lib/testbed/resolve';
import { installationOf } from '../src/install/installation';
import { refuseWithoutPods } from '../src/install/without-pods';
import { installSteps, stepsWithoutPods } from '../src/install/steps';
import type { KubernetesObject } from '../src/kubernetes/objects';
import { clusterDigest } from './cluster-digest';
import { ClusterCondition } from './resources/cluster-condition';
import type { OnClusterGone } from './resources/host-fleet-state';
import { kubernetesObject, resourceNameOf } from './resources/kubernetes-object';

/** What a cluster becomes able to take care of bare-metal hosts with. */
export interface MetalPlatformArgs extends Pick<
  TestbedProps,
  'certManager' | 'clusterApi' | 'installCertManager' | 'operators'
> {
  /** Content of the cluster's kubeconfig. */
  readonly kubeconfig: pulumi.Input<string>;
  /** @default - the kubeconfig's current one */
  readonly context?: pulumi.Input<string>;
  /**
   * Whether the cluster runs pods. Without them there are no Deployments and no webhooks, and nothing but the CRDs is
   * waited for: who takes care of the hosts runs beside the cluster.
   * @default true
   */
  readonly hasPods?: boolean;
  /**
   * How long each wait may take, in seconds; a pull of an image is part of one.
   * @default 300
   */
  readonly timeoutSeconds?: number;
  /**
   * What deleting does where the cluster cannot be reached: `fail`, or `forget` what was on it.
   * @default 'fail'
   */
  readonly onClusterGone?: OnClusterGone;
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
    const kubeconfig = pulumi.secret(args.kubeconfig);
    super('metal3-testbed:index:MetalPlatform', name, { ...args, kubeconfig }, opts);
    const identity = pulumi
      .all([kubeconfig, args.context])
      .apply(([content, context]) => clusterDigest(content, context));
    const { certManager, clusterApi, installCertManager, operators } = args;
    const testbed = resolveTestbed({ certManager, clusterApi, installCertManager, operators, hostSets: [] });
    this.watchedNamespaces = watchedBy(testbed);
    this.provider = new kubernetes.Provider(
      name,
      {
        kubeconfig,
        context: args.context,
        // Another address of the same cluster is no reason to make everything anew.
        clusterIdentifier: pulumi.unsecret(identity),
        enableServerSideApply: true,
        deleteUnreachable: args.onClusterGone === 'forget',
      },
      { parent: this },
    );
    const last = this.register(name, stepsOf(testbed, args.hasPods), { ...args, kubeconfig });
    // Unlike their names, the ids of resources are not known before they are made.
    this.kubeconfig = pulumi.all([kubeconfig, pulumi.all(last.map(({ id }) => id))]).apply(([content]) => content);
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }

  /** @returns the resources of the last step */
  private register(
    name: string,
    steps: readonly InstallStep[],
    args: MetalPlatformArgs,
  ): readonly pulumi.CustomResource[] {
    const { kubeconfig, context, timeoutSeconds } = args;
    const digest = createHash('sha256');
    let before: readonly pulumi.CustomResource[] = [];
    for (const { task, objects, ...step } of steps) {
      if (step.kind === 'apply') {
        digest.update(JSON.stringify(objects));
        for (const group of inGroups(objects)) {
          const common = { parent: this, provider: this.provider, dependsOn: [...before] };
          before = group.map((object) => {
            const resourceName = resourceNameOf(name, object);
            if (args.hasPods !== false) return kubernetesObject(resourceName, object, common);
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

/**
 * Where no pods run, there may be no controller manager: a deleted namespace would be waited for in vain, and so would any
 * object that is deleted after those that it owns, which is Pulumi's own choice.
 */
function deletedAtOnce(object: KubernetesObject): KubernetesObject {
  const { annotations } = object.metadata;
  const background = { 'pulumi.com/deletionPropagationPolicy': 'background' };
  return { ...object, metadata: { ...object.metadata, annotations: { ...annotations, ...background } } };
}

function stepsOf(testbed: ResolvedTestbed, hasPods: boolean | undefined): readonly InstallStep[] {
  if (hasPods === false) refuseWithoutPods(componentsOf(testbed), 'the cluster runs none (hasPods: false)');
  const steps = installSteps(installationOf(testbed));
  return hasPods === false ? stepsWithoutPods(steps) : steps;
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
