import { findLocalCluster } from './cluster/local/local-cluster';
import { KubernetesClient } from './kubernetes/client';
import { readKubeconfig } from './kubernetes/kubeconfig';
import { findSimulators } from './simulator';
import type { TestbedState } from './state';
import { requireState } from './state';
import { TestbedError } from '../lib/errors';

/** A testbed that `up` made, to talk to. */
export interface OpenTestbed {
  readonly state: TestbedState;
  readonly client: KubernetesClient;
  /** What does not run that should: one sentence each. */
  problems(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/**
 * @throws TestbedError (`environment`) where there is no testbed in the folder, or its control plane does not run
 */
export async function openTestbed(stateDir: string): Promise<OpenTestbed> {
  const state = requireState(stateDir);
  if (state.cluster === 'local') {
    const cluster = await findLocalCluster(stateDir);
    if (cluster?.status !== 'running') {
      const why = cluster === undefined ? '' : ` (${cluster.reasons.join('; ')})`;
      throw new TestbedError('environment', `the control plane in ${stateDir} does not run${why}: run 'metal3-testbed up'`);
    }
  }
  const client = new KubernetesClient(await readKubeconfig(state.kubeconfig, state.context));
  return {
    state,
    client,
    async problems() {
      const simulators = await findSimulators(stateDir);
      if (simulators.length > 0) return simulators.flatMap(({ name, isRunning, logFile }) => (isRunning ? [] : [`${name} has stopped, hosts stay as they are (log: ${logFile}): run 'metal3-testbed up'`]));
      return ["no simulator runs, hosts stay as they are: run 'metal3-testbed up'"];
    },
    close: () => client.close(),
  };
}
