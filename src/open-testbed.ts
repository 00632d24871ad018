import { findLocalCluster } from './cluster/local/local-cluster';
import { KubernetesClient } from './kubernetes/client';
import { readKubeconfig } from './kubernetes/kubeconfig';
import { findSimulators } from './simulators';
import type { TestbedState } from './state';
import { requireState } from './state';
import { TestbedError } from '../lib/errors';

/** A testbed that `up` made, to talk to. */
export interface OpenTestbed {
  readonly state: TestbedState;
  readonly client: KubernetesClient;
  /** What does not run that should: one sentence each. */
  problems(): readonly string[];
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
      throw new TestbedError(
        'environment',
        `the control plane in ${stateDir} does not run${why}: run 'metal3-testbed up'`,
      );
    }
  }
  const client = new KubernetesClient(await readKubeconfig(state.kubeconfig, state.context));
  return {
    state,
    client,
    problems() {
      const all = findSimulators(stateDir);
      const stopped = all.filter(({ simulator }) => simulator === undefined);
      if (all.length > 0 && stopped.length === 0) return [];
      const logs = stopped.map(({ folder }) => folder).join(', ');
      return [
        `${all.length === 0 ? 'no simulator runs' : `a simulator has stopped (log in ${logs})`}, hosts stay as they are: run 'metal3-testbed up'`,
      ];
    },
    close: () => client.close(),
  };
}
