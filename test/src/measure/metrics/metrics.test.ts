import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { histogramMean, histogramQuantile } from '../../../../src/measure/metrics/histogram';
import { readMetrics } from '../../../../src/measure/metrics/prometheus-text';
import { Samples } from '../../../../src/measure/metrics/samples';
import { Scraper, type Interval } from '../../../../src/measure/metrics/scraper';
import { until } from '../../../../src/util/until';

const TEXT = `# HELP metal3_reconcile_total The number of times
# TYPE metal3_reconcile_total counter
metal3_reconcile_total{host="worker-1",namespace="default"} 7
metal3_reconcile_total{host="worker-2",namespace="default"} 5
metal3_reconcile_total{host="odd } \\" name",namespace="other"} 1e1
metal3_reconcile_total_more{namespace="default"} 99
process_resident_memory_bytes 5.8343424e+07
go_info{version="go1.24"} 1
rest_client_requests_total{code="<error>",host="[::1]:6443",method="GET"} 30 1700000000000
broken line
`;

const count = async (lines: string, name: string, labels: readonly string[]) =>
  readMetrics(lines.split('\n'), [{ name, labels }]);

describe('metrics', () => {
  it('are read by family, summed over the labels that do not matter', async () => {
    const byNamespace = await count(TEXT, 'metal3_reconcile_total', ['namespace']);
    assert.deepEqual(
      [...byNamespace.of('metal3_reconcile_total')],
      [
        { labels: { namespace: 'default' }, value: 12 },
        { labels: { namespace: 'other' }, value: 10 },
      ],
    );
    assert.equal((await count(TEXT, 'metal3_reconcile_total', [])).sum('metal3_reconcile_total'), 22);
    const byHost = await count(TEXT, 'metal3_reconcile_total', ['host']);
    assert.equal(byHost.sum('metal3_reconcile_total', { host: 'odd } " name' }), 10);
    assert.equal(
      (await count(TEXT, 'process_resident_memory_bytes', [])).sum('process_resident_memory_bytes'),
      58343424,
    );
    const requests = await count(TEXT, 'rest_client_requests_total', ['code', 'method']);
    assert.equal(requests.sum('rest_client_requests_total', { code: '<error>' }), 30);
    assert.equal(requests.sum('absent'), undefined);
  });

  it('are read no further than any server has of them', async () => {
    function* endless() {
      const line = `# ${'x'.repeat(60_000)}`;
      for (;;) yield line;
    }
    await assert.rejects(readMetrics(endless(), [{ name: 'up', labels: [] }]), /more than 536870912 bytes/);
  });

  it('grow by all that a counter is where it has begun anew', () => {
    const reading = (...values: readonly [string, number][]) => {
      const samples = new Samples();
      for (const [code, value] of values) samples.add('requests', { code }, value);
      return samples;
    };
    const increase = reading(['200', 5], ['409', 9], ['500', 1]).increaseSince(reading(['200', 3], ['409', 20]));
    assert.deepEqual(Object.fromEntries(increase.sumsBy('requests', ({ code }) => code)), { 200: 2, 409: 9, 500: 1 });
  });

  it('have quantiles and a mean, as Prometheus estimates them', () => {
    const samples = new Samples();
    for (const [le, value] of [
      ['0.1', 50],
      ['1', 90],
      ['+Inf', 100],
    ] as const)
      samples.add('t_bucket', { le, verb: 'GET' }, value);
    samples.add('t_sum', { verb: 'GET' }, 20);
    samples.add('t_count', { verb: 'GET' }, 100);
    const where = { verb: 'GET' };
    assert.equal(histogramQuantile(samples, 't', where, 0.25), 0.05);
    assert.ok(Math.abs((histogramQuantile(samples, 't', where, 0.7) ?? 0) - 0.55) < 1e-9);
    assert.equal(histogramQuantile(samples, 't', where, 0.99), 1);
    assert.equal(histogramQuantile(samples, 't', { verb: 'PUT' }, 0.5), undefined);
    assert.equal(histogramMean(samples, 't', where), 0.2);
    assert.equal(histogramMean(samples, 'absent'), undefined);
  });

  it('are read again and again, past a target that does not answer, and once more in the end', async () => {
    let readings = 0;
    const lines = async function* () {
      readings++;
      await Promise.resolve();
      if (readings === 2) throw new Error('out of reach');
      yield `requests ${readings * 10}`;
    };
    const intervals: Interval[] = [];
    const scraper = new Scraper(
      { wanted: [{ name: 'requests', labels: [] }], lines },
      { everyMs: 1, onInterval: (interval) => intervals.push(interval) },
    );
    await scraper.start();
    assert.ok(await until(() => intervals.length >= 2, { deadlineMs: 5_000, everyMs: 1 }));
    const before = scraper.readings;
    await scraper.stop();
    assert.ok(scraper.readings > before);
    assert.equal(scraper.failures, 1);
    assert.equal(intervals[0]?.increase.sum('requests'), 20);
    assert.equal(intervals[1]?.increase.sum('requests'), 10);
    assert.equal(intervals.at(-1)?.now.sum('requests'), readings * 10);
  });
});
