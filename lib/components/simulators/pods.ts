/** What the pods of simulators have in common: our image, where they run, and what they may not do. */
import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { clusterScoped } from '../../cluster-scoped';
import { invalidInput } from '../../errors';
import { isDnsLabel } from '../../names';
import { resourceProblems } from '../compute-resources';
import type { PodPlacement } from '../placement';
import type { ComputeResources } from '../compute-resources';

/** The image that `image/build` makes of this release. */
export const OWN_IMAGE = 'metal3-testbed:0.1.0';
/** Where this package is in it. */
const PACKAGE = '/opt/metal3-testbed/node_modules/metal3-testbed/build/src';
/** By it a pod talks to its own cluster as its ServiceAccount. It is in the image. */
export const OWN_KUBECONFIG = '/etc/metal3-testbed/kubeconfig';
export const NODE = '/usr/local/bin/node';

/** What all simulators that run in pods have. */
export interface SimulatorPodProps extends PodPlacement {
  /**
   * The namespace that it runs in.
   * @default - `kwok-system`, `workload-api-system`
   */
  readonly namespace?: string | undefined;
  /**
   * Whether that namespace is created here.
   * @default true
   */
  readonly createNamespace?: boolean | undefined;
  /**
   * The image of this package, as `image/build` makes it.
   * @default 'metal3-testbed:0.1.0' - of this release
   */
  readonly image?: string | undefined;
  /**
   * When images are pulled.
   * @default 'IfNotPresent'
   */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never' | undefined;
  /**
   * Requests and limits of a pod's main container.
   * @default - requests as measured for a hundred clusters or a thousand hosts, without limits
   */
  readonly resources?: ComputeResources | undefined;
  /**
   * Whether a PodMonitor tells Prometheus Operator where its metrics are; the cluster has to have its CRDs.
   * @default false
   */
  readonly podMonitor?: boolean | undefined;
}

/** A script of this package in the image. @param script its path below `src`, without ending */
export function ownScript(script: string): string {
  return `${PACKAGE}/${script}.js`;
}

/** What a container may do: nothing but compute, and talk. */
export const bareSecurityContext: k8s.SecurityContext = {
  allowPrivilegeEscalation: false,
  privileged: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: 65532,
  runAsGroup: 65532,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

export function resourceRequirements({ requests, limits }: ComputeResources): k8s.ResourceRequirements {
  const quantities = (resources: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(resources).map(([name, value]) => [name, k8s.Quantity.fromString(value)]));
  return { requests: requests && quantities(requests), limits: limits && quantities(limits) };
}

/** @throws TestbedError (`invalid-input`) naming every prop that is not allowed */
export function requirePodProps(scope: Construct, props: SimulatorPodProps, problems: readonly string[] = []): void {
  const { namespace, resources = {} } = props;
  const all = [
    ...(namespace === undefined || isDnsLabel(namespace)
      ? []
      : [`namespace: must be a DNS label: lower-case letters, digits and '-', at most 63; given '${namespace}'`]),
    ...resourceProblems(resources),
    ...problems,
  ];
  if (all.length > 0) throw invalidInput(all.map((problem) => `${scope.node.path}: ${problem}`).join('\n'));
}

export function addNamespace(scope: Construct, name: string): void {
  clusterScoped(new k8s.KubeNamespace(scope, 'Namespace', { metadata: { name } }));
}

/** A role for all namespaces, and who has it. */
export function addClusterRole(
  scope: Construct,
  account: { readonly name: string; readonly namespace: string },
  rules: readonly k8s.PolicyRule[],
): void {
  const metadata = { name: account.name };
  clusterScoped(new k8s.KubeClusterRole(scope, 'ClusterRole', { metadata, rules: [...rules] }));
  clusterScoped(
    new k8s.KubeClusterRoleBinding(scope, 'ClusterRoleBinding', {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: account.name },
      subjects: [{ kind: 'ServiceAccount', ...account }],
    }),
  );
}

/** A role in the namespace of its account. */
export function addRole(
  scope: Construct,
  account: { readonly name: string; readonly namespace: string },
  rules: readonly k8s.PolicyRule[],
): void {
  const metadata = { name: account.name, namespace: account.namespace };
  new k8s.KubeRole(scope, 'Role', { metadata, rules: [...rules] });
  new k8s.KubeRoleBinding(scope, 'RoleBinding', {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: account.name },
    subjects: [{ kind: 'ServiceAccount', ...account }],
  });
}

/** Tells Prometheus Operator which pods to ask, and at which of their ports. */
export function addPodMonitor(
  scope: Construct,
  { name, namespace, labels, port }: { name: string; namespace: string; labels: Record<string, string>; port: string },
): void {
  new ApiObject(scope, 'PodMonitor', {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { name, namespace },
    spec: { selector: { matchLabels: labels }, podMetricsEndpoints: [{ port, path: '/metrics' }] },
  });
}
