/** What objects went through, as metrics and distributions. */
import type { Timeline } from '../watch/timeline';
import type { Kind } from '../../lib/kinds/kind';
import { ASKED, CREATED } from '../report/asked';
import type { Distribution, Metric, Waterfall } from '../report/report';
import { creationsOf } from './creations';
import { metric } from './metric';
import { milestoneGroups } from './milestone-groups';
import { percentiles, shownQuantiles } from './percentiles';
import { arrivals, changeGroups } from './state-changes';
import type { StepRecord } from './step-record';
import { waterfallsOf } from './waterfalls';

export interface ObjectMetrics {
  readonly metrics: readonly Metric[];
  readonly distributions: readonly Distribution[];
  readonly waterfalls: readonly Waterfall[];
}

/**
 * All from arrival times: for each step as a whole, for each change of state in it, and for what it made until that came to
 * its conditions.
 *
 * @param kinds of the timelines @param end when the run ended, on their clock
 */
export function objectMetrics(
  timelines: readonly Timeline[],
  records: readonly StepRecord[],
  kinds: readonly Kind[],
  end: number,
): ObjectMetrics {
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
  const creations = creationsOf(timelines, records, kinds);
  for (const { kind, step, to, seconds, first, last } of milestoneGroups(creations, kinds)) {
    const labels = { kind, step, condition: to };
    metrics.push(metric('condition_objects', labels, 'count', seconds.length, 'neither'));
    if (last > first) {
      const rate = seconds.length / ((last - first) / 1000);
      metrics.push(metric('condition_objects_per_second', labels, 'objects per second', rate, 'neither'));
    }
    metrics.push(...quantileMetrics('condition_seconds', labels, seconds));
    distributions.push({ kind, step, from: CREATED, to, ...distribution(seconds) });
  }
  const { metrics: ofPhases, waterfalls } = waterfallsOf(timelines, creations, kinds, end);
  return { metrics: [...metrics, ...ofPhases], distributions, waterfalls };
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
