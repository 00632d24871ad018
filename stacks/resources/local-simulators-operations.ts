/** What `LocalSimulators` does, in the process that Pulumi runs it in. */
import { resolveTestbed, type TestbedProps } from '../../lib/testbed/resolve';
import { findLocalCluster } from '../../src/cluster/local/local-cluster';
import { stateLayout } from '../../src/cluster/local/state';
import { installationOf } from '../../src/install/installation';
import { KubernetesClient } from '../../src/kubernetes/client';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig';
import { lockPrograms, programsLock } from '../../src/programs/programs-lock';
import { chooseSimulators } from '../../src/simulators/choose';
import { nameOfSimulator, type SimulatorKind } from '../../src/simulators/names';
import { findSimulators, simulatorProblems, stopSimulators } from '../../src/simulators/process-folders';
import { interrupted, say } from './engine';
import { isSame } from './property-values';
import { partialSuccess, type CompleteProvider } from './provider-results';

interface Inputs extends Pick<TestbedProps, 'operators'> {
  readonly folder: string;
  readonly kind?: SimulatorKind;
  readonly stages?: TestbedProps['simulator'];
}

interface Outputs extends Inputs {
  /** What simulates the hosts, as it was decided. */
  readonly simulator: SimulatorKind;
  /** Which build of it. */
  readonly version: string;
}

export const localSimulators: CompleteProvider<Inputs, Outputs> = {
  check: (_, inputs) => Promise.resolve({ inputs }),

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

/** Without the cluster there is nothing to simulate, and what becomes of that is for others to say. */
async function areToBeStarted(folder: string): Promise<boolean> {
  if ((await findLocalCluster(folder)) === undefined) return false;
  return findSimulators(folder).length === 0 || (await simulatorProblems(folder)).length > 0;
}

/** @param recorded what the state is to say that was asked for */
async function start(inputs: Inputs, recorded = inputs): Promise<Outputs> {
  const { folder: stateDir, operators, stages, kind: simulator } = inputs;
  const { kubeconfig } = stateLayout(stateDir);
  const testbed = resolveTestbed({ operators, simulator: stages, hostSets: [] });
  const lockFile = programsLock(stateDir, undefined);
  const chosen = await chooseSimulators({
    testbed,
    lockFile,
    installation: installationOf(testbed),
    options: {
      simulator,
      cluster: { kind: 'local' },
      signal: interrupted,
      listener: (event) => {
        if (event.type === 'warning') say(event.detail);
      },
    },
  });
  const prepared = await chosen.prepare();
  await lockPrograms(lockFile, prepared.programs);
  const client = new KubernetesClient(await readKubeconfig(kubeconfig));
  try {
    const simulators = prepared.at({ client, kubeconfig, stateDir });
    const outs = { ...recorded, simulator: chosen.kind, version: await simulators.version() };
    try {
      await simulators.start();
    } catch (error) {
      throw partialSuccess(error, nameOfSimulator(chosen.kind), outs);
    }
    return outs;
  } finally {
    await client.close();
  }
}
