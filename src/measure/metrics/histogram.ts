import { hasLabels } from '../../util/labels';
import type { Samples } from './samples';

/**
 * A quantile of a histogram's values, as Prometheus estimates it: evenly spread within a bucket.
 *
 * @param name of the histogram, without `_bucket`
 * @returns undefined where it counted nothing; the highest bound but infinity where it lies beyond that
 */
export function histogramQuantile(
  samples: Samples,
  name: string,
  where: Readonly<Record<string, string>>,
  quantile: number,
): number | undefined {
  const buckets = [
    ...samples.sumsBy(`${name}_bucket`, (labels) => (hasLabels(labels, where) ? labels['le'] : undefined)),
  ]
    .map(([bound, count]) => ({ bound: bound === '+Inf' ? Infinity : Number(bound), count }))
    .sort((a, b) => a.bound - b.bound);
  const total = buckets.at(-1)?.count ?? 0;
  if (total === 0) return undefined;
  const rank = quantile * total;
  let below = { bound: 0, count: 0 };
  for (const bucket of buckets) {
    if (bucket.count >= rank) {
      if (bucket.bound === Infinity) return below.bound;
      const within = bucket.count === below.count ? 0 : (rank - below.count) / (bucket.count - below.count);
      return below.bound + (bucket.bound - below.bound) * within;
    }
    below = bucket;
  }
  return below.bound;
}

/** The mean of what a histogram counted; undefined where it counted nothing. */
export function histogramMean(
  samples: Samples,
  name: string,
  where: Readonly<Record<string, string>> = {},
): number | undefined {
  const count = samples.sum(`${name}_count`, where) ?? 0;
  return count === 0 ? undefined : (samples.sum(`${name}_sum`, where) ?? 0) / count;
}
