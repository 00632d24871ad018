import { rmSync } from 'node:fs';
import { forgetCluster } from '../apply/recorded-cluster';
import { forgetContext, requireSameCluster } from '../cluster/existing/existing-cluster';
import { deleteKindCluster } from '../cluster/kind/kind-cluster';
import { stopLocalCluster } from '../cluster/local/local-cluster';
import type { Listener, Operation } from '../util/events';
import { deleteDriver } from '../driver/delete-driver';
import { migrateInventory } from '../install/migrate-inventory';
import { uninstall } from '../install/uninstall';
import { KubernetesClient } from '../kubernetes/client';
import { readKubeconfig } from '../kubernetes/kubeconfig';
import { clusterProcessProblems } from '../managers/cluster-processes';
import { clusterProcessesOf, testbedCredentials } from './open-testbed';
import { openSimulators, simulatorProblem } from '../simulators/open';
import { CLUSTER_PROCESSES, stopProcesses, stopSimulators } from '../simulators/process-folders';
import { readState, stateFile, type TestbedState } from './state';
import { claimStateFolder, isTestbedFolder, releaseStateFolder } from './state-folder';
import { setsOf } from './sets';

export interface DownOptions extends Operation {
  /** Whether data, certificates and logs go as well, where a cluster can be stopped and gone on from. @default false */
  readonly delete?: boolean;
}

/**
 * `stopped`: its data stays, and `up` goes on from there. `deleted`: nothing of it is left. `nothing`: there was none, and
 * nothing was touched.
 */
export type DownResult = 'stopped' | 'deleted' | 'nothing';

/**
 * Ends a testbed. An embedded control plane is stopped. A kind cluster is deleted, and so is all of the testbed with it.
 * From a cluster that was there before, all is deleted that `up` put there, and nothing else.
 *
 * @throws TestbedError (`environment`, `cluster`, `timeout`) where something cannot be stopped or deleted; running it again
 * goes on
 */
export async function down(stateDir: string, options: DownOptions = {}): Promise<DownResult> {
  if (!isTestbedFolder(stateDir)) return 'nothing';
  const { listener, signal } = options;
  const state = readState(stateDir);
  const common = { listener, signal };
  // While the simulators still run: hosts are deleted by what simulates them.
  if (state?.cluster === 'existing') await moveOut(stateDir, state, options);
  const isGone = options.delete === true || state?.cluster === 'existing' || state?.cluster === 'kind';
  await stopProcesses(stateDir, CLUSTER_PROCESSES, { delete: isGone, listener });
  await stopSimulators(stateDir, { delete: isGone, listener });
  if (state !== undefined && state.cluster !== 'existing' && isGone) await forgetSets(stateDir, state);
  // The record goes last but for the cluster's own folder, so that an interrupted down can be run again.
  if (state?.cluster !== 'kind' && isGone) rmSync(stateFile(stateDir), { force: true });
  if (state?.cluster === 'existing') {
    forgetContext(stateDir);
    return release(stateDir, listener);
  }
  // A kind cluster may have been begun without its testbed being written down.
  const name = await deleteKindCluster(stateDir, common);
  if (name !== undefined || state?.cluster === 'kind') {
    rmSync(stateFile(stateDir), { force: true });
    return release(stateDir, listener);
  }
  const stopped = await stopLocalCluster(stateDir, { ...common, delete: options.delete === true });
  if (options.delete) return release(stateDir, listener);
  return stopped || state !== undefined ? 'stopped' : 'nothing';
}

/** The folder is nobody's then; what somebody else has put there stays. */
function release(stateDir: string, listener: Listener | undefined): DownResult {
  warnOfKept(stateDir, releaseStateFolder(stateDir), listener);
  return 'deleted';
}

/** Says that a folder is still there. @param left what is in it */
export function warnOfKept(stateDir: string, left: readonly string[], listener: Listener | undefined): void {
  if (left.length === 0) return;
  const shown = `${left.slice(0, 3).join(', ')}${left.length > 3 ? ', …' : ''}`;
  listener?.({
    type: 'warning',
    task: 'state folder',
    detail: `${stateDir} was kept, since it holds other files: ${shown}`,
  });
}

/** What was applied to the cluster besides is gone with it. */
async function forgetSets(stateDir: string, { kubeconfig, context }: TestbedState): Promise<void> {
  // Without a kubeconfig there is nothing that would be found again either.
  const credentials = await readKubeconfig(kubeconfig, context).catch(() => undefined);
  if (credentials !== undefined) forgetCluster(stateDir, credentials.server);
}

async function moveOut(stateDir: string, state: TestbedState, options: DownOptions): Promise<void> {
  const { listener, signal } = options;
  const client = new KubernetesClient(await testbedCredentials(stateDir, state));
  try {
    await requireSameCluster(client, state.clusterId);
    const id = claimStateFolder(stateDir);
    const sets = setsOf(state.cluster, id);
    // It would make anew what goes.
    await deleteDriver(client, id);
    await migrateInventory(client, stateDir, sets, signal);
    await uninstall(client, sets, {
      simulatorProblem: () => simulatorProblem(openSimulators(client, stateDir, state)),
      controllersProblem: async () => (await clusterProcessProblems(stateDir, clusterProcessesOf(state)))[0],
      listener,
      signal,
    });
  } finally {
    await client.close();
  }
}
