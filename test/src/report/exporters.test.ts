import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kubeBurnerDocuments } from '../../../src/report/kube-burner';
import { openMetrics } from '../../../src/report/openmetrics';
import type { Report } from '../../../src/report/report';
import { sampleClusterReport, UNLIKE_PRODUCTION } from '../../support/sample-clusters';
import { sampleReport } from '../../support/sample-report';

const sample = sampleReport({ hosts: 60, runs: 3 });
const START = Date.parse(sample.startedAt) / 1000;

interface Family {
  readonly type: string;
  readonly unit: string | undefined;
  readonly samples: {
    readonly name: string;
    readonly labels: Record<string, string>;
    readonly value: number;
    readonly time: number;
  }[];
}

/** Reads OpenMetrics text as its specification has it, and fails at the first line that is not of it. */
function readOpenMetrics(text: string): ReadonlyMap<string, Family> {
  const families = new Map<string, Family>();
  const lines = text.split('\n');
  assert.deepEqual(lines.splice(-2), ['# EOF', ''], 'ends with # EOF and a line break');
  let name = '';
  let seen = new Set<string>();
  let last = { series: '', time: -Infinity };
  for (const line of lines) {
    const [, keyword, of = '', rest = ''] = /^# (TYPE|UNIT|HELP) (\S+) (.+)$/.exec(line) ?? [];
    if (keyword === 'TYPE') {
      assert.ok(!families.has(of), `one family, one place: ${of}`);
      families.set((name = of), { type: rest, unit: undefined, samples: [] });
      seen = new Set();
    } else if (keyword !== undefined) {
      assert.equal(of, name);
      if (keyword !== 'UNIT') continue;
      assert.ok(name.endsWith(`_${rest}`), `${name} ends with its unit ${rest}`);
      families.set(name, { ...families.get(name)!, unit: rest });
    } else {
      const match =
        /^([a-zA-Z_:][a-zA-Z0-9_:]*)\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\} (\S+) (\d+\.\d{3})$/.exec(
          line,
        );
      assert.ok(match, `a line of OpenMetrics: ${line}`);
      const [, sampleName = '', labelText = '', value, time] = match;
      assert.ok(['', '_count', '_info'].includes(sampleName.slice(name.length)) && sampleName.startsWith(name), line);
      const labels = Object.fromEntries(
        [...labelText.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', quoted = '']) => [
          label,
          quoted.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character)),
        ]),
      );
      const series = `${sampleName}${labelText}`;
      if (series !== last.series) assert.ok(!seen.has(series), `samples of one metric stand together: ${series}`);
      else assert.ok(Number(time) > last.time, `times ascend: ${line}`);
      seen.add(series);
      last = { series, time: Number(time) };
      families.get(name)!.samples.push({ name: sampleName, labels, value: Number(value), time: Number(time) });
    }
  }
  return families;
}

describe('OpenMetrics of a report', () => {
  const families = readOpenMetrics(openMetrics(sample));

  it('has every metric, with its labels and its unit, at the end of the run', () => {
    for (const { name, labels, value } of sample.metrics) {
      const found = families
        .get(`metal3_testbed_${name}`)
        ?.samples.find((each) => Object.entries(labels).every(([label, expected]) => each.labels[label] === expected));
      assert.equal(found?.value, value, name);
      assert.equal(found.time, Number((START + Math.max(...sample.steps.map(({ end }) => end))).toFixed(3)));
    }
    assert.equal(families.get('metal3_testbed_step_seconds')?.unit, 'seconds');
    assert.equal(families.get('metal3_testbed_step_objects_per_second')?.unit, 'objects_per_second');
    assert.equal(families.get('metal3_testbed_operator_memory_bytes_max')?.unit, undefined);
  });

  it('says what the environment was not, and nothing of it where a report does not', () => {
    const clusters = sampleClusterReport(3);
    const found = readOpenMetrics(openMetrics(clusters)).get('metal3_testbed_unlike_production');
    assert.deepEqual(
      found?.samples.map(({ labels: { option, here, production } }) => ({ option, here, production })),
      UNLIKE_PRODUCTION,
    );
    assert.ok(!families.has('metal3_testbed_unlike_production'));
    const [document] = kubeBurnerDocuments(clusters);
    assert.match(
      String(document?.metadata['unlikeProduction']),
      /^operators\.baremetal-operator-system\.testMode,workloadApi,/,
    );
    assert.ok(!('unlikeProduction' in (kubeBurnerDocuments(sample)[0]?.metadata ?? {})));
  });

  it('has every measured point of every series, at its time', () => {
    const points = sample.series.series.flatMap(({ values }) => values.filter((value) => value !== null));
    const groups =
      /^metal3_testbed_(state_objects|throughput|operator_(value|seconds|bytes|cores|per_second)$|api_server_(value|seconds|per_second)$)/;
    const samples = [...families].filter(([name]) => groups.test(name)).flatMap(([, family]) => family.samples);
    assert.equal(samples.length, points.length);
    const available = samples.filter(({ labels }) => labels['state'] === 'available');
    const series = sample.series.series.find(({ group, name }) => group === 'states' && name === 'available');
    assert.deepEqual(
      available.map(({ value }) => value),
      series?.values,
    );
    assert.deepEqual(
      available.map(({ time }) => time),
      sample.series.at.map((at) => START + at),
    );
  });

  it('has distributions as summaries', () => {
    const family = families.get('metal3_testbed_state_change_seconds');
    assert.equal(family?.type, 'summary');
    const { step, from, to, percentiles, count } = sample.distributions[1]!;
    const of = family.samples.filter(
      ({ labels }) => labels['step'] === step && labels['from'] === from && labels['to'] === to,
    );
    assert.equal(of.find(({ labels }) => labels['quantile'] === '0.99')?.value, percentiles[99]);
    assert.equal(of.find(({ name }) => name.endsWith('_count'))?.value, count);
  });

  it('escapes what stands in labels', () => {
    const name = 'a "quoted" name\\ in\ntwo lines';
    const read = readOpenMetrics(openMetrics({ ...sample, name }));
    assert.equal(read.get('metal3_testbed_run')?.samples[0]?.labels['scenario'], name);
  });
});

/** As their readers have them: JSON. */
function documentsOf(report: Report): readonly Record<string, unknown>[] {
  return JSON.parse(JSON.stringify(kubeBurnerDocuments(report))) as Record<string, unknown>[];
}

describe("kube-burner's documents of a report", () => {
  const documents = documentsOf(sample);
  const of = (metricName: string) => documents.filter((each) => each['metricName'] === metricName);

  it('has the quantiles of each state change in whole milliseconds', () => {
    const { step, from, to, percentiles } = sample.distributions[0]!;
    const [document] = of('bareMetalHostLatencyQuantilesMeasurement');
    assert.equal(document?.['quantileName'], `${from} to ${to}`);
    assert.equal(document['jobName'], step);
    const milliseconds = (percentile: number) => Math.round(percentiles[percentile]! * 1000);
    assert.deepEqual(
      ['P50', 'P95', 'P99', 'min', 'max'].map((key) => document[key]),
      [50, 95, 99, 0, 100].map(milliseconds),
    );
    assert.ok((document['avg'] as number) > milliseconds(0) && (document['avg'] as number) < milliseconds(100));
    assert.equal(of('bareMetalHostLatencyQuantilesMeasurement').length, sample.distributions.length);
  });

  it('averages a percentile curve: of times from 0 to 100 s, evenly, 50 s', () => {
    const percentiles = Array.from({ length: 101 }, (_, p) => p);
    const report: Report = { ...sample, distributions: [{ ...sample.distributions[0]!, percentiles }] };
    const [document] = documentsOf(report);
    assert.equal(document?.['avg'], 50_000);
  });

  it('has a summary of each step, which failed where hosts were left behind', () => {
    const summaries = of('jobSummary');
    assert.deepEqual(
      summaries.map(({ jobName, passed }) => [jobName, passed]),
      sample.steps.map(({ name, objects, done }) => [name, objects === done]),
    );
    assert.equal(summaries[0]?.['timestamp'], new Date(START * 1000).toISOString());
  });

  it('has every metric as a metric', () => {
    for (const { name, labels, value } of sample.metrics) {
      const found = of(name).find((each) => JSON.stringify(each['labels']) === JSON.stringify(labels));
      assert.equal(found?.['value'], value);
    }
  });

  it('has one UUID, which is the same when the report is written again and another for another run', () => {
    const uuid = (report: Report) => documentsOf(report)[0]?.['uuid'] as string;
    assert.match(uuid(sample), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.deepEqual(new Set(documents.map((each) => each['uuid'])), new Set([uuid(sample)]));
    assert.notEqual(uuid({ ...sample, startedAt: '2026-03-15T00:00:00Z' }), uuid(sample));
  });
});
