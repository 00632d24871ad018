import type { Kind, ObservedObject } from '../../lib/kinds/kind';
import type { ResolvedStep } from '../../lib/scenario/resolved';
import type { ChurnStep } from '../../lib/scenario/steps';
import { pause } from '../util/pause';
import { askAndWait, keyOf, untilArrived, type Arrivals, type Target } from './arrivals';
import { requestChange } from './change-objects';
import { forEachRateLimited } from './rate-limited';
import type { ScenarioRun } from './scenario-run';
import { StepMemory } from './step-memory';

/** What became of objects that were replaced. */
export interface Churned {
  /** When each was asked to go, the last time, by `namespace/name`. */
  readonly asked: ReadonlyMap<string, number>;
  /** Those that did not get there the last time. */
  readonly pending: ReadonlySet<string>;
  readonly objects: number;
  readonly done: number;
  readonly late: readonly string[];
  readonly retries: number;
}

/** What a churn has come to. */
interface Rounds {
  round: number;
  objects: number;
  done: number;
  retries: number;
  readonly late: string[];
  readonly pending: Set<string>;
}

/** Of the objects of all rounds, by `namespace/name`: when each was asked to go, and those that did not get there. */
export type Fates = Pick<StepMemory, 'asked'> & Pick<Rounds, 'pending'>;

/**
 * Replaces a share of objects every so often, other ones each time; one that was replaced twice counts twice. Carried on, it
 * has as many rounds as one that was not interrupted: the time in between does not count.
 */
export async function churned<T>(
  all: readonly T[],
  { share, everySeconds, forSeconds }: Pick<ChurnStep, 'everySeconds' | 'forSeconds' | 'share'>,
  { signal, memory = new StepMemory() }: Pick<ScenarioRun, 'memory' | 'signal'>,
  replace: (
    some: readonly T[],
    fates: Fates,
  ) => Promise<Pick<Arrivals, 'done' | 'late'> & { readonly retries: number }>,
): Promise<Churned> {
  const size = Math.max(1, Math.floor(all.length * share));
  const { asked } = memory;
  const so = memory.keep('rounds', (): Rounds => ({
    round: 0,
    objects: 0,
    done: 0,
    retries: 0,
    late: [],
    pending: new Set(),
  }));
  const start = performance.now() - so.round * everySeconds * 1000;
  for (; performance.now() - start <= forSeconds * 1000; so.round++) {
    const { round } = so;
    await pause(Math.max(0, start + round * everySeconds * 1000 - performance.now()), signal);
    if (performance.now() - start > forSeconds * 1000) break;
    const replaced = Array.from({ length: size }, (_, i) => all[(round * size + i) % all.length]!);
    const outcome = await replace(replaced, { asked, pending: so.pending });
    so.objects += replaced.length;
    so.done += outcome.done;
    so.retries += outcome.retries;
    so.late.push(...outcome.late);
  }
  const { objects, done, retries, late, pending } = so;
  return { asked, pending, objects, done, late, retries };
}

/** How objects of a kind are replaced. */
export interface Replacement<T extends ObservedObject> {
  readonly kind: Kind<T>;
  readonly targets: readonly Target[];
  /** Deletes what they have left, once they are gone. */
  readonly clear: () => Promise<void>;
  /** Writes them anew. @returns how many writes had to be sent again */
  readonly make: () => Promise<number>;
  /** Whether one that was made anew has got there. */
  readonly isThere: (object: T | undefined) => boolean;
}

/** Deletes objects, and makes them anew once they are gone. */
export async function replaceObjects<T extends ObservedObject>(
  { kind, targets, clear, make, isThere }: Replacement<T>,
  { name: task, timeoutMs, mayFail }: ResolvedStep<'churn'>,
  { asked, pending }: Fates,
  run: ScenarioRun,
): Promise<Pick<Arrivals, 'done' | 'late'> & { readonly retries: number }> {
  let retries = 0;
  await forEachRateLimited(targets, { signal: run.signal }, async (target) => {
    asked.set(keyOf(target), performance.now());
    pending.add(keyOf(target));
    await requestChange(run, kind, target, undefined, () => retries++);
  });
  const common = { kind, task, timeoutMs };
  const isGone = (object: T | undefined) => object === undefined;
  const gone = await untilArrived(run, targets, { ...common, mayFail: false, isThere: isGone });
  if (gone.done < targets.length) return { ...gone, done: 0, retries };
  await clear();
  const arrivals = await askAndWait(run, targets, { ...common, mayFail, isThere }, async () => {
    retries += await make();
  });
  for (const target of targets) if (!arrivals.pending.has(keyOf(target))) pending.delete(keyOf(target));
  return { ...arrivals, retries };
}
