import type { Timeline } from '../watch/timeline';
import type { StepRecord } from './step-record';

/** One object's change from one state to another. */
interface StateChange {
  readonly kind: string;
  readonly step: string;
  readonly from: string;
  readonly to: string;
  /** When it arrived, in milliseconds on the monotonic clock. */
  readonly at: number;
  /** How long the object was in `from`, since it came there or was asked to leave it, whichever was later. */
  readonly seconds: number;
}

/** All changes of objects of a kind from one state to another in one step. */
export interface ChangeGroup {
  readonly kind: string;
  readonly step: string;
  readonly from: string;
  readonly to: string;
  readonly seconds: readonly number[];
  /** When the first and the last arrived. */
  readonly first: number;
  readonly last: number;
}

/** The state of an object that no controller has seen yet, and that of one that is no more. */
export const NEW = 'new';
export const GONE = 'gone';

/**
 * The changes of state of all objects, by step. A change belongs to the step that asked its object last; one of
 * objects that were not asked for anything belongs to none and is left out. So is one behind a gap in the watch, since steps
 * in between are missing.
 */
export function changeGroups(timelines: Iterable<Timeline>, records: readonly StepRecord[]): readonly ChangeGroup[] {
  const groups = new Map<string, { -readonly [K in keyof ChangeGroup]: ChangeGroup[K] } & { seconds: number[] }>();
  for (const { kind, step, from, to, at, seconds } of stateChanges(timelines, records)) {
    const key = JSON.stringify([kind, step, from, to]);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, { kind, step, from, to, seconds: [seconds], first: at, last: at });
      continue;
    }
    group.seconds.push(seconds);
    group.first = Math.min(group.first, at);
    group.last = Math.max(group.last, at);
  }
  const order = records.map(({ name }) => name);
  return [...groups.values()].sort((a, b) => order.indexOf(a.step) - order.indexOf(b.step) || a.first - b.first);
}

function* stateChanges(timelines: Iterable<Timeline>, records: readonly StepRecord[]): Generator<StateChange> {
  const byStart = records.toSorted((a, b) => a.start - b.start);
  for (const line of timelines) {
    const key = `${line.namespace}/${line.name}`;
    const asked = byStart
      .flatMap((record) => {
        const at = record.kind === line.kind ? record.asked.get(key) : undefined;
        return at === undefined ? [] : [{ step: record.name, at }];
      })
      .sort((a, b) => a.at - b.at);
    let from = NEW;
    let since = line.seenAt;
    const changeTo = function* (to: string, at: number, isKnown: boolean): Generator<StateChange> {
      const asker = asked.findLast((each) => each.at <= at);
      if (asker !== undefined && isKnown) {
        const seconds = Math.max(0, at - Math.max(since, asker.at)) / 1000;
        yield { kind: line.kind, step: asker.step, from, to, at, seconds };
      }
      from = to;
      since = at;
    };
    for (const { field, to, at, isAfterGap } of line.transitions)
      if (field === 'state') yield* changeTo(to || NEW, at, !isAfterGap);
    if (line.goneAt !== undefined) yield* changeTo(GONE, line.goneAt, true);
  }
}

/**
 * How long each object took from being asked to having got there, in seconds, and when the last one did. Of one that was
 * made by the step, from when it was first seen.
 */
export function arrivals(
  timelines: readonly Timeline[],
  { asked, pending, kind, goal, end }: StepRecord,
): { readonly seconds: readonly number[]; readonly first: number; readonly last: number } {
  const seconds: number[] = [];
  let first = Infinity;
  let last = -Infinity;
  if (goal === undefined) return { seconds, first, last };
  for (const line of timelines) {
    const key = `${line.namespace}/${line.name}`;
    const askedAt = line.kind === kind ? asked.get(key) : undefined;
    // The last change of one that did not get there has taken it somewhere else.
    if (askedAt === undefined || pending?.has(key)) continue;
    // An object that was replaced is several: of those the one that is there in the end has got there.
    if (goal.field !== 'gone' && (line.goneAt ?? Infinity) <= end) continue;
    const at =
      goal.field === 'gone'
        ? line.goneAt
        : line.transitions.findLast(({ field, at }) => (field === goal.field || field === goal.request) && at <= end)
            ?.at;
    const from = Math.max(askedAt, line.seenAt);
    if (at === undefined || at < from || at > end) continue;
    seconds.push((at - from) / 1000);
    first = Math.min(first, from);
    last = Math.max(last, at);
  }
  return { seconds, first, last };
}
