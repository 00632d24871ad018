/** What programs would be taken from where, without fetching any. */
import { TestbedError } from '../../lib/errors';
import { run } from '../process/spawn';
import { CATALOG, type ProgramName, type ProgramSpec } from './catalog';
import { lookForProgram, waysToGet, type FetchPlace, type ProgramSource } from './find';
import type { ImageChoice } from './image/take';

/** A place that a program comes from. */
export interface ProgramPlace extends FetchPlace {
  readonly source: ProgramSource;
}

/** Where a program would be taken from. */
export interface PlannedProgram {
  readonly name: ProgramName;
  /** The first is taken, and each of the others where those before it fail. None where it is nowhere to be had. */
  readonly places: readonly ProgramPlace[];
  /** Why it cannot be had, or what was looked at and will not do. */
  readonly problems: readonly string[];
}

/** What is asked of a plan. */
export interface PlanOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly lockFile?: string | undefined;
  /** Each release of the operator that is described. @default the catalog's */
  readonly operators?: readonly Pick<ImageChoice, 'version' | 'image'>[];
  /** What is described of other programs. @default the catalog's */
  readonly choices?: Readonly<Partial<Record<ProgramName, Pick<ImageChoice, 'version' | 'image'>>>>;
  readonly signal?: AbortSignal | undefined;
}

/** Looks for every program of the catalog. */
export async function planPrograms({
  env = process.env,
  lockFile,
  operators = [{}],
  choices = {},
  signal,
}: PlanOptions = {}): Promise<PlannedProgram[]> {
  const go = await goVersion(env);
  const planned: PlannedProgram[] = [];
  for (const name of Object.keys(CATALOG) as ProgramName[])
    for (const choice of name === 'baremetal-operator' ? operators : [choices[name] ?? {}])
      planned.push(await plan(name, { ...choice, lockFile }, { env, go, signal }));
  return planned;
}

async function plan(
  name: ProgramName,
  choice: ImageChoice,
  {
    env,
    go,
    signal,
  }: { readonly env: NodeJS.ProcessEnv; readonly go: string | undefined; readonly signal?: AbortSignal | undefined },
): Promise<PlannedProgram> {
  try {
    const found = await lookForProgram(name, { ...choice, env, fetch: false, signal });
    if ('program' in found) {
      const { source, version, file } = found.program;
      return { name, places: [{ source, version, where: file }], problems: [] };
    }
    const places = placesToGet(CATALOG[name], choice, env, go);
    // That it is not on PATH needs no saying where it comes from elsewhere.
    const problems = found.tried.filter((line) => places.length === 0 || !/^PATH: no \S+ in it$/.test(line));
    return { name, places, problems };
  } catch (error) {
    if (error instanceof TestbedError) return { name, places: [], problems: [error.message] };
    throw error;
  }
}

/**
 * Where a program that is not here would be fetched from, best first.
 *
 * @param go what Go says of itself; undefined where it is not installed
 * @throws TestbedError (`invalid-input`) for an image that is not named as one
 */
export function placesToGet(
  spec: ProgramSpec,
  choice: ImageChoice,
  env: NodeJS.ProcessEnv,
  go: string | undefined,
): readonly ProgramPlace[] {
  return waysToGet(spec, { ...choice, env }).flatMap(({ source, place }) => {
    if (source === 'go build' && go === undefined) return [];
    const at = place();
    return at === undefined ? [] : [{ source, ...at }];
  });
}

/** What Go says of itself; undefined where it is not installed. */
export async function goVersion(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const asked = await run('go', ['version'], { env, timeoutMs: 30_000 });
  return asked.code === 0 ? asked.stdout.trim() : undefined;
}
