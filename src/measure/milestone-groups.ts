import { firstTime } from '../../lib/kinds/life';
import type { Kind } from '../../lib/kinds/kind';
import type { Creation } from './creations';

/** How long objects that a step made took from then until they came somewhere. */
export interface MilestoneGroup {
  readonly kind: string;
  readonly step: string;
  /** What they came to, such as `InfrastructureReady`. */
  readonly to: string;
  readonly seconds: readonly number[];
  /** When the first of them was made, and when the last one came there. */
  readonly first: number;
  readonly last: number;
}

/** For each step and kind, in the order of the steps, and of what their kind's objects come to. */
export function milestoneGroups(creations: readonly Creation[], kinds: readonly Kind[]): readonly MilestoneGroup[] {
  return kinds.flatMap(({ kind, milestones = [] }) => {
    const byStep = Map.groupBy(
      creations.filter(({ line }) => line.kind === kind),
      ({ record }) => record,
    );
    return [...byStep].flatMap(([record, made]) =>
      milestones.flatMap(({ name: to, field, value }): MilestoneGroup[] => {
        const came = made.flatMap(({ line }) => {
          const at = firstTime(line, field, value);
          return at === undefined ? [] : [{ from: line.seenAt, at }];
        });
        if (came.length === 0) return [];
        return [
          {
            ...{ kind, step: record.name, to },
            seconds: came.map(({ from, at }) => (at - from) / 1000),
            first: Math.min(...came.map(({ from }) => from)),
            last: Math.max(...came.map(({ at }) => at)),
          },
        ];
      }),
    );
  });
}
