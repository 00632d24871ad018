import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mergeReports } from '../../../src/report/merge';
import { parseReport } from '../../../src/report/read-report';
import type { Report } from '../../../src/report/report';
import { refuses } from '../../support/refuses';
import { sampleReport } from '../../support/sample-report';

const sample = sampleReport({ hosts: 60, runs: 1 });
const names = ['one', 'two', 'three', 'four', 'five'];

/** Runs of one scenario that are told apart by how long their first step took. */
function runs(...seconds: number[]) {
  return seconds.map((end, i) => {
    const [first, ...others] = sample.metrics;
    const report: Report = {
      ...sample,
      startedAt: `2026-03-14T09:0${9 - i}:00Z`,
      steps: [{ ...sample.steps[0]!, end }],
      metrics: [{ ...first!, value: end, values: [end] }, ...others],
    };
    return { source: `${names[i]}.json`, report };
  });
}

describe('merging runs', () => {
  it('gives the median of each metric and the value of every run, in their order', () => {
    const { metrics, runs: count } = mergeReports(runs(30, 10, 50, 20, 40));
    assert.equal(count, 5);
    assert.deepEqual(metrics[0]?.values, [30, 10, 50, 20, 40]);
    assert.equal(metrics[0]?.value, 30);
    assert.equal(mergeReports(runs(10, 40)).metrics[0]?.value, 25);
  });

  it('takes steps, distributions and series from the run in the middle, and the earliest start', () => {
    const merged = mergeReports(runs(30, 10, 50, 20, 40));
    assert.equal(merged.steps[0]?.end, 30);
    assert.equal(merged.startedAt, '2026-03-14T09:05:00Z');
  });

  it('gives a report that can be read, and merged again', () => {
    const merged = mergeReports(runs(30, 10, 50));
    assert.deepEqual(parseReport(JSON.stringify(merged), 'merged.json'), merged);
    const again = mergeReports([{ source: 'merged.json', report: merged }, ...runs(20, 40)]);
    assert.equal(again.runs, 5);
    assert.deepEqual(again.metrics[0]?.values, [30, 10, 50, 20, 40]);
  });

  it('gives a single run back as it is', () => {
    const [one] = runs(30);
    assert.equal(mergeReports([one!]), one!.report);
  });

  it('keeps a metric that only some runs have', () => {
    const [one, two] = runs(30, 10);
    const rare = { ...sample.metrics[0]!, name: 'rare_seconds', value: 7, values: [7] };
    const merged = mergeReports([
      one!,
      { ...two!, report: { ...two!.report, metrics: [...two!.report.metrics, rare] } },
    ]);
    assert.deepEqual(merged.metrics.at(-1), rare);
  });

  it('refuses runs of another scenario, version, setting or number of hosts, and names each', () => {
    const other = sampleReport({ hosts: 80, runs: 1, name: 'another' });
    const environment = { ...other.environment, node: 'v26.0.0' };
    const message = refuses(
      () =>
        mergeReports([
          { source: 'one.json', report: sample },
          { source: 'two.json', report: { ...other, environment } },
        ]),
      /^two\.json is not another run of what one\.json measured/,
    );
    for (const line of [
      /scenario: walk-through there, another here/,
      /steps: enroll \(enroll, 60 hosts\).* there, enroll \(enroll, 80 hosts\)/,
      /node: v24\.21\.0 there, v26\.0\.0 here/,
      /sets\.worker: 60 hosts in 3 namespaces there, 80 hosts in 4 namespaces here/,
      /merge runs of one scenario .*'metal3-testbed compare' compares others/,
    ])
      assert.match(message, line);
  });

  it('does not mind the load of the machine, nor a port on loopback', () => {
    const withPort = (port: number, loadBefore: number): Report => ({
      ...sample,
      environment: {
        ...sample.environment,
        machine: { ...sample.environment.machine, loadBefore },
        operators: [{ name: 'bmo', arguments: [`--metrics-addr=127.0.0.1:${port}`], environment: {} }],
      },
    });
    const merged = mergeReports([
      { source: 'one.json', report: withPort(41111, 0.1) },
      { source: 'two.json', report: withPort(42222, 1.9) },
    ]);
    assert.equal(merged.runs, 2);
  });
});
