/** What hosts went through, as figures and distributions. */
import type { Timeline } from '../observe/timeline';
import { ASKED } from '../report/figures';
import type { Distribution, Figure } from '../report/report';
import { figure } from './figure';
import { percentiles, shownQuantiles } from './percentiles';
import { arrivals, changeGroups } from './state-changes';
import type { StepRecord } from './step-record';

export interface HostFigures {
  readonly figures: readonly Figure[];
  readonly distributions: readonly Distribution[];
}

/** All from arrival times: for each step as a whole, and for each change of state in it. */
export function hostFigures(timelines: readonly Timeline[], records: readonly StepRecord[]): HostFigures {
  const figures: Figure[] = [];
  const distributions: Distribution[] = [];
  for (const record of records) {
    const step = { step: record.name };
    const { seconds, first, last } = arrivals(timelines, record);
    figures.push(
      figure('step_seconds', step, 'seconds', (record.end - record.start) / 1000, 'lower'),
      figure('step_hosts', step, 'hosts', record.done, 'higher'),
      figure('step_hosts_late', step, 'hosts', record.hosts - record.done, 'lower'),
      figure('step_write_retries', step, 'count', record.retries, 'neither'),
      figure('step_host_errors', step, 'count', errorsIn(timelines, record), 'lower'),
    );
    if (record.goal === undefined || seconds.length === 0) continue;
    // From the first request to the last host that is there.
    if (last > first) {
      const rate = seconds.length / ((last - first) / 1000);
      figures.push(figure('step_hosts_per_second', step, 'hosts per second', rate, 'higher'));
    }
    figures.push(...quantileFigures('step_host_seconds', step, seconds));
    distributions.push({ ...step, from: ASKED, to: record.goal.word, ...distribution(seconds) });
  }
  for (const { step, from, to, seconds, first, last } of changeGroups(timelines, records)) {
    const labels = { step, from, to };
    figures.push(figure('transition_hosts', labels, 'count', seconds.length, 'neither'));
    if (last > first) {
      const rate = seconds.length / ((last - first) / 1000);
      figures.push(figure('transition_hosts_per_second', labels, 'hosts per second', rate, 'neither'));
    }
    figures.push(...quantileFigures('transition_seconds', labels, seconds));
    distributions.push({ ...labels, ...distribution(seconds) });
  }
  return { figures, distributions };
}

/** The slowest of all is chance more than anything: it is told, and nothing to compare by. */
function quantileFigures(name: string, labels: Figure['labels'], seconds: readonly number[]): Figure[] {
  return shownQuantiles(seconds).map(([quantile, value]) =>
    figure(name, { ...labels, quantile }, 'seconds', value, quantile === '1' ? 'neither' : 'lower'),
  );
}

function distribution(seconds: readonly number[]): Pick<Distribution, 'count' | 'percentiles'> {
  return { count: seconds.length, percentiles: percentiles(seconds) };
}

/** How often hosts of a step came to be in error while it lasted. */
function errorsIn(timelines: readonly Timeline[], { asked, start, end }: StepRecord): number {
  let errors = 0;
  for (const { namespace, name, transitions } of timelines) {
    if (!asked.has(`${namespace}/${name}`)) continue;
    for (const { field, to, at } of transitions)
      if (field === 'error' && to !== '' && at >= start && at <= end) errors++;
  }
  return errors;
}
