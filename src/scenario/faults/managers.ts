/** What takes care of clusters, killed or slowed down. */
import { TestbedError } from '../../../lib/errors';
import type { ClusterManager } from '../../../lib/scenario/steps';
import { workloadApiNamespace } from '../../../lib/components/simulators/workload-api-address';
import { clusterManagers, componentOfPart } from '../../../lib/testbed/cluster-api';
import { deploymentsWithContainer } from '../../../lib/upstream';
import { installationOf } from '../../install/installation';
import { processFolder } from '../../managers/ports';
import { findProcess, resumeProcess, stopProcess } from '../../simulators/background-process';
import { killDeployment, killStatefulSet } from '../../simulators/in-cluster';
import { WORKLOAD_API } from '../../simulators/workload-api-process';
import { pause } from '../../util/pause';
import { NO_OBJECTS, type ScenarioRun, type StepAction } from '../scenario-run';
import { slowDown } from './slow';

/** Kills managers, and waits until they are at work again. */
export const killManager: StepAction<'killManager'> = async ({ props, timeoutMs }, run) => {
  const options = { downMs: (props.downSeconds ?? 0) * 1000, timeoutMs };
  const each = meant(props.manager, run).map((manager) =>
    isProcess(manager, run) ? killProcess(manager, options, run) : killPods(manager, options, run),
  );
  // All are back before a failure is told.
  for (const end of await Promise.allSettled(each)) if (end.status === 'rejected') throw end.reason;
  return NO_OBJECTS;
};

export const slowManager: StepAction<'slowManager'> = async ({ props }, run) => {
  const pids = meant(props.manager, run).map((manager) => runningOf(manager, run).pid);
  await slowDown(pids, { ...props, signal: run.signal });
  return NO_OBJECTS;
};

function meant(manager: ClusterManager | undefined, { live }: ScenarioRun): readonly ClusterManager[] {
  return manager === undefined ? clusterManagers(live.testbed.clusterApi) : [manager];
}

/** Managers are pods where there are pods; the API of workload clusters is one where it is described as such. */
function isProcess(manager: ClusterManager, { live }: ScenarioRun): boolean {
  return manager === 'workloadApi' ? live.testbed.workloadApi === undefined : live.cluster === 'local';
}

function nameOf(manager: ClusterManager): string {
  return manager === 'workloadApi' ? WORKLOAD_API : componentOfPart(manager);
}

function runningOf(manager: ClusterManager, { stateDir }: ScenarioRun) {
  const name = nameOf(manager);
  const running = findProcess(processFolder(stateDir, name), name);
  if (running === undefined)
    throw new TestbedError('environment', `${name} does not run in ${stateDir}: another step may have stopped it`);
  return running;
}

interface KillOptions {
  readonly downMs: number;
  readonly timeoutMs: number;
}

async function killProcess(manager: ClusterManager, { downMs, timeoutMs }: KillOptions, run: ScenarioRun) {
  const name = nameOf(manager);
  runningOf(manager, run);
  const folder = processFolder(run.stateDir, name);
  // Meant to be down, so that nobody starts it again before its time.
  await stopProcess(folder, { graceMs: 0 }, name);
  try {
    await pause(downMs, run.signal);
  } finally {
    // Also where the run is interrupted.
    await resumeProcess(folder, { timeoutMs }, name);
  }
}

async function killPods(
  manager: ClusterManager,
  { downMs, timeoutMs: deadlineMs }: KillOptions,
  { live, listener, signal }: ScenarioRun,
): Promise<void> {
  const name = nameOf(manager);
  const options = { downMs, deadlineMs, task: name, listener, signal };
  const { workloadApi } = live.testbed;
  if (manager === 'workloadApi') {
    await killStatefulSet(live.client, { namespace: workloadApiNamespace(workloadApi ?? {}), name }, options);
    return;
  }
  const { objects = [] } = installationOf(live.testbed).components.find((each) => each.component.name === name) ?? {};
  // Of several each is killed before one of them is waited for.
  await Promise.all(
    deploymentsWithContainer(objects, 'manager').map(({ metadata }) =>
      killDeployment(live.client, { namespace: metadata.namespace ?? '', name: metadata.name }, options),
    ),
  );
}
