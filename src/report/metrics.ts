import { hasLabels, type Labels } from '../util/labels';
import type { Metric, Report } from './report';

/** What a metric is called in tables and errors, and told apart by: `transition_seconds{from="available", step="provision"}`. */
export function metricKey({ name, labels }: Pick<Metric, 'labels' | 'name'>): string {
  const pairs = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(', ')}}`;
}

/**
 * The first metric of a name that has these labels; one that is undefined has to be absent.
 *
 * @returns undefined where it was not measured
 */
export function metricValue(
  { metrics }: Pick<Report, 'metrics'>,
  name: string,
  labels: Labels = {},
): number | undefined {
  return metrics.find((metric) => metric.name === name && hasLabels(metric.labels, labels))?.value;
}

/** What something of one of several clusters is called. @param name '' for how such a name begins */
export function nameInCluster(cluster: string, name: string): string {
  return `${cluster}: ${name}`;
}

/** The value in the middle; of an even number of values, halfway between the two. @param values at least one, in any order */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1]!;
  return sorted.length % 2 === 1 ? upper : (sorted[(sorted.length >> 1) - 1]! + upper) / 2;
}

/** How far the runs are apart: the largest value less the smallest. */
export function spread(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}
