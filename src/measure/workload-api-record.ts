import type { Metric } from '../report/report';
import type { MeasuredSeries } from './axis';
import { metric } from './metric';
import { Samples } from './metrics/samples';
import type { Interval } from './metrics/scraper';
import { shownQuantiles } from './percentiles';
import { ProcessUsage } from './process-usage';
import { many, Rates, type Points } from './rates';

const REQUESTS = 'workload_api_requests_total';
const FAULTS = 'workload_api_faults_injected_total';
/** What there is of at a time, and how much of it at most. */
const GAUGES = ['clusters', 'nodes', 'watches', 'connections'] as const;
/** Clients with less than this share of all requests are drawn together. */
const SERIES_SHARE = 0.02;
const MOST_CLIENTS = 10;
/** What it calls those that it does not tell apart. */
const OTHERS = 'other';

/** What was asked of the API of workload clusters while a scenario ran, of all clusters together. */
export class WorkloadApiRecord {
  private readonly usage = new ProcessUsage();
  private readonly total = new Samples();
  /** How many requests each cluster has had since the simulator was started. */
  private perCluster: readonly number[] = [];
  private readonly most = new Map<string, number>();
  private readonly errors: Points = [];
  private readonly rates = new Rates();

  add(interval: Interval): void {
    const { at, seconds, now, increase } = interval;
    this.usage.add(interval);
    this.total.addAll(increase);
    for (const what of GAUGES) {
      const value = now.sum(`workload_api_${what}`);
      if (value !== undefined) this.most.set(what, Math.max(this.most.get(what) ?? 0, value));
    }
    this.rates.add(
      at,
      seconds,
      increase.sumsBy(REQUESTS, ({ client }) => client),
    );
    const failed = increase.sumsBy(REQUESTS, ({ code = '' }) => (isError(code) ? 'failed' : undefined));
    this.errors.push({ at, value: (failed.get('failed') ?? 0) / seconds });
  }

  /** What the clusters that there are have been asked, one by one: only how they differ is told. */
  setPerCluster(requests: readonly number[]): void {
    this.perCluster = requests;
  }

  metrics(): readonly Metric[] {
    const { total } = this;
    const metrics: Metric[] = [...this.usage.metrics('workload_api', {})];
    for (const [what, value] of this.most)
      metrics.push(metric(`workload_api_${what}_max`, {}, 'count', value, 'neither'));
    const byVerb = total.sumsBy(REQUESTS, ({ client = '', verb = '' }) => JSON.stringify([client, verb]));
    for (const [key, count] of byVerb) {
      const [client = '', verb = ''] = JSON.parse(key) as string[];
      if (count > 0) metrics.push(metric('workload_api_requests', { client, verb }, 'count', count, 'neither'));
    }
    for (const [code, count] of total.sumsBy(REQUESTS, ({ code = '' }) => (isError(code) ? code : undefined)))
      if (count > 0) metrics.push(metric('workload_api_errors', { code }, 'count', count, 'neither'));
    for (const [fault, count] of total.sumsBy(FAULTS, ({ fault }) => fault))
      metrics.push(metric('workload_api_faults_injected', { fault }, 'count', count, 'neither'));
    if (this.perCluster.length > 0)
      metrics.push(
        ...shownQuantiles(this.perCluster).map(([quantile, value]) =>
          metric('workload_api_cluster_requests', { quantile }, 'count', value, 'neither'),
        ),
      );
    return metrics;
  }

  series(): readonly MeasuredSeries[] {
    const group = 'workload-api';
    const all: readonly MeasuredSeries[] = [
      ...this.clientRates(),
      { group, name: 'answered with an error', unit: 'per second', points: this.errors },
      ...this.usage.series(group, ''),
    ];
    return all.filter(({ points }) => points.length > 0);
  }

  private clientRates(): readonly MeasuredSeries[] {
    const counts = this.total.sumsBy(REQUESTS, ({ client }) => client);
    const shown = many(counts, SERIES_SHARE)
      .filter(([client]) => client !== OTHERS)
      .slice(0, MOST_CLIENTS)
      .map(([client]) => client);
    const asked = [...counts.values()].filter((count) => count > 0).length;
    const line = (name: string, points: Points): MeasuredSeries => ({
      group: 'workload-api',
      name,
      unit: 'per second',
      points,
    });
    return [
      ...shown.map((name) => line(name, this.rates.of(name))),
      ...(asked > shown.length ? [line(OTHERS, this.rates.but(shown))] : []),
    ];
  }
}

function isError(code: string): boolean {
  return Number(code) >= 400;
}
