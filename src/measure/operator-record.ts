import type { ComponentMetrics } from '../../lib/components/component';
import { histogramMean, histogramQuantile } from './metrics/histogram';
import { Samples } from './metrics/samples';
import type { Interval } from './metrics/scraper';
import type { Metric } from '../report/report';
import type { MeasuredSeries } from './axis';
import { metricAdder } from './metric';
import { ProcessUsage } from './process-usage';

/** What of a program is measured. */
type Measured = Pick<ComponentMetrics, 'controller' | 'errors'>;

/** No controller is called so. */
const NONE = '';
const RECONCILE_TIME = 'controller_runtime_reconcile_time_seconds';
const QUEUE_TIME = 'workqueue_queue_duration_seconds';

/** What one operator did while a scenario ran. One that is kwok has only its process to tell of. */
export class OperatorRecord {
  private readonly usage = new ProcessUsage();
  private readonly total = new Samples();
  private queueMax: number | undefined;
  private readonly queue: { at: number; value: number }[] = [];
  private readonly reconciles: { at: number; value: number }[] = [];
  private readonly reconcileTime: { at: number; value: number }[] = [];
  private readonly requests: { at: number; value: number }[] = [];

  /**
   * @param name tells it from others
   * @param measured whose work is measured, of what the program does; undefined for one that tells of its process alone
   */
  constructor(
    readonly name: string,
    private readonly measured: Measured | undefined,
  ) {}

  add(interval: Interval): void {
    const { at, seconds, now, increase } = interval;
    const { controller = NONE } = this.measured ?? {};
    this.usage.add(interval);
    this.total.addAll(increase);
    const depth = now.sum('workqueue_depth', { name: controller });
    if (depth !== undefined) {
      this.queueMax = Math.max(this.queueMax ?? 0, depth);
      this.queue.push({ at, value: depth });
    }
    const reconciles = increase.sum('controller_runtime_reconcile_total', { controller });
    if (reconciles !== undefined) this.reconciles.push({ at, value: reconciles / seconds });
    const mean = histogramMean(increase, RECONCILE_TIME, { controller });
    if (mean !== undefined) this.reconcileTime.push({ at, value: mean });
    const requests = increase.sum('rest_client_requests_total');
    if (requests !== undefined) this.requests.push({ at, value: requests / seconds });
  }

  metrics(): readonly Metric[] {
    const { total } = this;
    const labels = { operator: this.name };
    const { controller = NONE, errors } = this.measured ?? {};
    const where = { controller };
    const metrics = [...this.usage.metrics('operator', labels)];
    const add = metricAdder(metrics, labels);
    for (const [result, count] of total.sumsBy('controller_runtime_reconcile_total', (each) =>
      each['controller'] === controller ? each['result'] : undefined,
    ))
      add('operator_reconciles', { result }, 'count', count, result === 'error' ? 'lower' : 'neither');
    add('operator_reconcile_seconds_mean', {}, 'seconds', histogramMean(total, RECONCILE_TIME, where), 'lower');
    for (const quantile of [0.5, 0.99])
      add(
        ...(['operator_reconcile_seconds', { quantile: String(quantile) }, 'seconds'] as const),
        ...([histogramQuantile(total, RECONCILE_TIME, where, quantile), 'lower'] as const),
      );
    add('operator_queue_depth_max', {}, 'count', this.queueMax, 'neither');
    add('operator_queue_seconds_mean', {}, 'seconds', histogramMean(total, QUEUE_TIME, { name: controller }), 'lower');
    add('operator_queue_retries', {}, 'count', total.sum('workqueue_retries_total', { name: controller }), 'lower');
    if (errors !== undefined) add('operator_host_errors', {}, 'count', total.sum(errors), 'lower');
    for (const [code, count] of total.sumsBy('rest_client_requests_total', (each) => each['code']))
      add('operator_requests', { code }, 'count', count, code === '409' || code === '429' ? 'lower' : 'neither');
    return metrics;
  }

  /** @param suffix for names, where there are several operators */
  series(suffix: string): readonly MeasuredSeries[] {
    const group = 'operator';
    const all: readonly MeasuredSeries[] = [
      { group, name: `reconcile queue${suffix}`, unit: 'count', points: this.queue },
      { group, name: `reconciles${suffix}`, unit: 'per second', points: this.reconciles },
      { group, name: `reconcile time${suffix}`, unit: 'seconds', points: this.reconcileTime },
      { group, name: `requests${suffix}`, unit: 'per second', points: this.requests },
      ...this.usage.series(group, suffix),
    ];
    return all.filter(({ points }) => points.length > 0);
  }
}
