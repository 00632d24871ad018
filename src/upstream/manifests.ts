/** Manifests of releases that are not built in: taken in once, pinned by SHA-256, read without a network after that. */
import { dirname, relative, resolve } from 'node:path';
import { TestbedError, invalidInput } from '../../lib/errors';
import { untaggedImage } from '../../lib/components/baremetal-operator';
import { closest } from '../../lib/crd';
import type { Manifest } from '../../lib/upstream';
import { decodeText } from '../manifests/decode-text';
import { withoutUndefined } from '../../lib/without-undefined';
import type { Operation } from '../util/events';
import { withLock } from '../util/lock';
import { readBounded } from '../util/read-bounded';
import { ManifestCache, MAX_MANIFEST_BYTES, sha256 } from './cache';
import { fetchBytes, type FetchLimits } from './fetch';
import { kustomized } from './kustomize';
import { lockFileName, readLockFile, requireManifestsName, writeLockFile, type LockedManifests } from './lock-file';
import { mirrored } from './mirrors';
import { parseManifests } from './parse';
import { isForClusterctl, withVariables, type VariableSources } from './variables';
import { sourceOf } from './source';

export interface ManifestsOptions extends Operation {
  readonly lockFile: string;
  /** @default this process's environment */
  readonly env?: NodeJS.ProcessEnv;
  /** @default those of {@link FetchLimits} */
  readonly limits?: Omit<FetchLimits, 'signal'>;
  /** Values of variables, by name, of manifests that are written for clusterctl. @default none */
  readonly variables?: Readonly<Record<string, string>> | undefined;
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
 * @throws TestbedError (`invalid-input`) for variables without values, of manifests that are written for clusterctl
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
    const taken = await take(name, { source: kept, variables: locked?.variables }, locked?.sha256, options);
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
    for (const [name, { source, variables, sha256 }] of select(names, options))
      taken.push(await take(name, { source, variables }, sha256, options));
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
      const { bytes, environment } = await read(name, locked, options, environmentOf(locked, options));
      const taken = { name, source: locked.source, sha256: sha256(bytes), lockedBefore: locked.sha256 };
      if (taken.sha256 !== locked.sha256) throw hasChanged(taken, options);
      cache.put(bytes, environment !== undefined);
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
  locked: Pick<LockedManifests, 'source' | 'variables'>,
  lockedBefore: string | undefined,
  options: ManifestsOptions,
): Promise<TakenManifests> {
  const { source } = locked;
  const { bytes, objects, variables, environment } = await read(name, locked, options);
  const sha256 = new ManifestCache(options.env ?? process.env).put(bytes, environment !== undefined);
  const image = untaggedImage(objects);
  return {
    name,
    source,
    sha256,
    objects: objects.length,
    lockedBefore,
    untaggedImage: image,
    ...withoutUndefined({ variables, environment }),
  };
}

/** The variables that the environment had a say in when the manifests were taken in: what was not set then is not used. */
function environmentOf({ environment = [] }: LockedManifests, { env = process.env }: ManifestsOptions) {
  const unset = environment.filter((name) => env[name] === undefined);
  if (unset.length > 0) {
    throw new TestbedError(
      'environment',
      `the manifests were taken in with ${unset.join(', ')} of the environment, which is not set here: set it to what it was`,
    );
  }
  return environment;
}

async function read(
  name: string,
  locked: Pick<LockedManifests, 'source' | 'variables'>,
  options: ManifestsOptions,
  only?: readonly string[],
) {
  const text = locked.source;
  const { env = process.env, signal, listener, limits } = options;
  const started = performance.now();
  listener?.({ type: 'start', task: `manifests ${name}`, detail: text });
  const source = sourceOf(text, dirname(resolve(options.lockFile)));
  const from = source.type === 'url' ? mirrored(source.url, env) : source;
  const given = await bytesOf(from, env, { ...limits, signal });
  const values = { given: { ...locked.variables, ...options.variables }, env: only ? pick(env, only) : env };
  const { bytes, variables, environment } = substituted(given, values, text);
  const objects = parseManifests(bytes, text);
  const seconds = (performance.now() - started) / 1000;
  listener?.({ type: 'done', task: `manifests ${name}`, detail: `${objects.length} objects`, seconds });
  return { bytes, objects, variables, environment };
}

/** What is written for clusterctl with values in place of its variables, and everything else as it is. */
function substituted(given: Uint8Array, sources: VariableSources, where: string) {
  if (!isForClusterctl(given)) {
    const [unused] = Object.keys(sources.given);
    if (unused === undefined) return { bytes: given };
    throw invalidInput(
      `${where} is of no provider of Cluster API, and has no variables: leave --variable ${unused} out`,
    );
  }
  const text = decodeText(given, where);
  const result = withVariables(text, sources, where);
  const used = Object.keys(result.given).length > 0 ? result.given : undefined;
  const fromEnvironment = result.fromEnvironment.length > 0 ? result.fromEnvironment : undefined;
  const bytes = result.text === text ? given : Buffer.from(result.text);
  return { bytes, variables: used, environment: fromEnvironment };
}

function pick(env: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.map((name) => [name, env[name]]));
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
  const after = new Map([...before, ...taken.map(entryOf)]);
  if (taken.some(({ name, sha256 }) => before.get(name)?.sha256 !== sha256)) await writeLockFile(lockFile, after);
}

function entryOf({ name, source, sha256, variables, environment }: TakenManifests): [string, LockedManifests] {
  return [name, withoutUndefined({ source, sha256, variables, environment })];
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
