/** What is wrong with a step in itself, whatever comes before it. */
import type { Fleet } from '../kinds/bare-metal-host/fleet';
import { fewestProblems } from '../kinds/bare-metal-host/host-rules';
import { imageProblems } from '../kinds/bare-metal-host/image-rules';
import { parseIndexes } from '../kinds/bare-metal-host/indexes';
import { resolveFailures } from '../kinds/bare-metal-host/stages/failures';
import type { ClusterPlan } from '../kinds/cluster/cluster-plan';
import { TestbedError } from '../errors';
import { clusterStepProblems, isClusterStep } from './cluster-step-problems';
import { isForAll, selectClusters, selectsClusters } from './select-clusters';
import { selectHosts } from './select-hosts';
import type { ClusterSelection, HostOrClusterSelection, HostSelection } from './selections';
import { faultProblems } from './workload-api-faults';
import type { ClusterManager, ProvisionStep, StepKind, StepKinds } from './steps';

/** The description that a scenario is of. */
export interface Described {
  /** The host sets, which steps select hosts from. */
  readonly fleets: readonly Fleet[];
  /** The cluster sets, which steps select clusters from. */
  readonly clusterSets: readonly ClusterPlan[];
  /** What takes care of clusters. */
  readonly managers: readonly ClusterManager[];
  /** How many operators there are. */
  readonly operators: number;
  /** Of the operators; [] where they are not known. */
  readonly releases: readonly string[];
}

/** Kinds of steps that select hosts. */
const HOST_STEPS: ReadonlySet<StepKind> = new Set([
  ...(['enroll', 'provision', 'deprovision', 'powerOn', 'powerOff', 'reboot', 'detach', 'attach'] as const),
  ...(['pause', 'unpause', 'delete', 'churn', 'takeCredentials', 'giveCredentials'] as const),
]);

/** @returns each problem, with the path of what has it */
export function stepProblems<K extends StepKind>(
  kind: K,
  props: StepKinds[K],
  path: string,
  described: Described,
): string[] {
  const { fleets, clusterSets, operators, releases } = described;
  if (isClusterStep(kind)) {
    const problems = clusterSelectionProblems(props as ClusterSelection, path, clusterSets);
    return problems.length > 0 ? problems : clusterStepProblems(kind, props as never, path, clusterSets);
  }
  if (HOST_STEPS.has(kind)) {
    const selection = props as HostOrClusterSelection;
    const hosts = (['hosts', 'hostSets'] as const).find((key) => selection[key] !== undefined);
    if (hosts !== undefined && selectsClusters(selection))
      return [`${path}: is for hosts (${hosts}) or for clusters (clusters, clusterSets): make two steps of it`];
    if (selectsClusters(selection)) return clusterSelectionProblems(selection, path, clusterSets);
    const problems = selectionProblems(selection, path, fleets);
    if (kind === 'provision') problems.push(...stepImageProblems(props as ProvisionStep, `${path}.image`, releases));
    return problems;
  }
  if (kind === 'failHosts') {
    const problem = messageOf(() => resolveFailures((props as StepKinds['failHosts']).failures));
    return problem === undefined ? [] : [`${path}.failures: ${problem}`];
  }
  if (kind === 'workloadApiFault') return faultStepProblems(props as StepKinds['workloadApiFault'], path, described);
  if (kind === 'killManager' || kind === 'slowManager') {
    const { manager } = props as StepKinds['killManager'];
    const { stoppedShare } = props as Partial<StepKinds['slowManager']>;
    return [
      ...managerProblems(manager, path, described.managers),
      ...(stoppedShare === 0 ? [`${path}.stoppedShare: must be above 0; given 0`] : []),
    ];
  }
  if (kind === 'slowApiServer' && (props as StepKinds['slowApiServer']).stoppedShare === 0)
    return [`${path}.stoppedShare: must be above 0; given 0`];
  const { operator } = props as StepKinds['killOperator'];
  if (kind === 'killOperator' && operator !== undefined && operator > operators)
    return [`${path}.operator: must be from 1 to ${operators}, the operators of the description; given ${operator}`];
  return [];
}

function faultStepProblems(
  step: StepKinds['workloadApiFault'],
  path: string,
  { clusterSets, managers }: Described,
): string[] {
  const problems = [
    ...clusterSelectionProblems(step, path, clusterSets),
    ...faultProblems(step, path),
    ...(step.forSeconds === 0 ? [`${path}.forSeconds: must be above 0; given 0`] : []),
  ];
  if (problems.length > 0) return problems;
  if (!managers.includes('workloadApi'))
    return [`${path}: needs the API of workload clusters, which a testbed has that has all of clusterApi itself`];
  if (step.etcd === undefined && step.expiredCertificate !== 'etcd') return [];
  for (const { cluster } of selectClusters(clusterSets, { ...step, share: 1 }))
    if (cluster.settings.etcd === 'external')
      return [
        `${path}: is for the etcd of clusters, and that of ${cluster.name} is external: select clusters whose etcd is stacked`,
      ];
  return [];
}

function managerProblems(
  manager: ClusterManager | undefined,
  path: string,
  managers: readonly ClusterManager[],
): string[] {
  if (managers.length === 0)
    return [`${path}: is for managers of clusters, and the description has none: give clusterApi or clusterSets`];
  if (manager === undefined || managers.includes(manager)) return [];
  return [`${path}.manager: the description has no ${manager}: use ${managers.join(', ')}`];
}

/** Of releases that are not known, it is enough if one takes the image. */
function stepImageProblems({ image }: ProvisionStep, path: string, releases: readonly string[]): readonly string[] {
  if (image === undefined) return [];
  const problemsOf = (release: string) => imageProblems(image, release, path);
  return releases.length === 0 ? fewestProblems(problemsOf) : [...new Set(releases.flatMap(problemsOf))];
}

function selectionProblems(selection: HostSelection, path: string, fleets: readonly Fleet[]): string[] {
  const { hostSets = [], hosts } = selection;
  const problems = [
    ...unknownSets(hostSets, fleets, `${path}.hostSets`, 'host set'),
    ...indexProblems(hosts, path, 'hosts'),
    ...amountProblems(selection, path),
  ];
  if (problems.length === 0 && selectHosts(fleets, { ...selection, share: 1 }).next().done === true)
    problems.push(`${path}: selects no host of the description`);
  return problems;
}

/** @returns each problem of what a step says of the clusters that it is for */
export function clusterSelectionProblems(
  selection: ClusterSelection,
  path: string,
  plans: readonly ClusterPlan[],
): string[] {
  const { clusterSets = [], clusters } = selection;
  if (plans.length === 0) return [`${path}: is for clusters, and the description has none: give clusterSets`];
  const problems = [
    ...unknownSets(clusterSets, plans, `${path}.clusterSets`, 'cluster set'),
    ...(isForAll(clusters) ? [] : indexProblems(clusters, path, 'clusters')),
    ...amountProblems(selection, path),
  ];
  if (problems.length === 0 && selectClusters(plans, { ...selection, share: 1 }).next().done === true)
    problems.push(`${path}: selects no cluster of the description`);
  return problems;
}

function unknownSets(
  names: readonly string[],
  sets: readonly { readonly name: string }[],
  path: string,
  what: string,
): string[] {
  const known = sets.map(({ name }) => name);
  return names.flatMap((name, i) =>
    known.includes(name)
      ? []
      : [`${path}[${i}]: '${name}' is not a ${what} of the description: use ${known.join(', ')}`],
  );
}

function indexProblems(indexes: string | number | undefined, path: string, what: string): string[] {
  const problem = indexes === undefined ? undefined : messageOf(() => parseIndexes(indexes, what));
  return problem === undefined ? [] : [`${path}.${what}: ${problem}`];
}

function amountProblems(selection: Pick<HostSelection, 'perSecond' | 'share'>, path: string): string[] {
  return (['share', 'perSecond'] as const)
    .filter((key) => selection[key] === 0)
    .map((key) => `${path}.${key}: must be above 0; given 0`);
}

function messageOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof TestbedError) return error.message;
    throw error;
  }
}
