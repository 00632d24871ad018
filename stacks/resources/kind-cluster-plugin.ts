/** What `KindCluster` does, in the process that Pulumi runs it in. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { dynamic } from '@pulumi/pulumi';
import { adoptKindCluster } from '../../src/cluster/kind/adopt';
import { DEFAULT_KIND_NAME, checkShape, type KindClusterShape } from '../../src/cluster/kind/config';
import { deleteKindCluster, findKindCluster, loadImages, startKindCluster } from '../../src/cluster/kind/kind-cluster';
import { stateHome } from '../../src/testbed/state';
import { readBoundedSync } from '../../src/util/read-bounded';
import { removeIfEmpty } from '../../src/util/remove-if-empty';
import { hasUnknowns, isSame } from './property-values';
import { partialSuccess, type CompleteProvider } from './provider-results';

interface Inputs extends KindClusterShape {
  readonly name: string;
  readonly loadImages?: readonly string[];
  readonly adopt?: boolean;
  readonly stateDir?: string;
  readonly timeoutSeconds?: number;
  /** Which resource this is, among all stacks. */
  readonly owner: string;
}

interface Outputs extends Inputs {
  readonly kubeconfig: string;
}

/** What kind cannot change: another value is another cluster. */
const FIXED = ['name', 'nodeImage', 'workers', 'ports', 'registryMirrors', 'stateDir', 'owner'] as const;

export const operations: CompleteProvider<Inputs, Outputs> = {
  check(_, news) {
    const inputs = { ...news, name: news.name ?? DEFAULT_KIND_NAME };
    return Promise.resolve({ inputs, failures: hasUnknowns(inputs) ? [] : failuresOf(inputs) });
  },

  async diff(_, olds, news) {
    const replaces: string[] = FIXED.filter((key) => !isSame(olds[key], news[key]));
    const found = await findKindCluster(stateDirOf(olds));
    const isGone = found === undefined || found.status === 'missing' || found.status === 'half-created';
    if (isGone && !replaces.includes('name')) replaces.push('name');
    const hasMore = !isSame(olds.loadImages ?? [], news.loadImages ?? []);
    return {
      changes: replaces.length > 0 || hasMore || found?.status === 'stopped',
      replaces,
      // Both have the folder, and most often the name.
      deleteBeforeReplace: true,
    };
  },

  async create(inputs) {
    if (inputs.adopt === true) await adoptKindCluster({ ...shapeOf(inputs), stateDir: stateDirOf(inputs) });
    return { id: inputs.name, outs: await bringUp(inputs) };
  },

  async read(id, props) {
    if (props === undefined) return { id: '' };
    const found = await findKindCluster(stateDirOf(props));
    if (found === undefined || found.status === 'missing' || found.status === 'half-created') return { id: '' };
    return { id, props: { ...props, ...kubeconfigIn(stateDirOf(props)) } };
  },

  async update(_, __, news) {
    return { outs: await bringUp(news) };
  },

  async delete(_, props) {
    const stateDir = stateDirOf(props);
    await deleteKindCluster(stateDir);
    // The folders of the stack and its project, where this was the last one in them.
    if (props.stateDir === undefined) for (const above of ['..', '../..']) removeIfEmpty(resolve(stateDir, above));
  },
};

/** Starts it, made or found, and loads its images. Once there is a cluster, what fails is recorded as half done. */
async function bringUp(inputs: Inputs): Promise<Outputs> {
  const stateDir = stateDirOf(inputs);
  try {
    const timeoutMs = inputs.timeoutSeconds === undefined ? {} : { timeoutMs: inputs.timeoutSeconds * 1000 };
    await startKindCluster({ ...shapeOf(inputs), ...timeoutMs, stateDir });
    await loadImages(stateDir, inputs.loadImages ?? []);
  } catch (error) {
    const status = (await findKindCluster(stateDir).catch(() => undefined))?.status;
    if (status !== 'running' && status !== 'stopped') throw error;
    throw partialSuccess(error, inputs.name, { ...inputs, ...kubeconfigIn(stateDir) });
  }
  return { ...inputs, kubeconfig: '', ...kubeconfigIn(stateDir) };
}

function failuresOf(inputs: Inputs): dynamic.CheckFailure[] {
  const failures: dynamic.CheckFailure[] = [];
  try {
    checkShape(inputs);
  } catch (error) {
    failures.push({ property: 'name', reason: (error as Error).message });
  }
  const { timeoutSeconds } = inputs;
  if (timeoutSeconds !== undefined && !(timeoutSeconds > 0))
    failures.push({
      property: 'timeoutSeconds',
      reason: `${timeoutSeconds} is not a valid time: give seconds above 0`,
    });
  return failures;
}

function shapeOf({ name, nodeImage, workers, ports, registryMirrors }: Inputs): KindClusterShape {
  return {
    name,
    nodeImage,
    workers,
    ports,
    registryMirrors,
  };
}

function stateDirOf({ stateDir, owner }: Inputs): string {
  return stateDir === undefined ? join(stateHome(), 'pulumi', owner) : resolve(stateDir);
}

function kubeconfigIn(stateDir: string): { readonly kubeconfig?: string } {
  const file = join(stateDir, 'kubeconfig');
  return existsSync(file) ? { kubeconfig: readBoundedSync(file).toString() } : {};
}
