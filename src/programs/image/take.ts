/** Takes a program out of a container image, without a container engine. */
import { existsSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TestbedError, invalidInput } from '../../../lib/errors';
import { cacheDir, imageFile, platform } from '../cache';
import { UNKNOWN_VERSION } from '../candidate';
import type { ProgramSpec } from '../catalog';
import type { FetchOptions } from '../fetch-options';
import { fillCache, inPartial } from '../fill-cache';
import { asCacheError } from '../cache-error';
import { lockImages, PROGRAMS_LOCK, readProgramsLock } from '../programs-lock';
import { ImageFiles } from './image-files';
import { Budget, extractFile, listLayer } from './layer';
import { IMAGE_LIMITS, type ImageLimits } from './limits';
import { choosePlatform, parseManifest, type Descriptor } from './manifest';
import { formatReference, parseReference, placeOf, type ImageReference } from './reference';
import { Registry } from './registry';

/** Which image of a program is meant. */
export interface ImageChoice {
  /** The release, where it is an image of the catalog. @default the catalog's */
  readonly version?: string | undefined;
  /** In place of the catalog's. */
  readonly image?: string | undefined;
  /** `programs.lock.json`. @default none */
  readonly lockFile?: string | undefined;
}

export interface TakeOptions extends FetchOptions, ImageChoice {
  /** @default IMAGE_LIMITS */
  readonly limits?: Partial<ImageLimits> | undefined;
}

/** A program of an image. */
export interface TakenProgram {
  readonly file: string;
  /** The image with its digest, `quay.io/…:v0.13.2@sha256:…`. */
  readonly image: string;
  /** The image's tag, where that is a release. */
  readonly version?: string | undefined;
  /** The image without its digest, for a lock file; undefined where it was named by its digest. */
  readonly tagged?: string | undefined;
}

/** An image by its whole name, and what is known of it on this machine. */
interface KnownImage {
  readonly reference: ImageReference;
  /** What it is in a lock file. */
  readonly name: string;
  /** The digest that it has to have. */
  readonly locked?: string | undefined;
  /** The file that says so. */
  readonly lockedBy?: string | undefined;
}

const RELEASE = /^v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;
/** An index of an index there may be; more nobody makes. */
const MAX_INDEXES = 3;

/** The image that a program is taken from; undefined where it is in none, or none for this system. */
export function imageOf({ image }: ProgramSpec, choice: ImageChoice): string | undefined {
  if (image === undefined || process.platform !== 'linux') return undefined;
  return choice.image ?? `${image.repository}:${choice.version ?? image.version}`;
}

/**
 * What an earlier run has taken of the image, without asking anybody.
 *
 * @throws TestbedError (`invalid-input`) for an image that is not named as one, or a damaged lock file
 */
export function takenBefore(spec: ProgramSpec, choice: ImageChoice, env: NodeJS.ProcessEnv): TakenProgram | undefined {
  const known = know(spec, choice);
  // What it stood for on this machine; a lock file may have it from another one, from which on that counts.
  const digest = known?.locked ?? (known && readProgramsLock(cacheLock(env)).get(known.name));
  if (known === undefined || digest === undefined) return undefined;
  const file = imageFile(cacheDir(env), spec.name, digest);
  return existsSync(file) ? taken(file, known, digest) : undefined;
}

/**
 * What would be taken, in words: the image, with its digest where that is known, and the mirror that it would come from.
 *
 * @throws TestbedError (`invalid-input`) for an image, a mirror or a lock file that is none
 */
export function describeImage(
  spec: ProgramSpec,
  choice: ImageChoice,
  env: NodeJS.ProcessEnv,
): { readonly version: string; readonly where: string } | undefined {
  const known = know(spec, choice);
  if (known === undefined) return undefined;
  const { reference, name, locked } = known;
  const { registry } = placeOf(reference, env);
  const image = locked === undefined ? name : formatReference({ ...reference, digest: locked });
  const { tag = '' } = reference;
  return {
    version: RELEASE.test(tag) ? tag : UNKNOWN_VERSION,
    where: registry === reference.registry ? image : `${image} at ${registry}`,
  };
}

/**
 * Takes a program out of its image into the cache: of the layers only those that are needed to find it, from the top.
 *
 * @returns undefined where there is no image of it for this system
 * @throws TestbedError: `invalid-input` for an image that is not named as one, for a damaged lock file, and where a tag is
 * another image than the lock file says; `environment` where it cannot be had. Nothing of it is kept then.
 */
export async function takeFromImage(spec: ProgramSpec, options: TakeOptions): Promise<TakenProgram | undefined> {
  const known = know(spec, options);
  if (known === undefined) return undefined;
  const { env, listener, signal } = options;
  const limits = { ...IMAGE_LIMITS, ...options.limits };
  const startedAt = performance.now();
  const place = placeOf(known.reference, env);
  const registry = new Registry(place, { env, task: spec.name, limits, listener, signal });
  const from = place.registry === known.reference.registry ? '' : ` from ${place.registry}`;
  listener?.({ type: 'start', task: spec.name, detail: `taking it out of ${known.name}${from}` });
  try {
    const { tag = '', digest: named } = known.reference;
    const top = await registry.manifest(named ?? tag);
    if (known.locked !== undefined && known.locked !== top.digest) throw movedTag(known, top.digest);
    const file = imageFile(cacheDir(env), spec.name, top.digest);
    await fillCache(dirname(file), { task: spec.name, doing: 'fetching it', listener, signal }, async () => {
      if (existsSync(file)) return;
      const layers = await layersOf(registry, top.bytes, known.name);
      await extractInto(file, spec, { layers, registry, limits, name: known.name });
      const seconds = (performance.now() - startedAt) / 1000;
      listener?.({ type: 'done', task: spec.name, detail: `taken out of ${known.name}`, seconds });
    });
    if (named === undefined)
      await lockImages(cacheLock(env), new Map([[known.name, top.digest]]), { env, replace: true });
    return taken(file, known, top.digest);
  } catch (error) {
    signal?.throwIfAborted();
    throw asCacheError(error, cacheDir(env));
  } finally {
    await registry.close();
  }
}

function know(spec: ProgramSpec, choice: ImageChoice): KnownImage | undefined {
  const text = imageOf(spec, choice);
  if (text === undefined) return undefined;
  const reference = parseReference(text);
  const name = formatReference(reference);
  if (reference.digest !== undefined) return { reference, name, locked: reference.digest };
  const { lockFile } = choice;
  const locked = lockFile === undefined ? undefined : readProgramsLock(lockFile).get(name);
  return { reference, name, locked, lockedBy: locked === undefined ? undefined : lockFile };
}

function taken(file: string, { reference, name }: KnownImage, digest: string): TakenProgram {
  const { tag } = reference;
  const version = tag !== undefined && RELEASE.test(tag) ? tag : undefined;
  const tagged = reference.digest === undefined ? name : undefined;
  return { file, image: formatReference({ ...reference, digest }), version, tagged };
}

/** What tags stood for when they were first used on this machine: what was taken of them is not asked for again. */
function cacheLock(env: NodeJS.ProcessEnv): string {
  return join(cacheDir(env), platform(), PROGRAMS_LOCK);
}

function movedTag({ name, locked = '', lockedBy = '' }: KnownImage, digest: string): TestbedError {
  return invalidInput(
    `${name} is another image than before: it is ${digest} now, and ${lockedBy} has ${locked}; if that is meant, write ${digest} in its place there`,
  );
}

/** The layers of the image for this machine, from the top. */
async function layersOf(registry: Registry, bytes: Buffer, name: string): Promise<readonly Descriptor[]> {
  let manifest = parseManifest(bytes, name);
  for (let indexes = 0; manifest.type === 'index'; indexes++) {
    if (indexes === MAX_INDEXES)
      throw new TestbedError('environment', `${name} is an index of indexes, more than ${MAX_INDEXES} deep`);
    manifest = parseManifest((await registry.manifest(choosePlatform(manifest, name).digest)).bytes, name);
  }
  return [...manifest.layers].reverse();
}

interface Source {
  readonly layers: readonly Descriptor[];
  readonly registry: Registry;
  readonly limits: ImageLimits;
  readonly name: string;
}

async function extractInto(file: string, spec: ProgramSpec, { layers, registry, limits, name }: Source): Promise<void> {
  const dir = dirname(file);
  await inPartial(dir, async (partial) => {
    const budget = new Budget(limits);
    const layerFile = (layer: number) => join(partial, `layer-${layer}`);
    const files = new ImageFiles(name, layers.length, async (layer) => {
      const descriptor = layers[layer] as Descriptor;
      const output = await open(layerFile(layer), 'w', 0o600);
      try {
        await registry.blob(descriptor, output);
      } finally {
        await output.close();
      }
      return listLayer(layerFile(layer), budget);
    });
    const { layer, position } = await files.find(spec.image?.path ?? '');
    const program = join(partial, 'program');
    const output = await open(program, 'w', 0o755);
    try {
      await extractFile(layerFile(layer), position, output, { budget, maxBytes: limits.programBytes });
      // What it may do is nothing that an image says.
      await output.chmod(0o755);
      await output.sync();
    } finally {
      await output.close();
    }
    await mkdir(dir, { recursive: true, mode: 0o755 });
    await rename(program, file);
  });
}
