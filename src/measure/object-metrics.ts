/** What objects went through, as metrics and distributions. */
import type { Timeline } from '../watch/timeline';
import { ASKED } from '../report/asked';
import type { Distribution, Metric } from '../report/report';
import { metric } from './metric';
import { percentiles, shownQuantiles } from './percentiles';
import { arrivals, changeGroups } from './state-changes';
import type { StepRecord } from './step-record';

export interface ObjectMetrics {
  readonly metrics: readonly Metric[];
  readonly distributions: readonly Distribution[];
}

/** All from arrival times: for each step as a whole, and for each change of state in it. */
export function objectMetrics(timelines: readonly Timeline[], records: readonly StepRecord[]): ObjectMetrics {
  const metrics: Metric[] = [];
  const distributions: Distribution[] = [];
  for (const record of records) {
    const { kind } = record;
    const step: Readonly<Record<string, string>> =
      kind === undefined ? { step: record.name } : { kind, step: record.name };
    const { seconds, first, last } = arrivals(timelines, record);
    metrics.push(
      metric('step_seconds', step, 'seconds', (record.end - record.start) / 1000, 'lower'),
      metric('step_objects', step, 'objects', record.done, 'higher'),
      metric('step_objects_late', step, 'objects', record.objects - record.done, 'lower'),
      metric('step_write_retries', step, 'count', record.retries, 'neither'),
      metric('step_object_errors', step, 'count', errorsIn(timelines, record), 'lower'),
    );
    if (kind === undefined || record.goal === undefined || seconds.length === 0) continue;
    // From the first request to the last object that is there.
    if (last > first) {
      const rate = seconds.length / ((last - first) / 1000);
      metrics.push(metric('step_objects_per_second', step, 'objects per second', rate, 'higher'));
    }
    metrics.push(...quantileMetrics('step_object_seconds', step, seconds));
    distributions.push({ kind, step: record.name, from: ASKED, to: record.goal.word, ...distribution(seconds) });
  }
  for (const { kind, step, from, to, seconds, first, last } of changeGroups(timelines, records)) {
    const labels = { kind, step, from, to };
    metrics.push(metric('transition_objects', labels, 'count', seconds.length, 'neither'));
    if (last > first) {
      const rate = seconds.length / ((last - first) / 1000);
      metrics.push(metric('transition_objects_per_second', labels, 'objects per second', rate, 'neither'));
    }
    metrics.push(...quantileMetrics('transition_seconds', labels, seconds));
    distributions.push({ ...labels, ...distribution(seconds) });
  }
  return { metrics, distributions };
}

/** The slowest of all is chance more than anything: it is told, and nothing to compare by. */
function quantileMetrics(name: string, labels: Metric['labels'], seconds: readonly number[]): Metric[] {
  return shownQuantiles(seconds).map(([quantile, value]) =>
    metric(name, { ...labels, quantile }, 'seconds', value, quantile === '1' ? 'neither' : 'lower'),
  );
}

function distribution(seconds: readonly number[]): Pick<Distribution, 'count' | 'percentiles'> {
  return { count: seconds.length, percentiles: percentiles(seconds) };
}

/** How often objects of a step came to be in error while it lasted. */
function errorsIn(timelines: readonly Timeline[], { asked, kind: ofKind, start, end }: StepRecord): number {
  let errors = 0;
  for (const { kind, namespace, name, transitions } of timelines) {
    if (kind !== ofKind || !asked.has(`${namespace}/${name}`)) continue;
    for (const { field, to, at } of transitions)
      if (field === 'error' && to !== '' && at >= start && at <= end) errors++;
  }
  return errors;
}
