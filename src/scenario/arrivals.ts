import type { Listener } from '../events';
import type { NamespacedName } from '../kubernetes/objects';
import type { HostWatch, ObservedHost } from '../observe/host-watch';
import { unseenHost } from '../observe/host-watch';
import { untilSettled } from '../observe/until-settled';
import { describeLate } from '../observe/wait-for-hosts';
import type { ScenarioRun } from './scenario-run';

/** A host that a step is for. */
export type Subject = NamespacedName;

/** `namespace/name`. */
export const keyOf = ({ namespace, name }: Subject): string => `${namespace}/${name}`;

export interface ArrivalOptions {
  /** Names the step in events. */
  readonly task: string;
  readonly timeoutMs: number;
  readonly mayFail: boolean;
  /** Whether a host has got there; undefined for one that is not there at all. */
  readonly isThere: (host: ObservedHost | undefined, subject: Subject) => boolean;
}

export interface Arrivals {
  readonly done: number;
  /** When the wait ended, in milliseconds on the clock of performance.now(). */
  readonly end: number;
  /** The first few hosts that did not get there, each with why. */
  readonly late: readonly string[];
}

/** Waits until all hosts of a step have got there at the same time, or its deadline has passed. */
export async function untilArrived(
  { watch, live, signal }: Pick<ScenarioRun, 'watch' | 'live' | 'signal'>,
  subjects: readonly Subject[],
  options: ArrivalOptions,
): Promise<Arrivals> {
  const hostOf = ({ namespace, name }: Subject) => watch.get(namespace, name);
  const isThere = (subject: Subject) => options.isThere(hostOf(subject), subject);
  const isSettled = (subject: Subject) =>
    isThere(subject) || (options.mayFail && (hostOf(subject)?.errorType ?? '') !== '');
  await untilSettled(watch, () => subjects, isSettled, { deadlineMs: options.timeoutMs, ...(signal && { signal }) });
  const end = performance.now();
  const late = subjects.filter((subject) => !isThere(subject));
  const described = late.map((subject) => hostOf(subject) ?? unseenHost(subject.namespace, subject.name));
  return {
    done: subjects.length - late.length,
    end,
    late: late.length === 0 ? [] : (await describeLate(live.client, described)).split('\n').map((line) => line.trim()),
  };
}

/** Asks hosts for something, and waits as {@link untilArrived} does; meanwhile the listener is told how they fare. */
export async function askAndWait(
  run: ScenarioRun,
  subjects: readonly Subject[],
  options: ArrivalOptions,
  ask: () => Promise<void>,
): Promise<Arrivals> {
  const stopShowing = showArrivals(run.watch, subjects, options, run.listener);
  try {
    await ask();
    return await untilArrived(run, subjects, options);
  } finally {
    stopShowing();
  }
}

/** How often the listener is told, and over what time a rate is taken, in milliseconds. */
const SHOW_MS = 250;
const RATE_MS = 10_000;

/** Tells the listener how the hosts of a step fare, a few times a second. @returns how to end it */
function showArrivals(
  watch: HostWatch,
  subjects: readonly Subject[],
  { task, isThere }: Pick<ArrivalOptions, 'task' | 'isThere'>,
  listener: Listener | undefined,
): () => void {
  if (listener === undefined) return () => undefined;
  const total = subjects.length;
  const samples: { readonly at: number; readonly done: number }[] = [];
  const show = () => {
    const at = performance.now();
    let done = 0;
    for (const subject of subjects) if (isThere(watch.get(subject.namespace, subject.name), subject)) done++;
    samples.push({ at, done });
    while (samples.length > 2 && at - (samples[0]?.at ?? at) > RATE_MS) samples.shift();
    const first = samples[0] ?? { at, done };
    const perSecond = at > first.at ? Math.max(0, ((done - first.done) / (at - first.at)) * 1000) : 0;
    listener({
      ...{ type: 'progress', task, done, total, unit: 'hosts', perSecond, states: watch.counts() },
      ...(perSecond > 0 && { remainingSeconds: (total - done) / perSecond }),
    });
  };
  show();
  const timer = setInterval(show, SHOW_MS);
  return () => clearInterval(timer);
}
