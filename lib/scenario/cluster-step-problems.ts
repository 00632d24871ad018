/** What is wrong with a step for clusters, whatever comes before it. */
import { TestbedError } from '../errors';
import { requireImage, requireKubernetesVersion, requireOddControlPlanes } from '../kinds/cluster/cluster-rules';
import { CONTROL_PLANE, lookedAfter } from '../kinds/cluster/cluster-parts';
import type { ClusterPlan, PlannedCluster } from '../kinds/cluster/cluster-plan';
import { isAtLeast } from '../version';
import type { RemediateStep, ScaleWorkersStep, UpgradeStep } from './cluster-steps';
import { selectClusters } from './select-clusters';
import type { ClusterSelection } from './selections';
import type { StepKind, StepKinds } from './steps';

/** Kinds of steps that are for clusters alone. */
export const CLUSTER_STEPS = [
  ...(['create', 'scaleControlPlane', 'scaleWorkers', 'upgrade', 'rollout', 'remediate', 'move'] as const),
] as const satisfies readonly StepKind[];
export type ClusterStepKind = (typeof CLUSTER_STEPS)[number];

export function isClusterStep(kind: StepKind): kind is ClusterStepKind {
  return (CLUSTER_STEPS as readonly StepKind[]).includes(kind);
}

type Problem = (selected: PlannedCluster, plan: ClusterPlan) => string | undefined;

/** @returns the first problem that a cluster of the step has with it, and those of the step itself */
export function clusterStepProblems<K extends ClusterStepKind>(
  kind: K,
  props: StepKinds[K],
  path: string,
  plans: readonly ClusterPlan[],
): string[] {
  const own = ownProblems(kind, props, path);
  if (own.length > 0) return own;
  if (kind === 'move') return namespaceProblems(props, path, plans);
  const problem = problemsOf(kind, props);
  if (problem === undefined) return [];
  for (const { plan, cluster } of selectClusters(plans, props)) {
    const found = problem(cluster, plan);
    if (found !== undefined) return [`${path}${found}`];
  }
  return [];
}

function ownProblems(kind: ClusterStepKind, props: StepKinds[ClusterStepKind], path: string): string[] {
  if (kind === 'create') {
    const { perSecond, waves, state } = props as StepKinds['create'];
    if (waves !== undefined && perSecond !== undefined)
      return [`${path}: gives both waves and perSecond: give one of them`];
    if (waves !== undefined && state !== undefined)
      return [
        `${path}: gives both waves and state, and clusters that start ${state} are not brought up: leave one of them out`,
      ];
    if (waves?.everySeconds === 0) return [`${path}.waves.everySeconds: must be above 0; given 0`];
  }
  if (kind !== 'remediate') return [];
  const { role, machineShare } = props as RemediateStep;
  if (machineShare === 0) return [`${path}.machineShare: must be above 0; given 0`];
  if (machineShare !== undefined && role === 'controlPlane')
    return [`${path}.machineShare: is for workers: of a control plane, Cluster API remediates one machine at a time`];
  return [];
}

function problemsOf(kind: ClusterStepKind, props: StepKinds[ClusterStepKind]): Problem | undefined {
  switch (kind) {
    case 'scaleControlPlane':
      return scaleProblem(props as StepKinds['scaleControlPlane']);
    case 'scaleWorkers':
      return workersProblem(props as ScaleWorkersStep);
    case 'upgrade':
      return upgradeProblem(props as UpgradeStep);
    case 'rollout':
      return (cluster) => replacedProblem(cluster, (props as StepKinds['rollout']).role !== 'controlPlane');
    case 'remediate':
      return remediationProblem(props as RemediateStep);
    case 'move':
      return undefined;
    case 'create':
      return (props as StepKinds['create']).state === undefined ? undefined : seedingProblem;
  }
}

const nameOf = ({ namespace, name }: PlannedCluster) => `cluster ${namespace}/${name}`;

/** A namespace is moved as a whole. */
function namespaceProblems(selection: ClusterSelection, path: string, plans: readonly ClusterPlan[]): string[] {
  const selected = new Set<string>();
  const namespaces = new Set<string>();
  for (const { cluster } of selectClusters(plans, selection)) {
    selected.add(nameOf(cluster));
    namespaces.add(cluster.namespace);
  }
  for (const plan of plans)
    for (const cluster of plan.clusters())
      if (namespaces.has(cluster.namespace) && !selected.has(nameOf(cluster)))
        return [
          `${path}: ${nameOf(cluster)} is in a namespace that is moved as a whole, and is not selected: select it too, or give clusters namespaces of their own`,
        ];
  return [];
}

function seedingProblem(cluster: PlannedCluster, { hosts }: ClusterPlan): string | undefined {
  if (hosts !== undefined) return undefined;
  return `.state: the hosts of ${nameOf(cluster)} are made by others, and those of clusters that start available begin with them: leave hostSelector of its set out, or state`;
}

function scaleProblem({ replicas }: StepKinds['scaleControlPlane']): Problem {
  return (cluster) =>
    cluster.settings.etcd === 'stacked'
      ? messageAt('.replicas', () => requireOddControlPlanes(replicas, `replicas of ${nameOf(cluster)}`))
      : undefined;
}

function workersProblem({ machineDeployment }: ScaleWorkersStep): Problem {
  return (cluster) => {
    const { groups } = cluster.settings;
    const names = groups.map(({ name }) => name);
    if (names.length === 0) return `: ${nameOf(cluster)} has no MachineDeployment: give its set some, with 0 replicas`;
    if (machineDeployment === undefined || names.includes(machineDeployment)) return undefined;
    return `.machineDeployment: ${nameOf(cluster)} has none named '${machineDeployment}': use ${names.join(', ')}`;
  };
}

function upgradeProblem({ version, image }: UpgradeStep): Problem {
  return (cluster, { releases, props }) => {
    const where = nameOf(cluster);
    const wrong =
      messageAt('.version', () => requireKubernetesVersion(version, where, releases.clusterApi)) ??
      (image && messageAt('.image', () => requireImage(image, where, releases.operator)));
    if (wrong !== undefined) return wrong;
    if (props.clusterClass === undefined) {
      const newer = cluster.settings.groups.find((group) => !isAtLeast(version, group.kubernetesVersion));
      if (newer !== undefined)
        return `.version: ${version} is older than ${newer.kubernetesVersion}, which group ${newer.name} of ${where} has: use a newer one`;
    }
    return replacedProblem(cluster, true);
  };
}

/** Machines that are replaced once somebody deletes them are never replaced here. */
function replacedProblem(cluster: PlannedCluster, areWorkers: boolean): string | undefined {
  const { rollout, workers } = cluster.settings;
  if (!areWorkers || workers === 0 || rollout.type !== 'OnDelete') return undefined;
  return `: workers of ${nameOf(cluster)} are replaced when somebody deletes them (rollout.type is OnDelete), so that this would never end: use RollingUpdate, or role controlPlane of a rollout`;
}

function remediationProblem({ role }: RemediateStep): Problem {
  return (cluster) => {
    const { settings } = cluster;
    const check = settings.options.healthCheck;
    const names = role === 'controlPlane' ? [CONTROL_PLANE] : settings.groups.map(({ name }) => name);
    const looked = check === undefined ? [] : lookedAfter(check, settings);
    if (check === undefined || !names.some((name) => looked.includes(name)))
      return `: nobody looks after the ${role === 'controlPlane' ? 'control plane' : 'workers'} of ${nameOf(cluster)}: give its set a healthCheck`;
    return undefined;
  };
}

function messageAt(path: string, action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof TestbedError) return `${path}: ${error.message}`;
    throw error;
  }
}
