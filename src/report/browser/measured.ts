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
