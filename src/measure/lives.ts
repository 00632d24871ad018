import type { Lives } from '../../lib/kinds/life';
import type { Timeline } from '../watch/timeline';

/** Timelines that are found by what they had; each field is looked through once it is asked for. */
export function livesOf(timelines: readonly Timeline[]): Lives {
  const byKind = Map.groupBy(timelines, ({ kind }) => kind);
  const indexes = new Map<string, Map<string, Timeline[]>>();
  const indexOf = (kind: string, field: string): Map<string, Timeline[]> => {
    const index = new Map<string, Timeline[]>();
    for (const line of byKind.get(kind) ?? [])
      for (const value of new Set(line.transitions.flatMap((each) => (each.field === field ? [each.to] : [])))) {
        const found = index.get(value);
        if (found === undefined) index.set(value, [line]);
        else found.push(line);
      }
    return index;
  };
  return {
    having(kind, field, value) {
      const key = `${kind} ${field}`;
      let index = indexes.get(key);
      if (index === undefined) indexes.set(key, (index = indexOf(kind, field)));
      return index.get(value) ?? [];
    },
  };
}
