import { findKindCluster } from './cluster/kind/kind-cluster';
import { findLocalCluster } from './cluster/local/local-cluster';
import { KubernetesClient } from './kubernetes/client';
import { readKubeconfig } from './kubernetes/kubeconfig';
import { playerProblem } from './player-problem';
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
  const stopped = await whyStopped(stateDir, state);
  if (stopped !== undefined) throw new TestbedError('environment', `${stopped}: run 'metal3-testbed up'`);
  const client = new KubernetesClient(await readKubeconfig(state.kubeconfig, state.context));
  return {
    state,
    client,
    async problems() {
      const problem = await playerProblem(client, stateDir, state);
      return problem === undefined ? [] : [`${problem}, hosts stay as they are: run 'metal3-testbed up'`];
    },
    close: () => client.close(),
  };
}

/** Of a cluster that the testbed does not own, only its API server can tell. */
async function whyStopped(stateDir: string, { cluster }: TestbedState): Promise<string | undefined> {
  if (cluster === 'kind') {
    const kind = await findKindCluster(stateDir);
    return kind?.status === 'running' ? undefined : `the kind cluster in ${stateDir} is ${kind?.status ?? 'missing'}`;
  }
  if (cluster !== 'local') return undefined;
  const local = await findLocalCluster(stateDir);
  if (local?.status === 'running') return undefined;
  const why = local === undefined ? '' : ` (${local.reasons.join('; ')})`;
  return `the control plane in ${stateDir} does not run${why}`;
}
