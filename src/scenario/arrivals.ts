import type { Listener, Operation } from '../util/events';
import type { NamespacedName } from '../kubernetes/objects';
import type { Kind, ObservedObject } from '../../lib/kinds/kind';
import type { KubernetesClient } from '../kubernetes/client';
import type { WatchedObjects } from '../watch/object-watch';
import { untilSettled } from '../watch/until-settled';
import { describePending, whereIs } from '../watch/wait-for-states';
import { watchOf } from './scenario-run';
import type { StepMemory } from './step-memory';
import { Rate } from '../util/rate';

/** What waiting for objects takes of a run. */
export interface ArrivalsRun extends Operation {
  readonly watches: readonly WatchedObjects[];
  readonly live: { readonly client: Pick<KubernetesClient, 'request'> };
  /** Of the step. @default - what it knows ends with this process */
  readonly memory?: StepMemory | undefined;
}

/** An object that a step is for. */
export type Target = NamespacedName;

/** `namespace/name`. */
export const keyOf = ({ namespace, name }: Target): string => `${namespace}/${name}`;

export interface ArrivalOptions<T extends ObservedObject> {
  readonly kind: Kind<T>;
  /** Names the step in events. */
  readonly task: string;
  readonly timeoutMs: number;
  readonly mayFail: boolean;
  /** Whether an object has got there; undefined for one that is not there at all. */
  readonly isThere: (object: T | undefined, target: Target) => boolean;
}

export interface Arrivals {
  readonly done: number;
  /** When the wait ended, in milliseconds on the clock of performance.now(). */
  readonly end: number;
  /** Those that did not get there, by `namespace/name`. */
  readonly pending: ReadonlySet<string>;
  /** The first few of them, each with why. */
  readonly late: readonly string[];
}

/** Waits until all objects of a step have got there at the same time, or its deadline has passed. */
export async function untilArrived<T extends ObservedObject>(
  run: ArrivalsRun,
  targets: readonly Target[],
  options: ArrivalOptions<T>,
): Promise<Arrivals> {
  const { live, signal } = run;
  const { kind, isThere, mayFail } = options;
  const watch = watchOf(run, kind);
  const isSettled = (target: Target) => {
    const observed = watch.get(target.namespace, target.name);
    return isThere(observed, target) || (mayFail && (observed?.errorType ?? '') !== '');
  };
  await untilSettled(watch, () => targets, isSettled, { deadlineMs: options.timeoutMs, signal });
  const { late, ...arrived } = arrivedByNow(run, targets, options);
  if (late.length === 0) return { ...arrived, late: [] };
  const described = await describePending(live.client, kind, late);
  return { ...arrived, late: described.split('\n').map((line) => line.trim()) };
}

/**
 * Asks objects for something, and waits as {@link untilArrived} does; meanwhile the listener is told how they fare.
 *
 * @returns where the signal is aborted, how they fared until then
 */
export async function askAndWait<T extends ObservedObject>(
  run: ArrivalsRun,
  targets: readonly Target[],
  options: ArrivalOptions<T>,
  ask: () => Promise<void>,
): Promise<Arrivals> {
  const stopShowing = showArrivals(watchOf(run, options.kind), targets, options, run.listener);
  try {
    await ask();
    return await untilArrived(run, targets, options);
  } catch (error) {
    if (run.signal?.aborted !== true) throw error;
    const { late, ...arrived } = arrivedByNow(run, targets, options);
    // Without asking what keeps them: who interrupts is not to wait.
    return { ...arrived, late: late.slice(0, SHOWN).map(whereIs) };
  } finally {
    stopShowing();
  }
}

function arrivedByNow<T extends ObservedObject>(
  run: ArrivalsRun,
  targets: readonly Target[],
  { kind, isThere }: ArrivalOptions<T>,
): Omit<Arrivals, 'late'> & { readonly late: readonly T[] } {
  const watch = watchOf(run, kind);
  const late: T[] = [];
  for (const target of targets) {
    const observed = watch.get(target.namespace, target.name);
    if (!isThere(observed, target)) late.push(observed ?? kind.unseen(target.namespace, target.name));
  }
  return { done: targets.length - late.length, end: performance.now(), pending: keysOf(late), late };
}

/** The `namespace/name` of each. */
export function keysOf(targets: readonly Target[]): ReadonlySet<string> {
  return new Set(targets.map(keyOf));
}

/** Of those that did not get there. */
const SHOWN = 5;
/** How often the listener is told, and over what time a rate is taken, in milliseconds. */
const SHOW_MS = 250;
const RATE_MS = 10_000;

/** Tells the listener how the objects of a step fare, a few times a second. @returns how to end it */
function showArrivals<T extends ObservedObject>(
  watch: WatchedObjects<T>,
  targets: readonly Target[],
  { task, isThere }: Pick<ArrivalOptions<T>, 'task' | 'isThere'>,
  listener: Listener | undefined,
): () => void {
  if (listener === undefined) return () => undefined;
  const total = targets.length;
  const rate = new Rate(RATE_MS);
  const show = () => {
    let done = 0;
    for (const target of targets) if (isThere(watch.get(target.namespace, target.name), target)) done++;
    const pace = rate.tell(performance.now(), done, total - done);
    const unit = watch.kind.noun.many;
    listener({ type: 'progress', task, done, total, unit, states: watch.counts(), ...pace });
  };
  show();
  const timer = setInterval(show, SHOW_MS);
  return () => clearInterval(timer);
}
