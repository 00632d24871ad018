/** A cluster with pods on this machine: one or more containers that kind makes into Kubernetes nodes. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { TestbedError, invalidInput } from '../../../lib/errors';
import type { Operation } from '../../util/events';
import { KubernetesClient } from '../../kubernetes/client';
import { readKubeconfig } from '../../kubernetes/kubeconfig';
import { writeFileAtomicSync } from '../../util/atomic-file';
import { withLock } from '../../util/lock';
import { makeFolder } from '../../util/make-folder';
import { removeIfEmpty } from '../../util/remove-if-empty';
import type { KindClusterShape } from './config';
import { DEFAULT_KIND_NAME, checkShape, kindConfig, mirrorFiles } from './config';
import type { NodeContainer } from './engine';
import { ContainerEngine, findEngine } from './engine';
import { KindProgram, TASK } from './kind-program';
import { untilNodesReady } from './nodes';
import type { KindLayout, KindRecord } from './record';
import { kindLayout, readRecord, writeRecord } from './record';

/** What a kind cluster is started with. */
export interface KindClusterProps extends KindClusterShape, Operation {
  /** Folder for its kubeconfig and record; made (0700) where it is missing. */
  readonly stateDir: string;
  /** How long its nodes may take until they are ready, in milliseconds. @default 300000 */
  readonly timeoutMs?: number;
}

/** A kind cluster that a state folder holds. */
export interface KindCluster {
  readonly name: string;
  /** Path of a kubeconfig (0600) of this cluster alone; there from when it was created. */
  readonly kubeconfig: string;
  /** `half-created`: its making was interrupted; starting it again makes it anew. `missing`: somebody has deleted it. */
  readonly status: 'running' | 'stopped' | 'half-created' | 'missing';
  readonly nodes: readonly NodeContainer[];
}

/** Creating one takes a minute or two, and longer where an image is pulled. */
const LOCK_WAIT_MS = 10 * 60_000;
const READY_MS = 300_000;

/**
 * Creates the kind cluster of a state folder, or finds it: stopped containers are started, and what an interrupted run
 * left half-created is deleted and made anew. Its kubeconfig is written into the state folder, and no other is touched.
 *
 * @throws TestbedError: `invalid-input` for what is not allowed, for a running cluster asked to be another, and for a
 * cluster of this name that is not this folder's; `environment` without an engine or kind, or where kind fails; `timeout`
 * naming the nodes that are not ready
 */
export async function startKindCluster(props: KindClusterProps): Promise<KindCluster> {
  checkShape(props);
  const { listener, signal } = props;
  const layout = kindLayout(resolve(props.stateDir));
  const engine = await findEngine({ signal });
  const kind = await KindProgram.find(engine, listener, signal);
  makeFolder(layout.dir);
  return withLock(layout.lock, () => startLocked(props, layout, engine, kind), {
    waitMs: LOCK_WAIT_MS,
    onWait: (pid) =>
      listener?.({ type: 'progress', task: TASK, detail: `waiting for process ${pid}, which is working on it` }),
    signal,
  });
}

/**
 * Looks whether a kind cluster can be had here, before anything that takes long is done for it.
 *
 * @throws TestbedError (`environment`) without an engine or kind; (`invalid-input`) for what is not allowed
 */
export async function requireKind(shape: KindClusterShape, signal?: AbortSignal): Promise<void> {
  checkShape(shape);
  await KindProgram.find(await findEngine({ signal }), undefined, signal);
}

/**
 * The kind cluster of a state folder.
 *
 * @returns undefined where the folder holds none
 * @throws TestbedError (`environment`) where the engine does not answer
 */
export async function findKindCluster(stateDir: string, options: Operation = {}): Promise<KindCluster | undefined> {
  const layout = kindLayout(resolve(stateDir));
  const record = readRecord(layout);
  if (record === undefined) return undefined;
  return describe(layout, record, await engineOf(record, options.signal).nodesOf(record.name));
}

/**
 * Deletes the kind cluster of a state folder, half-created ones too, and the folder's files about it. Fine where there is
 * none.
 *
 * @returns its name; undefined where the folder holds none
 * @throws TestbedError (`environment`) where it cannot be deleted; running it again goes on
 */
export async function deleteKindCluster(stateDir: string, options: Operation = {}): Promise<string | undefined> {
  const layout = kindLayout(resolve(stateDir));
  if (readRecord(layout) === undefined) return undefined;
  const start = performance.now();
  const { listener, signal } = options;
  const name = await withLock(
    layout.lock,
    async () => {
      const record = readRecord(layout);
      if (record === undefined) return undefined;
      listener?.({ type: 'start', task: TASK, detail: `deleting ${record.name}` });
      const engine = engineOf(record, signal);
      if ((await engine.nodesOf(record.name)).length > 0) {
        await (await KindProgram.find(engine, undefined, signal)).delete(record.name, layout.kubeconfig);
      }
      removeFiles(layout);
      return record.name;
    },
    { waitMs: LOCK_WAIT_MS, signal },
  );
  removeIfEmpty(layout.dir);
  const seconds = (performance.now() - start) / 1000;
  if (name !== undefined) listener?.({ type: 'done', task: TASK, detail: `deleted ${name}`, seconds });
  return name;
}

/**
 * Puts images onto the nodes of the cluster, so that no pull is waited for. An image that the engine does not have is
 * pulled there first; a path of an archive (`docker save`) is loaded as it is.
 *
 * @throws TestbedError (`environment`) where an image is nowhere to be had
 */
export async function loadImages(stateDir: string, images: readonly string[], options: Operation = {}): Promise<void> {
  const record = readRecord(kindLayout(resolve(stateDir)));
  if (record === undefined) throw new TestbedError('environment', `${stateDir} holds no kind cluster: create it first`);
  if (images.length === 0) return;
  const { listener, signal } = options;
  const task = 'images';
  const start = performance.now();
  listener?.({ type: 'start', task, detail: images.join(', ') });
  const engine = engineOf(record, signal);
  const kind = await KindProgram.find(engine, undefined, signal);
  const archives = images.filter((image) => existsSync(image));
  const names = images.filter((image) => !archives.includes(image));
  for (const image of names) {
    if (await engine.hasImage(image)) continue;
    listener?.({ type: 'progress', task, detail: `${engine.name} pull ${image}` });
    await engine.pull(image);
  }
  for (const archive of archives) await kind.loadArchive(record.name, resolve(archive));
  if (names.length > 0) await loadByName(kind, engine, record.name, names);
  const seconds = (performance.now() - start) / 1000;
  listener?.({ type: 'done', task, detail: `${images.length} loaded`, seconds });
}

async function loadByName(
  kind: KindProgram,
  engine: ContainerEngine,
  cluster: string,
  names: readonly string[],
): Promise<void> {
  if (engine.name === 'docker') return kind.loadImages(cluster, names);
  // kind asks Docker for images by name, whatever the engine: an archive works with Podman as well.
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-images-'));
  try {
    for (const [i, name] of names.entries()) {
      const file = join(dir, `${i}.tar`);
      await engine.save([name], file);
      await kind.loadArchive(cluster, file);
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function startLocked(
  props: KindClusterProps,
  layout: KindLayout,
  engine: ContainerEngine,
  kind: KindProgram,
): Promise<KindCluster> {
  const { listener, signal } = props;
  const start = performance.now();
  const name = props.name ?? DEFAULT_KIND_NAME;
  listener?.({ type: 'start', task: TASK, detail: name });
  const record = readRecord(layout);
  if (record !== undefined && record.name !== name) {
    throw invalidInput(
      `${layout.dir} holds the kind cluster '${record.name}', not '${name}': leave out --name, run 'metal3-testbed down' first, or give another --state-dir`,
    );
  }
  let nodes = await engine.nodesOf(name);
  if (nodes.length > 0 && record === undefined) {
    throw invalidInput(
      `a kind cluster '${name}' exists that was not made from ${layout.dir}: give another --name, use it as it is with '--cluster existing --context kind-${name}', or delete it with 'kind delete cluster --name ${name}'`,
    );
  }
  if (nodes.length > 0 && record?.phase === 'creating') {
    listener?.({ type: 'warning', task: TASK, detail: `${name} was left half-created: creating it again` });
    await kind.delete(name, layout.kubeconfig);
    nodes = [];
  }
  const found = nodes.length > 0 && record !== undefined;
  if (found) {
    refuseOtherShape(props, record, layout);
    const stopped = nodes.filter(({ isRunning }) => !isRunning).map((node) => node.name);
    if (stopped.length > 0) {
      listener?.({ type: 'progress', task: TASK, detail: `starting ${stopped.join(', ')}` });
      await engine.start(stopped);
    }
  } else {
    await create(props, layout, { engine, kind, name });
  }
  // Each time anew: a container that was started again may have another port.
  writeFileAtomicSync(layout.kubeconfig, await kind.kubeconfig(name));
  const client = new KubernetesClient(await readKubeconfig(layout.kubeconfig));
  try {
    await untilNodesReady(client, { deadlineMs: props.timeoutMs ?? READY_MS, listener, signal });
  } finally {
    await client.close();
  }
  const cluster = await findKindCluster(layout.dir, { signal });
  if (cluster === undefined)
    throw new TestbedError('environment', `the record of the kind cluster in ${layout.dir} is gone`);
  const count = cluster.nodes.length;
  const detail = `${name} ${found ? 'found' : 'created'}, ${count} node${count === 1 ? '' : 's'}`;
  listener?.({ type: 'done', task: TASK, detail, seconds: (performance.now() - start) / 1000 });
  return cluster;
}

async function create(
  props: KindClusterProps,
  layout: KindLayout,
  { engine, kind, name }: { readonly engine: ContainerEngine; readonly kind: KindProgram; readonly name: string },
): Promise<void> {
  const { nodeImage, signal } = props;
  const config = kindConfig(props, layout.mirrors);
  rmSync(layout.mirrors, { recursive: true, force: true });
  for (const { path, content } of mirrorFiles(props)) {
    const file = join(layout.mirrors, path);
    mkdirSync(dirname(file), { recursive: true });
    // containerd on the node reads it as another user where the engine is rootless.
    writeFileAtomicSync(file, content, 0o644);
  }
  writeFileAtomicSync(layout.config, config);
  const record = {
    kind: 'kind',
    name,
    engine: engine.name,
    config,
    nodeImage,
  } as const;
  writeRecord(layout, { ...record, phase: 'creating' });
  try {
    await kind.create({ name, config: layout.config, kubeconfig: layout.kubeconfig, nodeImage });
  } catch (error) {
    // Interrupted, the next run cleans up: deleting takes longer than somebody who presses Ctrl-C will wait.
    if (signal?.aborted) throw error;
    await kind.delete(name, layout.kubeconfig);
    removeFiles(layout);
    if (nodeImage === undefined && /ensur|pull|image/i.test((error as Error).message)) {
      throw new TestbedError(
        'environment',
        `${(error as Error).message}; where no image can be pulled, name a node image that ${engine.name} has: --node-image IMAGE`,
        { cause: error },
      );
    }
    throw error;
  }
  writeRecord(layout, { ...record, phase: 'created' });
}

/** What is not given stays as it is, so that a second `up` need not repeat every flag. */
function refuseOtherShape(props: KindClusterProps, record: KindRecord, layout: KindLayout): void {
  const given = [props.workers, props.ports, props.registryMirrors].some((each) => each !== undefined);
  const otherImage = props.nodeImage !== undefined && props.nodeImage !== record.nodeImage;
  if (!otherImage && !(given && kindConfig(props, layout.mirrors) !== record.config)) return;
  const what = otherImage ? `node image ${props.nodeImage}` : 'other nodes, ports or mirrors';
  throw invalidInput(
    `the kind cluster '${record.name}' was made ${otherImage ? `from ${record.nodeImage ?? "kind's own node image"}` : 'otherwise'} and cannot be changed to ${what}: run 'metal3-testbed down' first`,
  );
}

function describe(layout: KindLayout, record: KindRecord, nodes: readonly NodeContainer[]): KindCluster {
  const status =
    nodes.length === 0
      ? 'missing'
      : record.phase === 'creating'
        ? 'half-created'
        : nodes.every(({ isRunning }) => isRunning)
          ? 'running'
          : 'stopped';
  return { name: record.name, kubeconfig: layout.kubeconfig, status, nodes };
}

/** The engine that the cluster was made with, which need not be the one that would be found today. */
function engineOf(record: KindRecord, signal: AbortSignal | undefined): ContainerEngine {
  return new ContainerEngine(record.engine, process.env, signal);
}

/** The record goes last: without it nobody would know that there is something left to delete. */
function removeFiles(layout: KindLayout): void {
  for (const path of [layout.mirrors, layout.config, layout.kubeconfig, layout.record])
    rmSync(path, { recursive: true, force: true });
}
