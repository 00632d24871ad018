/** Faults of the API of workload clusters. */
import { selectClusters } from '../../../lib/scenario/select-clusters';
import { kindOfFault } from '../../../lib/scenario/workload-api-faults';
import { pause } from '../../util/pause';
import { waitFor } from '../../util/wait-for';
import { NO_OBJECTS, type ScenarioRun, type StepAction } from '../scenario-run';
import { faultPlace } from './fault-place';

/** How long a fault may take until it is in force; its time begins then. */
const BEGIN_MS = 60_000;

/**
 * Writes a fault down where the API of workload clusters finds it, and takes it away at its end. Should the run be killed in
 * between, it ends at its time all the same.
 */
export const workloadApiFault: StepAction<'workloadApiFault'> = async ({ props, name }, run) => {
  const { stateDir, live, signal } = run;
  const { clusterSets, clusters, share, forSeconds, ...fault } = props;
  const selected = [...selectClusters(live.testbed.clusterSets, { clusterSets, clusters, share })];
  const place = faultPlace(stateDir, live);
  const lasts = forSeconds * 1000;
  const planned = {
    fault,
    clusters: selected.map(({ cluster }) => `${cluster.namespace}/${cluster.name}`),
    seed: `${name} ${kindOfFault(fault)}`,
  };
  const id = await place.write({ ...planned, until: Date.now() + BEGIN_MS + lasts });
  try {
    await waitFor({ task: name, deadlineMs: BEGIN_MS, signal }, () => place.whyNot(id));
    // From now on, also for a process that is started again.
    await place.write({ ...planned, until: Date.now() + lasts }, id);
    await Promise.all([pause(lasts, signal), place.whyNot(id)]);
  } finally {
    await place.remove(id);
  }
  return NO_OBJECTS;
};

/** Takes away what runs that were killed have left. */
export async function endFaults({ stateDir, live }: Pick<ScenarioRun, 'stateDir' | 'live'>): Promise<void> {
  const place = faultPlace(stateDir, live);
  await place.remove(...(await place.ids()));
}
