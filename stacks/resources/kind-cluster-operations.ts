/** What `KindCluster` does, in the process that Pulumi runs it in. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { adoptKindCluster } from '../../src/cluster/kind/adopt';
import { DEFAULT_KIND_NAME, checkShape, type KindClusterShape } from '../../src/cluster/kind/config';
import { deleteKindCluster, findKindCluster, loadImages, startKindCluster } from '../../src/cluster/kind/kind-cluster';
import { readBoundedSync } from '../../src/util/read-bounded';
import { KIND_CLUSTER } from './cluster-schemas';
import { interrupted } from './engine';
import { hasUnknowns, isSame } from './property-values';
import { partialSuccess, type CompleteProvider } from './provider-results';
import { failuresOf, requireArguments } from './require-arguments';
import { argumentsOf, removeEmptyAbove, stateDirOf, withOwner, type OwnedFolder } from './state-dir';

interface Inputs extends KindClusterShape, OwnedFolder {
  readonly name: string;
  readonly loadImages?: readonly string[];
  readonly adopt?: boolean;
  readonly timeoutSeconds?: number;
}

interface Outputs extends Inputs {
  readonly kubeconfig: string;
}

/** What kind cannot change: another value is another cluster. */
const FIXED = ['name', 'nodeImage', 'workers', 'ports', 'registryMirrors', 'stateDir', 'owner'] as const;

export const kindCluster: CompleteProvider<Inputs, Outputs> = {
  check(olds, news) {
    const inputs = { ...withOwner(olds, news), name: news.name ?? DEFAULT_KIND_NAME };
    const failures = failuresOf(() => {
      requireArguments(`KindCluster ${inputs.owner}`, KIND_CLUSTER, argumentsOf(inputs));
      if (!hasUnknowns(inputs)) checkShape(inputs);
    });
    return Promise.resolve({ inputs, failures });
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
    if (inputs.adopt === true)
      await adoptKindCluster({ ...shapeOf(inputs), stateDir: stateDirOf(inputs), signal: interrupted });
    return { id: inputs.name, outs: await bringUp(inputs) };
  },

  async read(id, props) {
    if (props === undefined) return { id: '' };
    const found = await findKindCluster(stateDirOf(props));
    if (found === undefined || found.status === 'missing') return { id: '' };
    return { id, props: { ...props, ...kubeconfigIn(stateDirOf(props)) } };
  },

  async update(_, __, news) {
    return { outs: await bringUp(news) };
  },

  async delete(_, props) {
    await deleteKindCluster(stateDirOf(props), { signal: interrupted });
    removeEmptyAbove(props);
  },
};

/**
 * Starts it, made or found, and loads its images. Once it is begun, what fails is recorded as half done, so that whoever
 * gives up can destroy it.
 */
async function bringUp(inputs: Inputs): Promise<Outputs> {
  const stateDir = stateDirOf(inputs);
  try {
    const timeoutMs = inputs.timeoutSeconds === undefined ? {} : { timeoutMs: inputs.timeoutSeconds * 1000 };
    await startKindCluster({ ...shapeOf(inputs), ...timeoutMs, stateDir, signal: interrupted });
    await loadImages(stateDir, inputs.loadImages ?? [], { signal: interrupted });
  } catch (error) {
    const begun = await findKindCluster(stateDir).catch(() => undefined);
    if (begun === undefined) throw error;
    throw partialSuccess(error, inputs.name, { ...inputs, ...kubeconfigIn(stateDir) });
  }
  return { ...inputs, kubeconfig: '', ...kubeconfigIn(stateDir) };
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

function kubeconfigIn(stateDir: string): { readonly kubeconfig?: string } {
  const file = join(stateDir, 'kubeconfig');
  return existsSync(file) ? { kubeconfig: readBoundedSync(file).toString() } : {};
}
