/** What `LocalCluster` does, in the process that Pulumi runs it in. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { invalidInput } from '../../lib/errors';
import { findLocalCluster, startLocalCluster, stopLocalCluster } from '../../src/cluster/local/local-cluster';
import { stateLayout } from '../../src/cluster/local/state';
import { CLUSTER_PROCESSES, stopProcesses, stopSimulators } from '../../src/simulators/process-folders';
import { claimStateFolder, isTestbedFolder, releaseStateFolder } from '../../src/testbed/state-folder';
import { writeFileAtomicSync } from '../../src/util/atomic-file';
import { readBoundedSync } from '../../src/util/read-bounded';
import { readJsonFile } from '../../src/util/read-json-file';
import { LOCAL_CLUSTER } from './cluster-schemas';
import { interrupted } from './engine';
import { isSame } from './property-values';
import { partialSuccess, type CompleteProvider } from './provider-results';
import { failuresOf, requireArguments } from './require-arguments';
import { argumentsOf, removeEmptyAbove, stateDirOf, withOwner, type OwnedFolder } from './state-dir';

interface Inputs extends OwnedFolder {
  readonly controllerManager?: boolean;
  readonly timeoutSeconds?: number;
}

interface Outputs extends Inputs {
  readonly kubeconfig: string;
  /** The folder, by its full path. */
  readonly folder: string;
  readonly hasControllers: boolean;
}

/** What a running control plane cannot change. */
const FIXED = ['stateDir', 'owner'] as const;

export const localCluster: CompleteProvider<Inputs, Outputs> = {
  check(olds, news) {
    const inputs = withOwner(olds, news);
    const failures = failuresOf(() =>
      requireArguments(`LocalCluster ${inputs.owner}`, LOCAL_CLUSTER, argumentsOf(inputs)),
    );
    return Promise.resolve({ inputs, failures });
  },

  async diff(_, olds, news) {
    const replaces: string[] = FIXED.filter((key) => !isSame(olds[key], news[key]));
    const found = await findLocalCluster(stateDirOf(olds));
    // Nothing of it is left, so that it is another one that comes.
    if (found === undefined && !replaces.includes('stateDir')) replaces.push('stateDir');
    const isToStart = found !== undefined && (found.status !== 'running' || found.problems.length > 0);
    const isToChange = !isSame(olds.controllerManager, news.controllerManager);
    return { changes: replaces.length > 0 || isToStart || isToChange, replaces, deleteBeforeReplace: true };
  },

  async create(inputs) {
    const dir = stateDirOf(inputs);
    claim(dir, inputs.owner);
    return { id: dir, outs: await bringUp(inputs) };
  },

  async read(id, props) {
    if (props?.folder === undefined || (await findLocalCluster(stateDirOf(props))) === undefined) return { id: '' };
    return { id, props: { ...props, ...(await asFound(props)) } };
  },

  async update(_, __, news) {
    return { outs: await bringUp(news) };
  },

  async delete(_, props) {
    const dir = stateDirOf(props);
    // Somebody else's by now.
    if (existsSync(dir) && ownerOf(dir) !== props.owner) return;
    await stopSimulators(dir, { delete: true });
    await stopProcesses(dir, CLUSTER_PROCESSES, { delete: true });
    await stopLocalCluster(dir, { delete: true, signal: interrupted });
    rmSync(ownerFile(dir), { force: true });
    if (existsSync(dir)) releaseStateFolder(dir);
    removeEmptyAbove(props);
  },
};

/** Starts it, made or found. Once there is one, what fails is recorded as half done. */
async function bringUp(inputs: Inputs): Promise<Outputs> {
  const stateDir = stateDirOf(inputs);
  const { controllerManager, timeoutSeconds } = inputs;
  try {
    await startLocalCluster({ stateDir, controllerManager, timeoutSeconds, signal: interrupted });
    return await asFound(inputs);
  } catch (error) {
    const found = await findLocalCluster(stateDir).catch(() => undefined);
    if (found === undefined) throw error;
    throw partialSuccess(error, stateDir, await asFound(inputs));
  }
}

async function asFound(inputs: Inputs): Promise<Outputs> {
  const folder = stateDirOf(inputs);
  const found = await findLocalCluster(folder);
  const { kubeconfig } = stateLayout(folder);
  return {
    ...inputs,
    folder,
    kubeconfig: existsSync(kubeconfig) ? readBoundedSync(kubeconfig).toString() : '',
    hasControllers: found?.controllerManager ?? false,
  };
}

/** @throws TestbedError (`invalid-input`) for a folder that holds something else */
function claim(dir: string, owner: string): void {
  if (existsSync(dir) && isTestbedFolder(dir) && ownerOf(dir) !== owner)
    throw invalidInput(
      `stateDir ${dir} holds a testbed that this resource has not made: name another folder; to use the cluster of that testbed as it is, take cluster 'existing' with its kubeconfig ${stateLayout(dir).kubeconfig} and context metal3-testbed`,
    );
  claimStateFolder(dir);
  writeFileAtomicSync(ownerFile(dir), `${JSON.stringify({ owner })}\n`);
}

/** @returns undefined where no resource has made what the folder holds */
function ownerOf(dir: string): unknown {
  return (readJsonFile(ownerFile(dir)) as { readonly owner?: unknown } | null | undefined)?.owner;
}

function ownerFile(dir: string): string {
  return join(dir, 'pulumi.json');
}
