import { histogramMean, histogramQuantile } from './metrics/histogram';
import { Samples, type Sample } from './metrics/samples';
import type { Interval } from './metrics/scraper';
import type { Metric } from '../report/report';
import type { MeasuredSeries } from './axis';
import { metric } from './metric';
import { ProcessUsage } from './process-usage';
import { many, Rates, type Points } from './rates';

const REQUESTS = 'apiserver_request_total';
const LATENCY = 'apiserver_request_duration_seconds';
/** A watch lasts as long as it is wanted, which is no latency; its requests are few. */
const LASTING: ReadonlySet<string> = new Set(['WATCH', 'CONNECT', 'WATCHLIST']);
/** Refusals that tell of contention and of too much at once. */
const REFUSALS = ['409', '429'] as const;
/** Kinds of request with less than this share of all are no metric of their own, and no series. */
const FIGURE_SHARE = 0.005;
const SERIES_SHARE = 0.02;
const OTHERS = 'others';

/** What the API server answered while a scenario ran, by verb and resource. */
export class ApiServerRecord {
  private readonly usage = new ProcessUsage();
  private readonly total = new Samples();
  private readonly latency: Points = [];
  private readonly refusals = new Map<string, Points>(REFUSALS.map((code) => [code, []]));
  private readonly rates = new Rates();

  add(interval: Interval): void {
    const { at, seconds, increase } = interval;
    this.usage.add(interval);
    this.total.addAll(increase);
    this.rates.add(at, seconds, increase.sumsBy(REQUESTS, requestOf));
    const mean = histogramMean(withoutLasting(increase), LATENCY);
    if (mean !== undefined) this.latency.push({ at, value: mean });
    for (const [code, points] of this.refusals)
      points.push({ at, value: (increase.sum(REQUESTS, { code }) ?? 0) / seconds });
  }

  metrics(): readonly Metric[] {
    const { total } = this;
    const metrics: Metric[] = [...this.usage.metrics('api_server', {})];
    const seconds = total.sumsBy(`${LATENCY}_sum`, requestOf);
    for (const [request, count] of this.many(FIGURE_SHARE)) {
      const where = this.labelsOf(request);
      const labels = { request };
      metrics.push(metric('api_server_requests', labels, 'count', count, 'neither'));
      if (LASTING.has(where['verb'] ?? '')) continue;
      // Where the API server's time goes: what its answers took, all together.
      metrics.push(metric('api_server_request_seconds_sum', labels, 'seconds', seconds.get(request) ?? 0, 'neither'));
      for (const q of [0.5, 0.99]) {
        const value = histogramQuantile(total, LATENCY, where, q);
        if (value !== undefined)
          metrics.push(
            metric('api_server_request_seconds', { ...labels, quantile: String(q) }, 'seconds', value, 'neither'),
          );
      }
    }
    for (const code of REFUSALS) {
      const byRequest = total.sumsBy(REQUESTS, (labels) => (labels['code'] === code ? requestOf(labels) : undefined));
      metrics.push(metric('api_server_refusals_total', { code }, 'count', total.sum(REQUESTS, { code }) ?? 0, 'lower'));
      for (const [request, count] of byRequest)
        if (count > 0) metrics.push(metric('api_server_refusals', { code, request }, 'count', count, 'neither'));
    }
    return metrics;
  }

  series(suffix: string): readonly MeasuredSeries[] {
    const group = 'api-server';
    const all: readonly MeasuredSeries[] = [
      ...this.requestRates().map(([name, points]) => ({
        ...({ group, unit: 'per second', points } as const),
        name: `${name.toLowerCase()}${suffix}`,
      })),
      { group, name: `request time${suffix}`, unit: 'seconds', points: this.latency },
      ...[...this.refusals].map(([code, points]) => ({
        ...({ group, unit: 'per second', points } as const),
        name: `refused with ${code}${suffix}`,
      })),
      ...this.usage.series(group, suffix),
    ];
    return all.filter(({ points }) => points.length > 0);
  }

  /** How many requests there were of each kind that makes up a share of all, most first. */
  private many(share: number): readonly (readonly [request: string, count: number])[] {
    return many(this.total.sumsBy(REQUESTS, requestOf), share);
  }

  /** The labels by which the API server counts such requests. */
  private labelsOf(request: string): Sample['labels'] {
    for (const { labels } of this.total.of(REQUESTS)) {
      const { code: _, ...where } = labels;
      if (requestOf(where) === request) return where;
    }
    return {};
  }

  /** The requests that were many, each on its own, and all others together. */
  private requestRates(): readonly (readonly [name: string, points: Points])[] {
    const shown = this.many(SERIES_SHARE).map(([request]) => request);
    return [...shown.map((name) => [name, this.rates.of(name)] as const), [OTHERS, this.rates.but(shown)]];
  }
}

/** `PATCH baremetalhosts/status`; `GET /readyz` for what is for no resource. */
function requestOf({ verb = '', resource = '', subresource = '' }: Sample['labels']): string {
  const what = resource === '' || subresource === '' ? resource + subresource : `${resource}/${subresource}`;
  return `${verb} ${what}`.trim();
}

function withoutLasting(samples: Samples): Samples {
  const kept = new Samples();
  for (const suffix of ['sum', 'count']) {
    for (const { labels, value } of samples.of(`${LATENCY}_${suffix}`))
      if (!LASTING.has(labels['verb'] ?? '')) kept.add(`${LATENCY}_${suffix}`, labels, value);
  }
  return kept;
}
