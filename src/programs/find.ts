/**
 * Finds a program: the file somebody named, then what the machine has, then this package's cache, then the official
 * download with its digest, then its container image, then a build with Go. The first that works is taken.
 */
import { delimiter, resolve } from 'node:path';
import { TestbedError, invalidInput } from '../../lib/errors';
import type { Operation } from '../util/events';
import { builtFile, cacheDir, downloadedFile, platform } from './cache';
import { judge, UNKNOWN_VERSION, type Accepted, type Verdict } from './candidate';
import type { GoBuild, ProgramName, ProgramSpec } from './catalog';
import { CATALOG } from './catalog';
import { downloadRelease, downloadsBase } from './download';
import type { FetchOptions } from './fetch-options';
import { goBuild } from './go-build';
import { describeImage, takeFromImage, takenBefore, type ImageChoice, type TakenProgram } from './image/take';

/** Where a program was found. */
export type ProgramSource =
  'given' | 'environment variable' | 'KUBEBUILDER_ASSETS' | 'PATH' | 'cache' | 'download' | 'image' | 'go build';

/** A program that was found and works. */
export interface Program {
  readonly name: ProgramName;
  readonly file: string;
  /** `v1.34.4`: what it says of itself, else what its image is a release of, else `unknown`. */
  readonly version: string;
  readonly source: ProgramSource;
  /** The image that it was taken from, now or when it came into the cache: `quay.io/…:v0.13.2@sha256:…`. */
  readonly image?: string | undefined;
  /** The image without its digest; undefined also where it was named by its digest. */
  readonly tagged?: string | undefined;
  /** In one line, what was taken, and why nothing that comes before it: `cache; PATH: no kwok in it`. */
  readonly why: string;
  /** The names of its command-line flags, where it has no version to tell. */
  readonly flags?: ReadonlySet<string>;
}

/** How a program is looked for. */
export interface FindProgramOptions extends ImageChoice, Operation {
  /** A file named by the caller; nothing else is looked at then. @default none */
  readonly file?: string | undefined;
  /**
   * Why a program that works is not the one that is meant, by its flags say. It is passed over then, and an error where
   * somebody named it. @default each one will do
   */
  readonly unfit?: ((found: Accepted, file: string) => string | undefined) | undefined;
  /** @default this process's environment */
  readonly env?: NodeJS.ProcessEnv;
  /** Whether the network and Go may be used to get it. @default true */
  readonly fetch?: boolean;
  /** The catalog's entry, for tests with programs of their own. @default the catalog's */
  readonly spec?: ProgramSpec;
}

/**
 * Finds a program, fetching it where need be, and tells the listener which was taken.
 *
 * @throws TestbedError (invalid-input) where the file somebody named will not do
 * @throws TestbedError (environment) where it is nowhere to be had: everything tried, and how to mend each
 */
export async function findProgram(name: ProgramName, options: FindProgramOptions = {}): Promise<Program> {
  const found = await lookForProgram(name, options);
  if ('program' in found) return found.program;
  throw notFound(name, found.tried, options.spec);
}

/** What to say of a program that is nowhere to be had. @param tried as {@link lookForProgram} gives it */
export function notFound(name: ProgramName, tried: readonly string[], spec: ProgramSpec = CATALOG[name]): TestbedError {
  const lines = tried.map((line) => `\n  - ${line}`).join('');
  return new TestbedError(
    'environment',
    `${name} was not found; tried:${lines}\nset ${spec.variable} to its file, put it on PATH (${spec.howToGet})${
      spec.goBuild ? ', or install Go (https://go.dev/dl) so that it can be built' : ''
    }`,
  );
}

/** As `findProgram`, with what was tried in place of the error. */
export async function lookForProgram(
  name: ProgramName,
  options: FindProgramOptions = {},
): Promise<{ readonly program: Program } | { readonly tried: readonly string[] }> {
  const spec = options.spec ?? CATALOG[name];
  const env = options.env ?? process.env;
  const { listener, signal } = options;
  const startedAt = performance.now();
  const tried: string[] = [];
  const taken = (file: string, accepted: Accepted, source: ProgramSource, from?: TakenProgram) => {
    const why = [sourceText(source, spec, from), ...tried].join('; ');
    const build = buildOf(spec, options);
    const isBuilt = build !== undefined && file === builtFile(cacheDir(env), spec, build.version);
    const fromWhere = isBuilt ? build.version : from?.version;
    const version = accepted.version === UNKNOWN_VERSION ? (fromWhere ?? UNKNOWN_VERSION) : accepted.version;
    const { image, tagged } = from ?? {};
    const program: Program = { name, file, source, ...accepted, version, image, tagged, why };
    const known = program.version === UNKNOWN_VERSION ? [] : [program.version];
    const detail = [program.file, ...known, `(${why})`].join(' ');
    listener?.({ type: 'done', task: name, detail, seconds: (performance.now() - startedAt) / 1000 });
    return { program };
  };
  const look = async (file: string): Promise<Verdict> => {
    const verdict = await judge(spec, file, signal);
    if ('refused' in verdict) return verdict;
    const refused = options.unfit?.(verdict, file);
    return refused === undefined ? verdict : { refused };
  };

  const named = options.file ?? (env[spec.variable] || undefined);
  if (named !== undefined) {
    if (named === '') throw invalidInput(`the ${name} given is an empty path: name its file`);
    // A daemon is started from a folder of its own, so that a relative path means another file there.
    const file = resolve(named);
    const verdict = await look(file);
    // Somebody who named a file wants that one: another in its place would be a surprise.
    if ('refused' in verdict)
      throw invalidInput(`${options.file ? `the ${name} given` : spec.variable} cannot be used: ${verdict.refused}`);
    return taken(file, verdict, options.file ? 'given' : 'environment variable');
  }

  for (const [source, files] of candidates(spec, options, env)) {
    for (const { file, from } of files) {
      const verdict = await look(file);
      if ('version' in verdict) return taken(file, verdict, source, from);
      if (!verdict.refused.endsWith('does not exist')) tried.push(`${source}: ${verdict.refused}`);
    }
    if (source === 'PATH' && !tried.some((line) => line.startsWith(source))) tried.push(`PATH: no ${name} in it`);
  }
  if (options.fetch === false) return { tried };

  const ways = waysToGet(spec, { ...options, env });
  for (const [i, { source, get, none }] of ways.entries()) {
    try {
      const got = await get();
      if (got === undefined) {
        tried.push(`${source}: ${none}`);
        continue;
      }
      const verdict = await look(got.file);
      if ('version' in verdict) return taken(got.file, verdict, source, 'image' in got ? got : undefined);
      tried.push(`${source}: ${verdict.refused}`);
    } catch (error) {
      signal?.throwIfAborted();
      // What somebody has to decide, or has written wrongly, is not got around.
      if (!(error instanceof TestbedError) || error.code === 'invalid-input') throw error;
      tried.push(`${source}: ${error.message}`);
      const next = ways[i + 1]?.announce;
      listener?.({ type: 'warning', task: name, detail: `${error.message}${next === undefined ? '' : `; ${next}`}` });
    }
  }
  return { tried };
}

/** What a program comes from. */
export interface FetchPlace {
  /** `unknown` where only the program knows it, and does not say. */
  readonly version: string;
  /** A file, an image, or what is downloaded or built. */
  readonly where: string;
}

/** A way in which a program is fetched. */
export interface Way {
  readonly source: 'download' | 'image' | 'go build';
  /**
   * @returns what it would be taken from, without asking anybody; undefined where it gives nothing here
   * @throws TestbedError (`invalid-input`) for an image that is not named as one
   */
  readonly place: () => FetchPlace | undefined;
  readonly get: () => Promise<TakenProgram | { readonly file: string } | undefined>;
  /** Why it gives nothing, where it does not. */
  readonly none: string;
  /** What happens next, after another way has failed. */
  readonly announce: string;
}

/** How a program is fetched that the machine does not have, best first. */
export function waysToGet(spec: ProgramSpec, options: ImageChoice & FetchOptions): readonly Way[] {
  const { release, image } = spec;
  const build = buildOf(spec, options);
  const { env } = options;
  const asFile = (file: string | undefined) => (file === undefined ? undefined : { file });
  const ways: Way[] = [];
  if (release)
    ways.push({
      source: 'download',
      place: () =>
        release.downloads[platform()] && { version: UNKNOWN_VERSION, where: `${release.id} of ${downloadsBase(env)}` },
      get: async () => asFile(await downloadRelease(spec, options)),
      none: `no official build with a known digest for ${platform()}`,
      announce: 'downloading it now',
    });
  if (image)
    ways.push({
      source: 'image',
      place: () => describeImage(spec, options, env),
      get: () => takeFromImage(spec, options),
      none: `programs in images are for Linux, and this is ${platform()}`,
      announce: `taking it out of its image now`,
    });
  if (build)
    ways.push({
      source: 'go build',
      place: () => ({ version: build.version, where: build.package }),
      get: async () => asFile(await goBuild(spec, options)),
      none: 'it cannot be built',
      announce: `building it with Go now, which usually takes ${build.takes}`,
    });
  return ways;
}

/** How it is built with Go; not where another image than its release's is meant, which is another program. */
function buildOf({ goBuild: build, image }: ProgramSpec, choice: ImageChoice): GoBuild | undefined {
  const isOther = choice.image !== undefined && choice.image !== `${image?.repository}:${build?.version}`;
  return isOther ? undefined : build;
}

function sourceText(source: ProgramSource, spec: ProgramSpec, from: TakenProgram | undefined): string {
  if (source === 'environment variable') return spec.variable;
  if (from === undefined) return source;
  return `${source === 'cache' ? 'cache of image' : source} ${shortDigest(from.image)}`;
}

/** `quay.io/…:v0.13.2@sha256:0123456789ab`: enough to tell one from another. */
function shortDigest(image: string): string {
  return image.replace(/(@sha\d+:[0-9a-f]{12})[0-9a-f]+$/, '$1');
}

/**
 * Looks at programs that the environment names a file of, before anything is fetched or started.
 *
 * @throws TestbedError (`invalid-input`) for the first that will not do
 */
export async function requireNamedPrograms(names: readonly ProgramName[], signal?: AbortSignal): Promise<void> {
  for (const name of names)
    if (process.env[CATALOG[name].variable]) await lookForProgram(name, { fetch: false, signal });
}

interface Candidate {
  readonly file: string;
  /** The image that it was taken from. */
  readonly from?: TakenProgram | undefined;
}

/** The files in which a program may lie already, best first. */
function candidates(
  spec: ProgramSpec,
  choice: ImageChoice,
  env: NodeJS.ProcessEnv,
): readonly [ProgramSource, readonly Candidate[]][] {
  const cache = cacheDir(env);
  const assets = env['KUBEBUILDER_ASSETS'];
  // An empty entry is the current folder, as for every shell.
  const path = env['PATH'] ? env['PATH'].split(delimiter) : [];
  // Of several releases of one program, each may have a name of its own.
  const { version } = choice;
  const names = [...(version === undefined ? [] : [`${spec.name}-${version}`]), spec.name];
  const from = takenBefore(spec, choice, env);
  const build = buildOf(spec, choice);
  const cached = [
    ...(spec.release ? [{ file: downloadedFile(cache, spec.release.id, spec.name) }] : []),
    ...(from ? [{ file: from.file, from }] : []),
    ...(build ? [{ file: builtFile(cache, spec, build.version) }] : []),
  ];
  return [
    ['KUBEBUILDER_ASSETS', assets ? [{ file: resolve(assets, spec.name) }] : []],
    ['PATH', names.flatMap((name) => path.map((dir) => ({ file: resolve(dir, name) })))],
    ['cache', cached],
  ];
}
