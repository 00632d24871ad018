import { metricValue } from '../../report/metrics';
import type { Report } from '../../report/report';
import { table } from './table';

/** What the steps of a run did, a line for each: how many objects, how fast, and how long the median and the slow ones took. */
export function stepTable(report: Report): string {
  const value = (name: string, step: string, quantile?: string) => metricValue(report, name, { step, quantile });
  const shown = (number: number | undefined) => (number === undefined ? '' : number.toFixed(1));
  const rows = report.steps.map(({ name, objects, done, start, end }) => [
    name,
    objects === 0 ? '' : String(done),
    objects === 0 ? '' : String(objects - done),
    shown(end - start),
    shown(value('step_objects_per_second', name)),
    ...['0.5', '0.9', '0.99', '1'].map((quantile) => shown(value('step_object_seconds', name, quantile))),
  ]);
  return table(['STEP', 'DONE', 'LATE', 'SECONDS', 'RATE/S', 'P50', 'P90', 'P99', 'MAX'], rows);
}
