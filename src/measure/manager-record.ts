import type { Metric } from '../report/report';
import type { MeasuredSeries } from './axis';
import { metric, metricAdder } from './metric';
import { histogramMean, histogramQuantile } from './metrics/histogram';
import type { Asked } from './metrics/operator';
import { Samples } from './metrics/samples';
import type { Interval } from './metrics/scraper';
import { ProcessUsage } from './process-usage';
import type { Points } from './rates';

const RECONCILES = 'controller_runtime_reconcile_total';
const RECONCILE_TIME = 'controller_runtime_reconcile_time_seconds';
const WORKERS = 'controller_runtime_max_concurrent_reconciles';
const QUEUE_TIME = 'workqueue_queue_duration_seconds';
const REQUESTS = 'rest_client_requests_total';
const WEBHOOKS = 'controller_runtime_webhook_latency_seconds';
const MUTEX = 'go_sync_mutex_wait_total_seconds_total';
const ASKED: readonly Asked[] = ['management', 'clusters'];
/** No manager has so many; what comes after them is left out. */
const MOST_CONTROLLERS = 32;

/** What one manager of Cluster API did while a scenario ran, of all its clusters together. */
export class ManagerRecord {
  private readonly usage = new ProcessUsage();
  private readonly total = new Samples();
  private now = new Samples();
  private seconds = 0;
  private readonly queueMax = new Map<string, number>();
  private readonly points: Readonly<Record<'conflicts' | 'errors' | 'queue' | 'reconciles' | 'requests', Points>> = {
    ...{ queue: [], reconciles: [], errors: [], requests: [], conflicts: [] },
  };

  constructor(readonly name: string) {}

  add(interval: Interval): void {
    const { at, seconds, now, increase } = interval;
    this.usage.add(interval);
    this.total.addAll(increase);
    this.now = now;
    this.seconds += seconds;
    const depths = now.sumsBy('workqueue_depth', (labels) => labels['name']);
    for (const [controller, depth] of depths)
      this.queueMax.set(controller, Math.max(this.queueMax.get(controller) ?? 0, depth));
    this.points.queue.push({ at, value: [...depths.values()].reduce((sum, depth) => sum + depth, 0) });
    const rate = (points: Points, count: number | undefined) => points.push({ at, value: (count ?? 0) / seconds });
    rate(this.points.reconciles, increase.sum(RECONCILES));
    rate(this.points.errors, increase.sum(RECONCILES, { result: 'error' }));
    rate(this.points.requests, increase.sum(REQUESTS));
    rate(this.points.conflicts, increase.sum(REQUESTS, { code: '409' }));
  }

  metrics(): readonly Metric[] {
    const { total, name: manager } = this;
    const labels = { manager };
    const metrics = [...this.usage.metrics('manager', labels)];
    const wait = total.sum(MUTEX);
    if (wait !== undefined) metrics.push(metric('manager_mutex_wait_seconds', labels, 'seconds', wait, 'neither'));
    for (const controller of this.controllers()) metrics.push(...this.controllerMetrics(controller));
    const requests = total.sumsBy(REQUESTS, ({ host = '', method = '', code = '' }) =>
      JSON.stringify([host, method, code]),
    );
    for (const [key, count] of requests) {
      if (count === 0) continue;
      const [api = '', method = '', code = ''] = JSON.parse(key) as string[];
      const isRefusal = code === '409' || code === '429';
      const at = { ...labels, api, method, code };
      metrics.push(metric('manager_requests', at, 'count', count, isRefusal ? 'lower' : 'neither'));
    }
    for (const api of ASKED)
      metrics.push(
        metric(
          'manager_requests_total',
          { ...labels, api },
          'count',
          total.sum(REQUESTS, { host: api }) ?? 0,
          'neither',
        ),
      );
    for (const [webhook, count] of total.sumsBy(`${WEBHOOKS}_count`, (each) => each['webhook'])) {
      if (count === 0) continue;
      const sum = total.sum(`${WEBHOOKS}_sum`, { webhook }) ?? 0;
      metrics.push(
        metric('manager_webhook_requests', { ...labels, webhook }, 'count', count, 'neither'),
        metric('manager_webhook_seconds_sum', { ...labels, webhook }, 'seconds', sum, 'neither'),
      );
    }
    return metrics;
  }

  /**
   * Each is `what: manager`, so that what is alike of several managers is drawn together.
   *
   * @param hasUsage whether CPU and memory are among them
   */
  series(hasUsage: boolean): readonly MeasuredSeries[] {
    const group = 'manager';
    const { queue, reconciles, errors, requests, conflicts } = this.points;
    const named = (what: string) => `${what}: ${this.name}`;
    const all: readonly MeasuredSeries[] = [
      { group, name: named('reconciles'), unit: 'per second', points: reconciles },
      { group, name: named('failed reconciles'), unit: 'per second', points: errors },
      { group, name: named('queue'), unit: 'count', points: queue },
      { group, name: named('requests'), unit: 'per second', points: requests },
      { group, name: named('refused with 409'), unit: 'per second', points: conflicts },
      ...(hasUsage ? this.usage.series(group, '') : []).map((series) => ({ ...series, name: named(series.name) })),
    ];
    return all.filter(({ points }) => points.length > 0);
  }

  /** Those that did something, the busiest first. */
  private controllers(): readonly string[] {
    return [...this.total.sumsBy(RECONCILES, (labels) => labels['controller'])]
      .filter(([, count]) => count > 0)
      .sort(([, a], [, b]) => b - a)
      .slice(0, MOST_CONTROLLERS)
      .map(([controller]) => controller);
  }

  private controllerMetrics(controller: string): readonly Metric[] {
    const { total } = this;
    const labels = { manager: this.name, controller };
    const metrics: Metric[] = [];
    const add = metricAdder(metrics, labels);
    const results = total.sumsBy(RECONCILES, (each) =>
      each['controller'] === controller ? each['result'] : undefined,
    );
    for (const [result, count] of results)
      if (count > 0) add('manager_reconciles', { result }, 'count', count, result === 'error' ? 'lower' : 'neither');
    const sum = total.sum(`${RECONCILE_TIME}_sum`, { controller });
    add('manager_reconcile_seconds_sum', {}, 'seconds', sum, 'neither');
    add('manager_reconcile_seconds_mean', {}, 'seconds', histogramMean(total, RECONCILE_TIME, { controller }), 'lower');
    for (const quantile of [0.5, 0.99])
      add(
        ...(['manager_reconcile_seconds', { quantile: String(quantile) }, 'seconds'] as const),
        ...([histogramQuantile(total, RECONCILE_TIME, { controller }, quantile), 'lower'] as const),
      );
    // Of a controller that is busy all the time, more concurrency is what helps.
    const workers = this.now.sum(WORKERS, { controller });
    if (workers !== undefined && workers > 0 && this.seconds > 0)
      add('manager_workers_busy', {}, 'share', (sum ?? 0) / (workers * this.seconds), 'neither');
    add('manager_queue_depth_max', {}, 'count', this.queueMax.get(controller), 'neither');
    add('manager_queue_seconds_mean', {}, 'seconds', histogramMean(total, QUEUE_TIME, { name: controller }), 'lower');
    add('manager_queue_retries', {}, 'count', total.sum('workqueue_retries_total', { name: controller }), 'neither');
    return metrics;
  }
}
