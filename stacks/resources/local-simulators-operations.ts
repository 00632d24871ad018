/** What `LocalSimulators` does, in the process that Pulumi runs it in. */
import { findLocalCluster } from '../../src/cluster/local/local-cluster';
import { findSimulators, simulatorProblems, stopSimulators } from '../../src/simulators/process-folders';
import { withPeers } from '../../src/util/missing-peer';
import type { LocalSimulatorsInputs, LocalSimulatorsOutputs } from './local-simulators-state';
import { isSame } from './property-values';
import type { CompleteProvider } from './provider-results';
import { failuresOf } from './require-arguments';
import { requireSimulators } from './require-beside';

export const localSimulators: CompleteProvider<LocalSimulatorsInputs, LocalSimulatorsOutputs> = {
  check: (_, inputs) =>
    Promise.resolve({ inputs, failures: failuresOf(() => requireSimulators('LocalSimulators', inputs)) }),

  async diff(_, olds, news) {
    const replaces = isSame(olds.folder, news.folder) ? [] : ['folder'];
    const keys = ['kind', 'operators', 'stages'] as const;
    const isDifferent = keys.some((key) => !isSame(olds[key], news[key]));
    const changes = replaces.length > 0 || isDifferent || (await areToBeStarted(olds.folder));
    return { changes, replaces, deleteBeforeReplace: true };
  },

  async create(inputs) {
    return { id: inputs.folder, outs: await start(inputs) };
  },

  read(id, props) {
    const areThere = props !== undefined && findSimulators(props.folder).length > 0;
    return Promise.resolve(areThere ? { id, props } : { id: '' });
  },

  async update(_, olds, news) {
    // What it was decided to be stays, unless somebody asks for another.
    return { outs: await start({ ...news, kind: news.kind ?? olds.simulator }, news) };
  },

  async delete(_, { folder }) {
    await stopSimulators(folder, { delete: true });
  },
};

/** What decides which they are looks at the platform, whose objects come of constructs. */
async function start(inputs: LocalSimulatorsInputs, recorded = inputs): Promise<LocalSimulatorsOutputs> {
  const load = () => import('./local-simulators-start.js');
  return (await withPeers('LocalSimulators', load)).startSimulators(inputs, recorded);
}

/** Without the cluster there is nothing to simulate, and what becomes of that is for others to say. */
async function areToBeStarted(folder: string): Promise<boolean> {
  if ((await findLocalCluster(folder)) === undefined) return false;
  return findSimulators(folder).length === 0 || (await simulatorProblems(folder)).length > 0;
}
