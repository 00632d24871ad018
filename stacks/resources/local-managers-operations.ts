/** What `LocalManagers` does, in the process that Pulumi runs it in. */
import { invalidInput } from '../../lib/errors';
import { clusterManagers } from '../../lib/testbed/cluster-api';
import { componentsOf } from '../../lib/testbed/components';
import { resolveTestbed, type TestbedProps } from '../../lib/testbed/resolve';
import { Applier } from '../../src/apply/apply';
import { deleteApplySetParent, finalizeNamespaces } from '../../src/apply/remains';
import { findLocalCluster } from '../../src/cluster/local/local-cluster';
import { stateLayout } from '../../src/cluster/local/state';
import { install } from '../../src/install/install';
import { installationOfComponents } from '../../src/install/installation';
import type { PlatformStep } from '../../src/install/steps';
import { startWorkloadApi } from '../../src/managers/cluster-processes';
import { installBeside } from '../../src/managers/install-beside';
import { findManagers, managersOf } from '../../src/managers/manager-programs';
import { lockPrograms, programsLock } from '../../src/programs/programs-lock';
import { CLUSTER_PROCESSES, homesIn, processProblem, stopProcesses } from '../../src/simulators/process-folders';
import { WORKLOAD_API } from '../../src/simulators/workload-api-process';
import type { Listener } from '../../src/util/events';
import { FORGET_ADVICE, forgets, interrupted, say } from './engine';
import { ClusterGoneError, withCluster } from './fleet-cluster';
import type { OnClusterGone } from './fleet-state';
import { isSame } from './property-values';
import { partialSuccess, type CompleteProvider } from './provider-results';

interface Inputs extends Pick<TestbedProps, 'clusterApi'> {
  readonly folder: string;
  readonly forceConflicts?: boolean;
  readonly onClusterGone?: OnClusterGone;
  readonly timeoutSeconds?: number;
}

interface Outputs extends Inputs {
  /** The managers, each with the version of its program. */
  readonly managers: Readonly<Record<string, string>>;
  /** What is to run: the managers, and who answers for the API of clusters. */
  readonly processes: readonly string[];
}

/** The ApplySet of what the managers have on the cluster, which has one platform. */
const SET = { name: 'testbed-managers' };
const TIMEOUT_SECONDS = 300;

export const localManagers: CompleteProvider<Inputs, Outputs> = {
  check: (_, inputs) => Promise.resolve({ inputs }),

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

/** Without the cluster there is nothing to take care of, and what becomes of that is for others to say. */
async function areToBeStarted({ folder, processes }: Outputs): Promise<boolean> {
  if ((await findLocalCluster(folder)) === undefined) return false;
  const homes = homesIn(folder, CLUSTER_PROCESSES);
  if (processes.some((name) => !homes.some((home) => home.name === name))) return true;
  const problems = await Promise.all(homes.map(processProblem));
  return problems.some((problem) => problem !== undefined);
}

/** @param before what there is */
async function bringUp(inputs: Inputs, before?: Outputs): Promise<Outputs> {
  const { folder: stateDir, clusterApi, forceConflicts, timeoutSeconds = TIMEOUT_SECONDS } = inputs;
  const { kubeconfig } = stateLayout(stateDir);
  const testbed = resolveTestbed({ clusterApi, hostSets: [] });
  const installation = installationOfComponents(componentsOf(testbed).filter(({ needsPods }) => needsPods));
  const described = managersOf(installation);
  requireDescribed(
    before,
    described.map(({ component }) => component.name),
  );
  const lockFile = programsLock(stateDir, undefined);
  const at = { stateDir, kubeconfig, listener, signal: interrupted };
  const managers = await findManagers(described, { ...at, lockFile });
  await lockPrograms(
    lockFile,
    managers.map(({ program }) => program),
  );
  const hasWorkloadApi = clusterManagers(testbed.clusterApi).includes('workloadApi');
  const names = managers.map(({ component }) => component.name);
  const outs = {
    ...inputs,
    managers: Object.fromEntries(managers.map(({ build }) => [build.name, build.version])),
    processes: hasWorkloadApi ? [...names, WORKLOAD_API] : names,
  };
  return withCluster({ kubeconfig, signal: interrupted }, async ({ client }) => {
    const options = { set: SET, existing: 'update', forceConflicts, timeoutMs: timeoutSeconds * 1000 } as const;
    const carryOut = (steps: readonly PlatformStep[]) =>
      install(client, new Applier(client), steps, { ...options, listener, signal: interrupted });
    try {
      await installBeside({ installation, managers, at }, carryOut);
      if (hasWorkloadApi) await startWorkloadApi(at);
    } catch (error) {
      throw partialSuccess(error, 'the managers of Cluster API', outs);
    }
    return outs;
  });
}

const listener: Listener = (event) => {
  if (event.type === 'warning') say(event.detail);
};

/** @throws TestbedError (`invalid-input`) where clusters would lose what takes care of them */
function requireDescribed(before: Outputs | undefined, names: readonly string[]): void {
  const gone = Object.keys(before?.managers ?? {}).find((name) => !names.includes(name));
  if (gone === undefined) return;
  throw invalidInput(
    `clusterApi: the platform has ${gone}, which the description leaves out: describe it as before, or run 'pulumi destroy' for the platform first`,
  );
}

/** Deletes what the managers have on the cluster, and waits until it is gone. */
async function prune({ folder, onClusterGone = 'fail', timeoutSeconds = TIMEOUT_SECONDS }: Outputs): Promise<void> {
  if ((await findLocalCluster(folder)) === undefined) return;
  const { kubeconfig } = stateLayout(folder);
  try {
    await withCluster({ kubeconfig, what: 'managers', signal: interrupted }, async ({ client }) => {
      const run = await new Applier(client).begin({
        task: 'managers',
        set: SET,
        prune: true,
        pruneAll: true,
        pruneMs: timeoutSeconds * 1000,
        signal: interrupted,
      });
      try {
        await run.finish({ isHeld: true });
        await finalizeNamespaces(client, SET);
        await deleteApplySetParent(client, SET);
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
