/** Faults of the API of workload clusters. */
import { existsSync } from 'node:fs';
import { selectClusters } from '../../../lib/scenario/select-clusters';
import { kindOfFault } from '../../../lib/scenario/workload-api-faults';
import { processFolder } from '../../managers/ports';
import { findProcess } from '../../simulators/background-process';
import { faultIds, removeFault, writeFault } from '../../simulators/workload-api/fault-files';
import { faultsInForce, WORKLOAD_API } from '../../simulators/workload-api-process';
import { pause } from '../../util/pause';
import { waitFor } from '../../util/wait-for';
import { NO_OBJECTS, type StepAction } from '../scenario-run';

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
  const folder = processFolder(stateDir, WORKLOAD_API);
  const lasts = forSeconds * 1000;
  const planned = {
    fault,
    clusters: selected.map(({ cluster }) => `${cluster.namespace}/${cluster.name}`),
    seed: `${name} ${kindOfFault(fault)}`,
  };
  const id = writeFault(folder, { ...planned, until: Date.now() + BEGIN_MS + lasts });
  try {
    await waitFor({ task: name, deadlineMs: BEGIN_MS, signal }, () => whyNot(stateDir, id));
    // From now on, also for a process that is started again.
    writeFault(folder, { ...planned, until: Date.now() + lasts }, id);
    await Promise.all([pause(lasts, signal), whyNot(stateDir, id)]);
  } finally {
    removeFault(folder, id);
    const running = findProcess(folder, WORKLOAD_API);
    // Where it does not answer, it is over at its time.
    if (running !== undefined) await faultsInForce(running.readyUrl);
  }
  return NO_OBJECTS;
};

/** Takes away what runs that were killed have left. */
export async function endFaults(stateDir: string): Promise<void> {
  const folder = processFolder(stateDir, WORKLOAD_API);
  if (!existsSync(folder)) return;
  const ids = faultIds(folder);
  for (const id of ids) removeFault(folder, id);
  const running = findProcess(folder, WORKLOAD_API);
  if (ids.length > 0 && running !== undefined) await faultsInForce(running.readyUrl);
}

async function whyNot(stateDir: string, id: string): Promise<string | undefined> {
  const folder = processFolder(stateDir, WORKLOAD_API);
  const running = findProcess(folder, WORKLOAD_API);
  if (running === undefined) return 'the API of workload clusters does not run';
  const inForce = await faultsInForce(running.readyUrl);
  return inForce?.includes(id) ? undefined : 'the API of workload clusters does not say that it is in force';
}
