import { TestbedError } from '../../../lib/errors';
import { API_SERVER } from '../../cluster/local/launch';
import { findLocalCluster, killProcess, startLocalCluster } from '../../cluster/local/local-cluster';
import { NO_OBJECTS, type ScenarioRun, type StepAction } from '../scenario-run';
import { pause } from '../../util/pause';
import { slowDown } from './slow';

export const slowApiServer: StepAction<'slowApiServer'> = async (step, run) => {
  await slowDown([await processOf(run)], { ...step.props, signal: run.signal });
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
