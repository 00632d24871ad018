import { TestbedError } from '../../../lib/errors';
import { API_SERVER } from '../../cluster/local/launch';
import { findLocalCluster, killProcess, startLocalCluster } from '../../cluster/local/local-cluster';
import { sendSignal } from '../../process/signal';
import { NO_OBJECTS, type ScenarioRun, type StepAction } from '../scenario-run';
import { pause } from '../../util/pause';

/** A slice of time, of which the API server stands still for a part: short to clients, long to a scheduler. */
const SLICE_MS = 100;

/** Stops and continues the API server's process, over and over. It runs on afterwards, whatever happens. */
export const slowApiServer: StepAction<'slowApiServer'> = async (step, run) => {
  const { stoppedShare, forSeconds } = step.props;
  const pid = await processOf(run);
  const end = performance.now() + forSeconds * 1000;
  try {
    while (performance.now() < end) {
      sendSignal(pid, 'SIGSTOP');
      await pause(SLICE_MS * stoppedShare, run.signal);
      sendSignal(pid, 'SIGCONT');
      await pause(SLICE_MS * (1 - stoppedShare), run.signal);
    }
  } finally {
    sendSignal(pid, 'SIGCONT');
  }
  return NO_OBJECTS;
};

/** Kills the API server, and starts it again on the same port and data. */
export const stopApiServer: StepAction<'stopApiServer'> = async (step, run) => {
  await processOf(run);
  await killProcess(run.stateDir, API_SERVER);
  try {
    await pause(step.props.forSeconds * 1000, run.signal);
  } finally {
    await startLocalCluster({ stateDir: run.stateDir });
  }
  return NO_OBJECTS;
};

async function processOf({ stateDir }: ScenarioRun): Promise<number> {
  const cluster = await findLocalCluster(stateDir);
  const found = cluster?.processes.find(({ name }) => name === API_SERVER);
  if (found === undefined)
    throw new TestbedError(
      'environment',
      `${API_SERVER} does not run in ${stateDir}: another step may have stopped it`,
    );
  return found.pid;
}
