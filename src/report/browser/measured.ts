/** A series that may be measured more seldom than its axis has points. */
export interface Measured {
  /** Seconds, ascending. */
  readonly at: readonly number[];
  readonly values: readonly (number | null)[];
}

/** Seconds that usually lie between two measurements: the median; Infinity where there are fewer than two. */
export function usualStep({ at, values }: Measured): number {
  const times = at.filter((_, i) => values[i] !== null);
  const steps = times.slice(1).map((time, i) => time - times[i]!);
  return steps.sort((a, b) => a - b)[steps.length >> 1] ?? Infinity;
}

/** What was measured last at a point of the axis; null where that is longer ago than the series is usually measured. */
export function lastMeasured({ at, values }: Measured, index: number, step: number): number | null {
  for (let i = index; i >= 0 && (i === index || at[index]! - at[i]! <= step); i--) {
    const value = values[i];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}

/** From how many times the usual step on, a time without measurements is a gap. */
export const LONG_GAP = 2.5;

/** Where nothing was measured for much longer than usual: the measurement before and the one after, by their number. */
export function gapsOf(series: Measured): readonly (readonly [before: number, after: number])[] {
  const { at, values } = series;
  const known = at.flatMap((_, i) => (values[i] === null || values[i] === undefined ? [] : [i]));
  const longest = usualStep(series) * LONG_GAP;
  return known.slice(1).flatMap((after, i) => {
    const before = known[i]!;
    return at[after]! - at[before]! > longest ? [[before, after] as const] : [];
  });
}
