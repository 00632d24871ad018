import type { Kind } from '../../lib/kinds/kind';
import type { Timeline } from '../watch/timeline';
import type { Series } from '../report/report';
import { indexOf, type Axis } from './axis';
import { rounded } from './percentiles';
import { GONE, NEW } from './state-changes';

/** Of one kind, how many objects were in each state at each point of the axis, and how many came into each in a second. */
function seriesOf(kind: string, timelines: readonly Timeline[], axis: Axis): readonly Series[] {
  const changes = new Map<string, number[]>();
  const entered = new Map<string, number[]>();
  const add = (map: Map<string, number[]>, state: string, at: number, by: number) => {
    let counts = map.get(state);
    if (counts === undefined) map.set(state, (counts = axis.at.map(() => 0)));
    const i = indexOf(axis, at);
    counts[i] = (counts[i] ?? 0) + by;
  };
  for (const { seenAt, goneAt, transitions } of timelines) {
    let state = NEW;
    add(changes, state, seenAt, 1);
    for (const { field, to, at } of transitions) {
      if (field !== 'state') continue;
      add(changes, state, at, -1);
      state = to || NEW;
      add(changes, state, at, 1);
      add(entered, state, at, 1);
    }
    if (goneAt === undefined) continue;
    add(changes, state, goneAt, -1);
    add(entered, GONE, goneAt, 1);
  }
  return [
    ...[...changes].map(([name, counts]): Series => ({
      group: 'states',
      kind,
      name,
      unit: 'objects',
      values: summed(counts),
    })),
    ...[...entered].map(([name, counts]): Series => ({
      group: 'throughput',
      kind,
      name,
      unit: 'objects per second',
      values: counts.map((count, i) => rounded(count / secondsBefore(axis, i))),
    })),
  ];
}

/** How many objects of a kind were at each of its milestones and lines, at each point of the axis. */
function milestoneSeries(
  { kind, milestones = [], lines = [] }: Kind,
  timelines: readonly Timeline[],
  axis: Axis,
): readonly Series[] {
  return [...milestones, ...lines].flatMap(({ name, field, value }): Series[] => {
    const changes = axis.at.map(() => 0);
    const add = (at: number, by: number) => {
      const i = indexOf(axis, at);
      changes[i] = (changes[i] ?? 0) + by;
    };
    let isAny = false;
    for (const { goneAt, transitions } of timelines) {
      let is = false;
      const set = (now: boolean, at: number) => {
        if (now !== is) add(at, now ? 1 : -1);
        isAny ||= now;
        is = now;
      };
      for (const each of transitions) if (each.field === field) set(each.to === value, each.at);
      if (goneAt !== undefined) set(false, goneAt);
    }
    return isAny ? [{ group: 'conditions', kind, name, unit: 'objects', values: summed(changes) }] : [];
  });
}

/** The same for each kind in turn. @param kinds of the timelines */
export function stateSeries(timelines: readonly Timeline[], axis: Axis, kinds: readonly Kind[]): readonly Series[] {
  return [...Map.groupBy(timelines, ({ kind }) => kind)].flatMap(([name, ofKind]) => {
    const kind = kinds.find((each) => each.kind === name);
    return [...seriesOf(name, ofKind, axis), ...(kind === undefined ? [] : milestoneSeries(kind, ofKind, axis))];
  });
}

function summed(changes: readonly number[]): number[] {
  let sum = 0;
  return changes.map((change) => (sum += change));
}

/** How long the time is of which a point of the axis tells. */
function secondsBefore({ at, stepSeconds }: Axis, i: number): number {
  return i === 0 ? stepSeconds : (at[i] ?? 0) - (at[i - 1] ?? 0);
}
