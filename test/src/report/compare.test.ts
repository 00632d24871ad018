import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compareReports } from '../../../src/report/compare';
import { median } from '../../../src/report/metrics';
import type { Metric, Report } from '../../../src/report/report';
import { refuses } from '../../support/refuses';
import { sampleReport } from '../../support/sample-report';

const sample = sampleReport({ hosts: 60, runs: 5 });

/** A report with one metric. */
function reportOf(values: readonly number[], metric: Partial<Metric> = {}, report: Partial<Report> = {}): Report {
  const base = { name: 'step_seconds', labels: { step: 'enroll' }, unit: 'seconds', better: 'lower' } as const;
  const metrics = [{ ...base, value: median(values), values, ...metric }];
  return { ...sample, runs: values.length, metrics, ...report };
}

function verdict(a: readonly number[], b: readonly number[], metric: Partial<Metric> = {}, tolerance?: number): string {
  const options = { ...(tolerance !== undefined && { tolerance }) };
  const { changes, isWorse } = compareReports(reportOf(a, metric), reportOf(b, metric), options);
  assert.equal(isWorse, changes[0]?.verdict === 'worse');
  return changes[0]!.verdict;
}

describe('comparing reports', () => {
  it('takes for worse what is further apart than the runs are among themselves', () => {
    assert.equal(verdict([10, 10.2, 10.4], [12, 12.2, 12.4]), 'worse');
    assert.equal(verdict([12, 12.2, 12.4], [10, 10.2, 10.4]), 'better');
    assert.equal(verdict([10, 11, 14], [12, 13, 14]), 'same');
    assert.equal(verdict([11, 11, 11], [10, 13, 16]), 'same', 'the spread of the second report counts as well');
  });

  it('goes by which way is an improvement', () => {
    const rate = { name: 'step_objects_per_second', unit: 'objects per second', better: 'higher' } as const;
    assert.equal(verdict([100, 101], [60, 61], rate), 'worse');
    assert.equal(verdict([60, 61], [100, 101], rate), 'better');
    assert.equal(verdict([60], [100], { ...rate, better: 'neither' }), 'neither');
  });

  it('knows no spread of a single run, and takes what is within the tolerance for noise', () => {
    assert.equal(verdict([10], [10.9]), 'same');
    assert.equal(verdict([10], [11.1]), 'worse');
    assert.equal(verdict([10], [11.1], {}, 0.2), 'same');
    assert.equal(verdict([10], [10.9], {}, 0.05), 'worse');
  });

  it('takes what is below the resolution of a measurement for noise, however large a share it is', () => {
    assert.equal(verdict([0.001], [0.009]), 'same');
    assert.equal(verdict([0.001], [0.02]), 'worse');
    const conflicts = { name: 'api_server_refusals_total', unit: 'count' } as const;
    assert.equal(verdict([0], [1], conflicts), 'same');
    assert.equal(verdict([0], [2], conflicts), 'worse');
  });

  it('never finds a report worse than itself, and turns worse into better where the two are swapped', () => {
    const runs = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 5 });
    const opposite: Record<string, string> = { worse: 'better', better: 'worse', same: 'same' };
    fc.assert(
      fc.property(runs, runs, (a, b) => {
        assert.equal(verdict(a, a), 'same');
        assert.equal(verdict(b, a, {}, 0), opposite[verdict(a, b, {}, 0)]);
      }),
      { numRuns: 200 },
    );
  });

  it('finds a run worse that takes a fifth longer, in each of its times', () => {
    const { changes, isWorse } = compareReports(
      sampleReport({ hosts: 2000 }),
      sampleReport({ hosts: 2000, slowdown: 1.2 }),
    );
    assert.ok(isWorse);
    const rate = changes.find(({ name, labels }) => name === 'step_objects_per_second' && labels['step'] === 'enroll');
    assert.equal(rate?.verdict, 'worse');
    assert.ok(rate.share! < -0.1 && rate.share! > -0.2, String(rate.share));
    assert.deepEqual(
      changes.filter(({ name, verdict: found }) => name === 'transition_objects' && found !== 'neither'),
      [],
    );
  });

  it('finds it worse where more hosts are left behind, of as many as there were', () => {
    const leaving = (objects: number, done: number) =>
      reportOf([1], {}, { steps: [{ ...sample.steps[0]!, objects, done }] });
    const { isWorse, moreLate } = compareReports(leaving(100, 99), leaving(200, 197));
    assert.ok(isWorse);
    assert.deepEqual(moreLate, [
      { step: 'enroll', kind: 'BareMetalHost', a: { objects: 100, late: 1 }, b: { objects: 200, late: 3 } },
    ]);
    assert.ok(!compareReports(leaving(100, 99), leaving(200, 198)).isWorse);
  });

  it('names what differs between machines, versions and settings, and metrics that only one has', () => {
    const { environment } = sample;
    const machine = { ...environment.machine, cores: 2 };
    const other = reportOf([1], { name: 'other_seconds' }, { name: 'mine', environment: { ...environment, machine } });
    const a = reportOf([1]);
    const { differences, onlyA, onlyB } = compareReports(
      { ...a, metrics: [...a.metrics, ...reportOf([1], { name: 'gone_seconds' }).metrics] },
      { ...other, metrics: [...other.metrics, ...a.metrics] },
    );
    assert.deepEqual(differences, [
      { what: 'scenario', a: 'walk-through', b: 'mine' },
      { what: 'machine.cores', a: '16', b: '2' },
    ]);
    assert.deepEqual(onlyA, ['gone_seconds{step="enroll"}']);
    assert.deepEqual(onlyB, ['other_seconds{step="enroll"}']);
  });

  it('names in what one was unlike production and the other not, unless one does not say it', () => {
    const { environment } = sample;
    const departure = (option: string, here: string) => ({ option, here, production: 'another' });
    const unlike = (...unlikeProduction: ReturnType<typeof departure>[]) =>
      reportOf([1], {}, { environment: { ...environment, unlikeProduction } });
    const a = unlike(departure('etcd.unsafe-no-fsync', '--unsafe-no-fsync'), departure('apiServer.GOGC', 'GOGC=400'));
    const b = unlike(
      departure('apiServer.GOGC', 'GOGC=200'),
      departure('operators.bmo.kube-api-qps', 'is told as such'),
    );
    assert.deepEqual(compareReports(a, b).differences, [
      { what: 'unlikeProduction.etcd.unsafe-no-fsync', a: '--unsafe-no-fsync', b: 'none' },
      { what: 'unlikeProduction.apiServer.GOGC', a: 'GOGC=400', b: 'GOGC=200' },
    ]);
    assert.deepEqual(compareReports(a, reportOf([1])).differences, []);
  });

  it('refuses reports that have nothing in common, and a tolerance below 0', () => {
    refuses(
      () => compareReports(reportOf([1]), reportOf([1], { name: 'other_seconds' })),
      /no metric in common: compare runs of scenarios with the same steps/,
    );
    refuses(() => compareReports(reportOf([1]), reportOf([1]), { tolerance: -1 }), /tolerance -1 must be 0 or more/);
  });
});
