/** The steps that change how many machines clusters have. */
import type { ObservedCluster } from '../../../lib/kinds/cluster/kind';
import { isWell } from '../../../lib/kinds/cluster/well';
import type { PlannedCluster } from '../../../lib/kinds/cluster/cluster-plan';
import { ignoreNotFound } from '../../kubernetes/ignore-not-found';
import { keyOf } from '../../scenario/arrivals';
import { sendChange } from '../../scenario/change-objects';
import type { ScenarioRun, StepAction } from '../../scenario/scenario-run';
import { bySelected, changeClusters, selectedClusters } from './change-clusters';
import { controlPlanePath, machineDeploymentPath } from './parts';
import { changeTopology, inGroups, type Topology } from './topology';

const GOAL = { field: 'well', word: 'scaled' } as const;

export const scaleControlPlane: StepAction<'scaleControlPlane'> = (step, run) => {
  const { replicas } = step.props;
  const clusters = selectedClusters(step.props, run);
  const selected = bySelected(clusters);
  return changeClusters(
    step,
    clusters,
    {
      goal: GOAL,
      request: (target, onRetry) => {
        if (selected(target).plan.props.clusterClass === undefined)
          return sendChange(run, controlPlanePath(target), { spec: { replicas } }, onRetry);
        const operation = { op: 'add', path: '/controlPlane/replicas', value: replicas } as const;
        return changeTopology(run, target, () => [operation], onRetry);
      },
      isThere: (cluster) => cluster !== undefined && cluster.controlPlane.desired === replicas && isWell(cluster),
    },
    run,
  );
};

export const scaleWorkers: StepAction<'scaleWorkers'> = (step, run) => {
  const { replicas, machineDeployment } = step.props;
  const clusters = selectedClusters(step.props, run);
  const selected = bySelected(clusters);
  /** How many workers each cluster is to have in all. */
  const wanted = new Map<string, number>();
  const isThere = (cluster: ObservedCluster | undefined) =>
    cluster !== undefined && cluster.workers.desired === wanted.get(keyOf(cluster)) && isWell(cluster);
  return changeClusters(
    step,
    clusters,
    {
      goal: GOAL,
      request: async (target, onRetry) => {
        const { plan, cluster } = selected(target);
        const isWanted = (name: string) => machineDeployment === undefined || machineDeployment === name;
        const groups = cluster.settings.groups.filter(({ name }) => isWanted(name));
        const want = (others: number) => wanted.set(keyOf(target), others + groups.length * replicas);
        if (plan.props.clusterClass === undefined) {
          want(await replicasBut(cluster, isWanted, run));
          for (const { name } of groups)
            await sendChange(run, machineDeploymentPath(target, name), { spec: { replicas } }, onRetry);
          return;
        }
        const operationsOf = (topology: Topology) => {
          const all = topology.workers?.machineDeployments ?? [];
          want(all.filter(({ name }) => !isWanted(name)).reduce((sum, each) => sum + (each.replicas ?? 1), 0));
          return inGroups(topology, isWanted, (_, path) => [{ op: 'add', path: `${path}/replicas`, value: replicas }]);
        };
        await changeTopology(run, target, operationsOf, onRetry);
      },
      isThere,
    },
    run,
  );
};

/** How many machines the groups of a cluster have that are left as they are. */
async function replicasBut(
  cluster: PlannedCluster,
  isWanted: (group: string) => boolean,
  { live, signal }: ScenarioRun,
): Promise<number> {
  let sum = 0;
  for (const { name, replicas } of cluster.settings.groups.filter((group) => !isWanted(group.name))) {
    const path = machineDeploymentPath(cluster, name);
    const found = await ignoreNotFound(live.client.request<MachineDeployment>('GET', path, { signal }));
    sum += found?.spec?.replicas ?? replicas;
  }
  return sum;
}

interface MachineDeployment {
  readonly spec?: { readonly replicas?: number };
}
