import { figureValue } from '../../report/figures';
import type { Report } from '../../report/report';
import { table } from './table';

/** What the steps of a run did, a line for each: how many hosts, how fast, and how long the median and the slow ones took. */
export function stepTable(report: Report): string {
  const value = (name: string, step: string, quantile?: string) => figureValue(report, name, { step, quantile });
  const shown = (number: number | undefined) => (number === undefined ? '' : number.toFixed(1));
  const rows = report.steps.map(({ name, hosts, done, start, end }) => [
    name,
    hosts === 0 ? '' : String(done),
    hosts === 0 ? '' : String(hosts - done),
    shown(end - start),
    shown(value('step_hosts_per_second', name)),
    ...['0.5', '0.9', '0.99', '1'].map((quantile) => shown(value('step_host_seconds', name, quantile))),
  ]);
  return table(['STEP', 'HOSTS', 'LATE', 'SECONDS', 'HOSTS/S', 'P50', 'P90', 'P99', 'MAX'], rows);
}
