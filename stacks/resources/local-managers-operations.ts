/** What `LocalManagers` does, in the process that Pulumi runs it in. */
import { Applier } from '../../src/apply/apply';
import { deleteApplySetParent, finalizeNamespaces } from '../../src/apply/remains';
import { findLocalCluster } from '../../src/cluster/local/local-cluster';
import { stateLayout } from '../../src/cluster/local/state';
import { CLUSTER_PROCESSES, homesIn, processProblem, stopProcesses } from '../../src/simulators/process-folders';
import { withPeers } from '../../src/util/missing-peer';
import { FORGET_ADVICE, forgets, interrupted } from './engine';
import { ClusterGoneError, withCluster } from './fleet-cluster';
import {
  MANAGERS_SET,
  MANAGERS_TIMEOUT_SECONDS,
  type LocalManagersInputs,
  type LocalManagersOutputs,
} from './local-managers-state';
import { isSame } from './property-values';
import type { CompleteProvider } from './provider-results';
import { failuresOf } from './require-arguments';
import { requireManagers } from './require-beside';

export const localManagers: CompleteProvider<LocalManagersInputs, LocalManagersOutputs> = {
  check: (_, inputs) =>
    Promise.resolve({ inputs, failures: failuresOf(() => requireManagers('LocalManagers', inputs)) }),

  async diff(_, olds, news) {
    const replaces = isSame(olds.folder, news.folder) ? [] : ['folder'];
    const keys = ['clusterApi', 'forceConflicts', 'onClusterGone', 'timeoutSeconds'] as const;
    const isDifferent = keys.some((key) => !isSame(olds[key], news[key]));
    const changes = replaces.length > 0 || isDifferent || (await areToBeStarted(olds));
    return { changes, replaces, deleteBeforeReplace: true };
  },

  async create(inputs) {
    return { id: inputs.folder, outs: await bringUp(inputs) };
  },

  read(id, props) {
    const areThere = props !== undefined && homesIn(props.folder, CLUSTER_PROCESSES).length > 0;
    return Promise.resolve(areThere ? { id, props } : { id: '' });
  },

  async update(_, olds, news) {
    return { outs: await bringUp(news, olds) };
  },

  async delete(_, props) {
    const { folder } = props;
    // While they run: what they have yet to let go of goes.
    await prune(props);
    await stopProcesses(folder, CLUSTER_PROCESSES, { delete: true });
  },
};

/** What puts managers onto a cluster takes their objects from constructs. */
async function bringUp(inputs: LocalManagersInputs, before?: LocalManagersOutputs): Promise<LocalManagersOutputs> {
  const load = () => import('./local-managers-install.js');
  return (await withPeers('LocalManagers', load)).installManagers(inputs, before);
}

/** Without the cluster there is nothing to take care of, and what becomes of that is for others to say. */
async function areToBeStarted({ folder, processes }: LocalManagersOutputs): Promise<boolean> {
  if ((await findLocalCluster(folder)) === undefined) return false;
  const homes = homesIn(folder, CLUSTER_PROCESSES);
  if (processes.some((name) => !homes.some((home) => home.name === name))) return true;
  const problems = await Promise.all(homes.map(processProblem));
  return problems.some((problem) => problem !== undefined);
}

/** Deletes what the managers have on the cluster, and waits until it is gone. */
async function prune({
  folder,
  onClusterGone = 'fail',
  timeoutSeconds = MANAGERS_TIMEOUT_SECONDS,
}: LocalManagersOutputs): Promise<void> {
  if ((await findLocalCluster(folder)) === undefined) return;
  const { kubeconfig } = stateLayout(folder);
  try {
    await withCluster({ kubeconfig, what: 'managers', signal: interrupted }, async ({ client }) => {
      const run = await new Applier(client).begin({
        task: 'managers',
        set: MANAGERS_SET,
        prune: true,
        pruneAll: true,
        pruneMs: timeoutSeconds * 1000,
        signal: interrupted,
      });
      try {
        await run.finish({ isHeld: true });
        await finalizeNamespaces(client, MANAGERS_SET);
        await deleteApplySetParent(client, MANAGERS_SET);
      } finally {
        await run.end();
      }
    });
  } catch (error) {
    if (!(error instanceof ClusterGoneError)) throw error;
    if (forgets(onClusterGone)) return;
    throw new ClusterGoneError(`${error.message}; ${FORGET_ADVICE}`, { cause: error });
  }
}
