/** Manifests of releases that are not built in: taken in once, pinned by SHA-256, read without a network after that. */
import { dirname, relative, resolve } from 'node:path';
import { TestbedError, invalidInput } from '../../lib/errors';
import { untaggedImage } from '../../lib/components/baremetal-operator';
import { closest } from '../../lib/crd';
import type { Manifest } from '../../lib/upstream';
import type { Listener } from '../util/events';
import { withLock } from '../util/lock';
import { readBounded } from '../util/read-bounded';
import { ManifestCache, MAX_MANIFEST_BYTES, sha256 } from './cache';
import { fetchBytes, type FetchLimits } from './fetch';
import { kustomized } from './kustomize';
import { lockFileName, readLockFile, requireManifestsName, writeLockFile, type LockedManifests } from './lock-file';
import { mirrored } from './mirrors';
import { parseManifests } from './parse';
import { sourceOf } from './source';

export interface ManifestsOptions {
  readonly lockFile: string;
  /** @default this process's environment */
  readonly env?: NodeJS.ProcessEnv;
  /** @default those of {@link FetchLimits} */
  readonly limits?: Omit<FetchLimits, 'signal'>;
  /** @default none */
  readonly listener?: Listener;
  /** @default none */
  readonly signal?: AbortSignal;
}

/** Manifests as they are taken in. */
export interface TakenManifests extends LockedManifests {
  readonly name: string;
  /** How many Kubernetes objects they are. */
  readonly objects: number;
  /** The operator's image, where it has no tag and gets that of the operator's version. */
  readonly untaggedImage?: string;
  /** The SHA-256 that was locked before, if any. */
  readonly lockedBefore: string | undefined;
}

/**
 * Takes manifests in: reads them, checks that they are Kubernetes objects, keeps them in the cache and pins them in the
 * lock file. Adding what is there already changes nothing.
 *
 * @param source a URL, or the path of a YAML file or kustomize folder, relative to the current folder
 * @throws TestbedError (`invalid-input`) for a name that is none or is taken, and a source that holds no manifests
 * @throws TestbedError (`environment`) for a source that cannot be read; nothing is written then
 */
export async function addManifests(name: string, source: string, options: ManifestsOptions): Promise<TakenManifests> {
  requireManifestsName(name);
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(source);
  const folder = dirname(resolve(options.lockFile));
  const kept = isUrl ? source : relative(folder, resolve(source)) || '.';
  return locking(options, async () => {
    const locked = readLockFile(options.lockFile).get(name);
    if (locked !== undefined && locked.source !== kept) {
      throw invalidInput(
        `manifests ${name} exist already, from ${locked.source}: choose another name, or remove them from ${options.lockFile}`,
      );
    }
    const taken = await take(name, kept, locked?.sha256, options);
    if (locked !== undefined && locked.sha256 !== taken.sha256) throw hasChanged(taken, options);
    await pin([taken], options);
    return taken;
  });
}

/**
 * Reads sources again and pins what they give now.
 *
 * @param names of the manifests; none for all
 */
export async function updateManifests(
  names: readonly string[],
  options: ManifestsOptions,
): Promise<readonly TakenManifests[]> {
  return locking(options, async () => {
    const taken: TakenManifests[] = [];
    for (const [name, { source, sha256 }] of select(names, options))
      taken.push(await take(name, source, sha256, options));
    await pin(taken, options);
    return taken;
  });
}

/** What {@link verifyManifests} found: `ok` in the cache, or `read` from the source since it was not. */
export interface VerifiedManifests extends LockedManifests {
  readonly name: string;
  readonly from: 'cache' | 'source';
}

/**
 * Checks the cache against the lock file, and fills it from the sources where something is missing or was changed.
 *
 * @param names of the manifests; none for all
 * @throws TestbedError (`environment`) where a source no longer gives what is locked
 */
export async function verifyManifests(
  names: readonly string[],
  options: ManifestsOptions,
): Promise<readonly VerifiedManifests[]> {
  const cache = new ManifestCache(options.env ?? process.env);
  const verified: VerifiedManifests[] = [];
  for (const [name, locked] of select(names, options)) {
    const isCached = cache.get(locked.sha256) instanceof Uint8Array;
    if (!isCached) {
      const { bytes } = await read(name, locked.source, options);
      const taken = { name, source: locked.source, sha256: sha256(bytes), lockedBefore: locked.sha256 };
      if (taken.sha256 !== locked.sha256) throw hasChanged(taken, options);
      cache.put(bytes);
    }
    verified.push({ name, ...locked, from: isCached ? 'cache' : 'source' });
  }
  return verified;
}

/**
 * Manifests from the cache alone: nothing is fetched, and nothing is given that is not what the lock file pins.
 *
 * @throws TestbedError (`invalid-input`, `environment`) with the command that mends it
 */
export function readManifests(name: string, options: Pick<ManifestsOptions, 'env' | 'lockFile'>): readonly Manifest[] {
  const [entry] = select([name], options);
  const { sha256 } = entry![1];
  const cached = new ManifestCache(options.env ?? process.env).get(sha256);
  if (cached instanceof Uint8Array) return parseManifests(cached, `manifests ${name}`);
  const what = cached === undefined ? 'are not in the cache of this machine' : 'were changed in the cache';
  throw new TestbedError('environment', `manifests ${name} ${what}: run '${command('verify', name, options)}'`);
}

async function take(
  name: string,
  source: string,
  lockedBefore: string | undefined,
  options: ManifestsOptions,
): Promise<TakenManifests> {
  const { bytes, objects } = await read(name, source, options);
  const sha256 = new ManifestCache(options.env ?? process.env).put(bytes);
  const image = untaggedImage(objects);
  return {
    ...{ name, source, sha256, objects: objects.length, lockedBefore },
    untaggedImage: image,
  };
}

async function read(name: string, text: string, options: ManifestsOptions) {
  const { env = process.env, signal, listener, limits } = options;
  const started = performance.now();
  listener?.({ type: 'start', task: `manifests ${name}`, detail: text });
  const given = sourceOf(text, dirname(resolve(options.lockFile)));
  const source = given.type === 'url' ? mirrored(given.url, env) : given;
  const bytes = await bytesOf(source, env, { ...limits, signal });
  const objects = parseManifests(bytes, text);
  const seconds = (performance.now() - started) / 1000;
  listener?.({ type: 'done', task: `manifests ${name}`, detail: `${objects.length} objects`, seconds });
  return { bytes, objects };
}

function bytesOf(
  source: ReturnType<typeof sourceOf>,
  env: NodeJS.ProcessEnv,
  limits: FetchLimits,
): Promise<Uint8Array> {
  switch (source.type) {
    case 'url':
      return fetchBytes(source.url, limits);
    case 'kustomization':
      return kustomized(source.path, { env, signal: limits.signal, maxBytes: limits.maxBytes });
    case 'file':
      return readBounded(source.path, limits.maxBytes ?? MAX_MANIFEST_BYTES).catch((error: NodeJS.ErrnoException) => {
        throw new TestbedError('environment', `${source.path} cannot be read (${error.code})`, { cause: error });
      });
  }
}

/** The entries of these names, or all. */
function select(
  names: readonly string[],
  { lockFile }: Pick<ManifestsOptions, 'lockFile'>,
): [string, LockedManifests][] {
  const locked = readLockFile(lockFile);
  if (names.length === 0) return [...locked];
  return names.map((name) => {
    const entry = locked.get(name);
    if (entry !== undefined) return [name, entry];
    const meant = closest(name, locked.keys());
    const hint =
      meant === undefined ? `run '${command('add', `${name} SOURCE`, { lockFile })}'` : `did you mean '${meant}'?`;
    throw invalidInput(`manifests ${name} are not in ${lockFile}: ${hint}`);
  });
}

async function pin(taken: readonly TakenManifests[], { lockFile }: ManifestsOptions): Promise<void> {
  const before = readLockFile(lockFile);
  const after = new Map([...before, ...taken.map(({ name, source, sha256 }) => [name, { source, sha256 }] as const)]);
  if (taken.some(({ name, sha256 }) => before.get(name)?.sha256 !== sha256)) await writeLockFile(lockFile, after);
}

/** Two runs at once would each write a lock file without the other's entry. */
function locking<T>({ lockFile, signal }: ManifestsOptions, action: () => Promise<T>): Promise<T> {
  return withLock(`${resolve(lockFile)}.lock`, action, { waitMs: 5 * 60_000, signal });
}

function hasChanged(
  { name, source, sha256, lockedBefore }: Pick<TakenManifests, 'lockedBefore' | 'name' | 'sha256' | 'source'>,
  options: ManifestsOptions,
): TestbedError {
  return new TestbedError(
    'environment',
    `manifests ${name} have SHA-256 ${sha256} at ${source}, and ${lockedBefore} is locked: if the change is meant, run '${command('update', name, options)}'`,
  );
}

function command(verb: string, rest: string, { lockFile }: Pick<ManifestsOptions, 'lockFile'>): string {
  const isDefault = resolve(lockFile) === resolve(lockFileName);
  return `metal3-testbed manifests ${verb} ${rest}${isDefault ? '' : ` --lock-file ${lockFile}`}`;
}
