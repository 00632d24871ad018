import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseReport, readReport } from '../../../src/report/read-report';
import { REPORT_VERSION, type Report } from '../../../src/report/report';
import { root } from '../../support/cli';
import { refuses } from '../../support/refuses';
import { rejects } from '../../support/rejects';
import { reportSchemaFile, reportSchemaText } from '../../support/report-schema-file';
import { sampleReport } from '../../support/sample-report';

const sample = sampleReport({ hosts: 60, runs: 1 });
const parse = (report: unknown) => parseReport(JSON.stringify(report), 'report.json');

describe('the schema of report.json', () => {
  it('is the published one', () => {
    assert.equal(
      readFileSync(join(root, reportSchemaFile), 'utf8'),
      reportSchemaText(),
      "run 'npm run schema' and commit the file",
    );
  });
});

describe('reading a report', () => {
  it('gives back what was written', () => {
    assert.deepEqual(parse(sample), sample);
  });

  for (const [version, what] of [
    [1, 'hosts alone'],
    [2, 'nothing of managers'],
  ] as const)
    it(`takes a report of version ${version}, which knew ${what}, for what it says`, () => {
      const old = readFileSync(join(root, `test/src/report/version-${version}/report.json`), 'utf8');
      const { series, ...report } = parseReport(old, 'old.json');
      // The same run, as this version describes it; of its series, the first six points.
      const { series: all, ...expected } = sampleReport({ hosts: 6, runs: 2 });
      assert.deepEqual(report, expected);
      assert.equal(report.environment.unlikeProduction, undefined);
      assert.deepEqual(
        series.series,
        all.series.map((each) => ({ ...each, values: each.values.slice(0, 6) })),
      );
    });

  it('refuses a report of version 1 by the names of today, where it is not a report', () => {
    const message = refuses(
      () => parse({ version: 1, figures: [{ name: 'Step' }], steps: 'none' }),
      /is not a report of a run/,
    );
    assert.match(message, /metrics\[0\]\.name: /);
    assert.match(message, /steps: must be a list/);
  });

  it('refuses what is not valid JSON, and what is not a report, and says what to give', async () => {
    refuses(
      () => parseReport('# a report', 'report.md'),
      /report\.md is not valid JSON: give a report\.json that 'metal3-testbed run'/,
    );
    refuses(() => parse([]), /report\.json is not a report of a run .*\n {2}report: must be an object; given a list/);
    await rejects(
      readReport('/nowhere/report.json'),
      /cannot be read \(ENOENT\): name a report\.json/,
      'invalid-input',
    );
  });

  it('refuses a report of another version before it looks at anything else', () => {
    const message = refuses(() => parse({ version: REPORT_VERSION + 1, news: 'much' }), /has version 4 of the format/);
    assert.match(message, /reads versions 1 to 3: use the release that wrote it, or run the scenario again/);
  });

  it('names the fields that are wrong, and the one that was meant', () => {
    const { steps, ...rest } = sample;
    refuses(
      () => parse({ ...rest, stepps: steps }),
      /stepps: unknown field; did you mean 'steps'\?[^]*steps: is required/,
    );
    refuses(
      () => parse({ ...sample, metrics: [{ ...sample.metrics[0], unit: 'second' }] }),
      /metrics\[0\]\.unit: must be one of 'seconds', .*did you mean 'seconds'\?/,
    );
  });

  it('names ten problems, and how many more there are', () => {
    const metrics = sample.metrics.slice(0, 14).map((metric) => ({ ...metric, better: 'faster' }));
    const message = refuses(() => parse({ ...sample, metrics }), /and 4 more/);
    assert.equal(message.split('\n').length, 12);
  });

  it('refuses a series that does not fit the axis, and times that do not ascend', () => {
    const [first, ...others] = sample.series.series;
    const short = { ...first!, values: first!.values.slice(1) };
    const change = (series: Partial<Report['series']>) => ({ ...sample, series: { ...sample.series, ...series } });
    refuses(
      () => parse(change({ series: [short, ...others] })),
      new RegExp(
        `series\\.series\\[0\\]\\.values: must have one value for each of the ${sample.series.at.length} times`,
      ),
    );
    refuses(() => parse(change({ at: [...sample.series.at].reverse() })), /series\.at: must ascend/);
    const [distribution] = sample.distributions;
    const percentiles = [...distribution!.percentiles].reverse();
    refuses(
      () => parse({ ...sample, distributions: [{ ...distribution, percentiles }] }),
      /distributions\[0\]\.percentiles: must ascend/,
    );
  });

  it('refuses times that no date can be, which exporters would have to write', () => {
    refuses(() => parse({ ...sample, startedAt: '0000-00-00T00:00:00Z' }), /startedAt: must be a time/);
    const [step, ...steps] = sample.steps;
    refuses(
      () => parse({ ...sample, steps: [{ ...step, end: 9e20 }, ...steps] }),
      /steps\[0\]\.end: must be before the year 10000; given 900000000000000000000 s/,
    );
    const at = sample.series.at.map((second, i) => (i === sample.series.at.length - 1 ? 9e20 : second));
    refuses(
      () => parse({ ...sample, series: { ...sample.series, at } }),
      /series\.at\[\d+\]: must be before the year 10000/,
    );
  });

  it('refuses two metrics, series or steps of one name', () => {
    const [metric] = sample.metrics;
    refuses(
      () => parse({ ...sample, metrics: [metric, metric] }),
      /metrics\[1\]: must differ from \[0\]; both are step_seconds\{kind="BareMetalHost", step="enroll"\}/,
    );
    const [step] = sample.steps;
    refuses(
      () => parse({ ...sample, steps: [step, { ...step, start: 3, end: 2 }] }),
      /steps\[1\]: must differ[^]*steps\[1\]\.end: must not be before/,
    );
  });
});
