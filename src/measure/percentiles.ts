/** What is shown of a distribution: the median, the slow ones, and the slowest. */
const QUANTILES = [0.5, 0.9, 0.99, 1] as const;

/**
 * A quantile of numbers, between two of them in proportion.
 *
 * @param sorted ascending, at least one
 * @param q from 0 (the least) to 1 (the most)
 */
function quantile(sorted: readonly number[], q: number): number {
  const position = q * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? NaN;
  const above = sorted[Math.ceil(position)] ?? NaN;
  return below + (above - below) * (position % 1);
}

/** The quantiles that are metrics: `['0.5', 1.2]` and so on. @param values at least one, in any order */
export function shownQuantiles(values: readonly number[]): readonly (readonly [label: string, value: number])[] {
  const sorted = values.toSorted((a, b) => a - b);
  return QUANTILES.map((q) => [String(q), quantile(sorted, q)] as const);
}

/** From the 0th to the 100th: 101 numbers. @param values at least one, in any order */
export function percentiles(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return Array.from({ length: 101 }, (_, percent) => rounded(quantile(sorted, percent / 100)));
}

/** Tenths of a millisecond are finer than any arrival is known, and make half the file of all digits. */
export function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
