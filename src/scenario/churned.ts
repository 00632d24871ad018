import type { ChurnStep } from '../../lib/scenario/steps';
import { pause } from '../util/pause';
import type { Arrivals } from './arrivals';
import type { ScenarioRun } from './scenario-run';

/** What became of objects that were replaced. */
export interface Churned {
  /** When each was asked to go, the last time, by `namespace/name`. */
  readonly asked: ReadonlyMap<string, number>;
  readonly objects: number;
  readonly done: number;
  readonly late: readonly string[];
  readonly retries: number;
}

/** Replaces a share of objects every so often, other ones each time; one that was replaced twice counts twice. */
export async function churned<T>(
  all: readonly T[],
  { share, everySeconds, forSeconds }: Pick<ChurnStep, 'everySeconds' | 'forSeconds' | 'share'>,
  { signal }: Pick<ScenarioRun, 'signal'>,
  replace: (
    some: readonly T[],
    asked: Map<string, number>,
  ) => Promise<Pick<Arrivals, 'done' | 'late'> & { readonly retries: number }>,
): Promise<Churned> {
  const size = Math.max(1, Math.floor(all.length * share));
  const asked = new Map<string, number>();
  const start = performance.now();
  let [objects, done, retries] = [0, 0, 0];
  const late: string[] = [];
  for (let round = 0; performance.now() - start <= forSeconds * 1000; round++) {
    await pause(Math.max(0, start + round * everySeconds * 1000 - performance.now()), signal);
    if (performance.now() - start > forSeconds * 1000) break;
    const replaced = Array.from({ length: size }, (_, i) => all[(round * size + i) % all.length]!);
    const outcome = await replace(replaced, asked);
    objects += replaced.length;
    done += outcome.done;
    retries += outcome.retries;
    late.push(...outcome.late);
  }
  return { asked, objects, done, late, retries };
}
