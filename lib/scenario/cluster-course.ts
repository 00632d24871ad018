/** What becomes of clusters in the course of a scenario, and the steps that cannot be at their time. */
import { isRebooting } from '../kinds/cluster/cluster-parts';
import type { ClusterPlan, PlannedCluster } from '../kinds/cluster/cluster-plan';
import { isAtLeast } from '../version';
import type { RemediateStep, ScaleWorkersStep, UpgradeStep } from './cluster-steps';
import { isForClusters, type ClustersOfSteps } from './missing-clusters';
import type { ResolvedStep, StepGroup } from './resolved';
import { stepsOf } from './steps-of';

/** A cluster at some point of a scenario. */
interface State {
  readonly plan: ClusterPlan;
  readonly cluster: PlannedCluster;
  isThere: boolean;
  isPaused: boolean;
  version: string;
  controlPlanes: number;
  readonly groups: Map<string, number>;
}

/** @returns for each step that its clusters cannot do by then: where it stands, and how to mend it */
export function courseProblems(
  root: StepGroup,
  clusters: ClustersOfSteps,
  plans: readonly ClusterPlan[],
): readonly string[] {
  const steps = [...stepsOf(root)].filter(isForClusters);
  return steps.length === 0 ? [] : new Course(clusters, plans).problemsOf(root);
}

const nameOf = ({ cluster: { namespace, name } }: State) => `cluster ${namespace}/${name}`;

class Course {
  private readonly states = new Map<string, State>();
  /** The clusters that share hosts: those of a set in a namespace. */
  private readonly neighbours = new Map<string, State[]>();
  private readonly problems: string[] = [];

  constructor(
    private readonly clusters: ClustersOfSteps,
    plans: readonly ClusterPlan[],
  ) {
    const { before } = clusters;
    for (const plan of plans)
      for (const cluster of plan.clusters()) {
        const key = `${cluster.namespace}/${cluster.name}`;
        const state: State = { plan, cluster, isThere: before.has(key), ...described(cluster) };
        this.states.set(key, state);
        const place = placeOf(state);
        const neighbours = this.neighbours.get(place);
        if (neighbours === undefined) this.neighbours.set(place, [state]);
        else neighbours.push(state);
      }
  }

  problemsOf(root: StepGroup): readonly string[] {
    this.walk(root, true);
    return this.problems;
  }

  /** @param isAlone whether nothing else happens to clusters meanwhile; otherwise nothing is certain */
  private walk(step: ResolvedStep | StepGroup, isAlone: boolean): void {
    if (!('steps' in step)) {
      if (isForClusters(step)) this.take(step, isAlone);
      return;
    }
    const busy = step.steps.filter((each) => ('steps' in each ? [...stepsOf(each)] : [each]).some(isForClusters));
    for (const each of step.steps) this.walk(each, isAlone && (step.kind === 'sequence' || busy.length <= 1));
  }

  private take(step: ResolvedStep, isAlone: boolean): void {
    const states = [...this.clusters.of(step)].flatMap((key) => this.states.get(key) ?? []);
    const { path, kind } = step;
    const problem = isAlone ? firstOf(states, (state) => problemBefore(step, state)) : undefined;
    if (problem !== undefined) this.problems.push(`${path}.${kind}${problem}`);
    for (const state of states) change(step, state);
    if (problem !== undefined || !isAlone) return;
    const places = new Set(states.map(placeOf));
    const short = firstOf(places, (place) => this.shortage(step, place));
    if (short !== undefined) this.problems.push(`${path}.${kind}: ${short}`);
  }

  /** Says where there are not enough hosts for what a step does. */
  private shortage(step: ResolvedStep, place: string): string | undefined {
    const states = this.neighbours.get(place) ?? [];
    const [first] = states;
    // Hosts of others are not counted: who knows what else is put on them.
    if (first === undefined || first.plan.hosts === undefined) return undefined;
    const hosts = states.reduce((sum, { cluster }) => sum + cluster.hosts, 0);
    const machines = states.reduce((sum, state) => sum + (state.isThere ? machinesOf(state) : 0), 0);
    const where = states.length === 1 ? nameOf(first) : `namespace ${first.cluster.namespace}`;
    const remedy = `raise hosts.spare of cluster set ${first.plan.name}`;
    if (machines > hosts) return `${where} has ${machines} machines then, and ${hosts} hosts: ${remedy}`;
    if (machines < hosts || !states.some((state) => state.isThere && needsSpare(step, state))) return undefined;
    return `${where} has ${hosts} hosts and a machine on each, and a machine that replaces another needs one more: ${remedy}, or replace machines without a surge (rollout)`;
  }
}

function described({ controlPlanes, kubernetesVersion, settings }: PlannedCluster) {
  return {
    isPaused: settings.options.paused ?? false,
    version: kubernetesVersion,
    controlPlanes,
    groups: new Map(settings.groups.map(({ name, replicas }) => [name, replicas])),
  };
}

function placeOf({ plan, cluster }: State): string {
  return `${plan.name} ${cluster.namespace}`;
}

function machinesOf({ controlPlanes, groups }: State): number {
  return [...groups.values()].reduce((sum, replicas) => sum + replicas, controlPlanes);
}

function problemBefore({ kind, props }: ResolvedStep, state: State): string | undefined {
  if (kind === 'create') {
    if (state.cluster.settings.options.paused !== true) return undefined;
    return `: ${nameOf(state)} is described as paused, so that it never becomes available: leave paused out, and add a step 'pause'`;
  }
  if (state.isPaused && kind !== 'unpause' && kind !== 'pause')
    return `: ${nameOf(state)} is paused by then, so that nothing happens to it: unpause it before`;
  if (kind === 'remediate') return remediationProblem(props, state);
  return kind === 'upgrade' ? versionProblem(props, state) : undefined;
}

function remediationProblem({ role }: RemediateStep, state: State): string | undefined {
  const { controlPlanes, groups, cluster } = state;
  const check = cluster.settings.options.healthCheck;
  if (role === 'workers' && [...groups.values()].every((replicas) => replicas === 0))
    return `: ${nameOf(state)} has no workers by then`;
  if (role === 'workers' || check === undefined || isRebooting(check) || controlPlanes >= 3) return undefined;
  return `: the control plane of ${nameOf(state)} has ${controlPlanes} machines by then, and Cluster API replaces one of 3 or more: scale it up before, or set healthCheck.remediation to reboot`;
}

function versionProblem({ version }: UpgradeStep, state: State): string | undefined {
  if (isAtLeast(state.version, version))
    return `.version: ${nameOf(state)} has ${state.version} by then, and ${version} is not newer`;
  const [major, minor = 0] = numbersOf(state.version);
  const [newMajor, newMinor = 0] = numbersOf(version);
  if (major === newMajor && newMinor - minor <= 1) return undefined;
  return `.version: ${nameOf(state)} has ${state.version} by then, and Kubernetes is upgraded by one minor version at a time: use one of v${major}.${minor + 1}`;
}

function numbersOf(version: string): readonly number[] {
  return version.slice(1).split('.').map(Number);
}

/** Whether a step replaces machines of a cluster, and makes each new one before the old one has gone. */
function needsSpare({ kind, props }: ResolvedStep, { cluster, groups, controlPlanes }: State): boolean {
  if (kind !== 'upgrade' && kind !== 'rollout') return false;
  const role = kind === 'rollout' ? props.role : undefined;
  const { rollout } = cluster.settings;
  const ofControlPlane = role !== 'workers' && ((rollout.controlPlaneMaxSurge ?? 1) === 1 || controlPlanes < 3);
  const hasWorkers = [...groups.values()].some((replicas) => replicas > 0);
  const ofWorkers = role !== 'controlPlane' && hasWorkers && isNothing(rollout.maxUnavailable ?? 0);
  return ofControlPlane || ofWorkers;
}

function isNothing(numberOrShare: number | string): boolean {
  return Number.parseInt(String(numberOrShare), 10) === 0;
}

function change({ kind, props }: ResolvedStep, state: State): void {
  switch (kind) {
    case 'create':
    case 'churn':
      Object.assign(state, { isThere: true, ...described(state.cluster) });
      break;
    case 'delete':
    case 'move':
      state.isThere = false;
      break;
    case 'pause':
    case 'unpause':
      state.isPaused = kind === 'pause';
      break;
    case 'upgrade':
      state.version = props.version;
      break;
    case 'scaleControlPlane':
      state.controlPlanes = props.replicas;
      break;
    case 'scaleWorkers':
      scaleWorkers(props, state);
      break;
    default:
  }
}

function scaleWorkers({ replicas, machineDeployment }: ScaleWorkersStep, { groups }: State): void {
  for (const name of groups.keys())
    if (machineDeployment === undefined || machineDeployment === name) groups.set(name, replicas);
}

function firstOf<T>(items: Iterable<T>, problemOf: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = problemOf(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
