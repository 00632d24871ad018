import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UNNAMED_SCENARIO } from '../../../lib/scenario/resolved';
import { gapsOf } from '../../../src/report/browser/measured';
import { formatHistory, formatReport } from '../../../src/report/formats';
import { historyOf } from '../../../src/report/history';
import { reportPage } from '../../../src/report/html/page';
import { titleOf } from '../../../src/report/title';
import { sampleClusterReport } from '../../support/sample-clusters';
import { sampleReport } from '../../support/sample-report';

const named = (source: string, startedAt: string, slowdown: number) => ({
  source,
  report: { ...sampleReport({ hosts: 100, slowdown }), startedAt },
});

describe('a report in short, as Markdown', () => {
  const text = formatReport(sampleReport({ hosts: 100 }), 'markdown');

  it('has the headlines, a row for each step, and what is still pending', () => {
    assert.match(text, /^### walk-through\n\nBare Metal Operator v0\.13\.2 · Kubernetes v1\.34\.4 · 16 cores/);
    assert.match(text, /\n\| Hosts \| Throughput \|.*\n\| --- .*\n\| \*\*100\*\* \|/);
    for (const step of ['enroll', 'provision', 'operator killed (fault)', 'deprovision a third'])
      assert.ok(text.includes(`\n| ${step} | `), step);
    assert.ok(text.includes('- deprovision a third: lab-31/worker-1203: preparing for 300 s'));
  });

  it('says what the environment was not, folded away', () => {
    const clusters = formatReport(sampleClusterReport(10), 'markdown');
    assert.match(clusters, /<details><summary>What the environment was not \(\d+\)<\/summary>\n\n- /);
  });

  it('takes no name for markup', () => {
    const { steps, ...rest } = sampleReport({ hosts: 20, name: '<img src=x> | @all [a](b)' });
    const hostile = formatReport(
      { ...rest, steps: steps.map((step) => ({ ...step, name: '`a` | *b*\n# c' })) },
      'markdown',
    );
    assert.ok(hostile.startsWith('### \\<img src=x\\> \\| \\@all \\[a\\](b)\n'));
    assert.ok(hostile.includes('| \\`a\\` \\| \\*b\\* \\# c | '));
  });
});

describe('a history of reports', () => {
  const reports = [
    named('b.json', '2026-02-01T00:00:00Z', 1.5),
    named('a.json', '2026-01-01T00:00:00Z', 1),
    named('c.json', '2026-03-01T00:00:00Z', 2),
  ];

  it('has the oldest first, and of each metric a value for every report', () => {
    const { runs, trends } = historyOf(reports);
    assert.deepEqual(
      runs.map(({ source }) => source),
      ['a.json', 'b.json', 'c.json'],
    );
    const trend = trends.find(
      ({ name, labels }) =>
        name === 'step_object_seconds' && labels['step'] === 'enroll' && labels['quantile'] === '0.5',
    );
    const values = trend?.values ?? [];
    assert.ok(values.length === 3 && values[0]! < values[1]! && values[1]! < values[2]!, values.join());
    assert.ok(trends.every(({ better, values: all }) => better !== 'neither' && all.some((value) => value !== 0)));
  });

  it('is called by what the runs did where nobody has named them', () => {
    const unnamed = reports.map((each) => ({ ...each, report: { ...each.report, name: UNNAMED_SCENARIO } }));
    assert.ok(
      formatHistory(unnamed, 'html').includes('<h1>100 hosts: enroll, provision, killOperator, …: 3 reports</h1>'),
    );
  });

  it('says where the environment was another one', () => {
    const [first, second, third] = reports;
    const { environment } = second!.report;
    const moved = {
      ...second!,
      report: { ...second!.report, environment: { ...environment, machine: { ...environment.machine, cores: 4 } } },
    };
    const { runs } = historyOf([first!, moved, third!]);
    assert.deepEqual(
      runs.map(({ changed }) => changed.some((each) => each.startsWith('machine.cores: '))),
      [false, true, false],
    );
  });

  it('is a page without scripts, a table, or JSON', () => {
    const page = formatHistory(reports, 'html');
    assert.ok(page.startsWith('<!doctype html>') && !page.includes('<script') && page.includes('<polyline'));
    assert.match(formatHistory(reports, 'markdown'), /\n\| Time of one object \| enroll: .*p50 \| [▁-█]{3} \| /);
    assert.deepEqual(JSON.parse(formatHistory(reports, 'json')), JSON.parse(JSON.stringify(historyOf(reports))));
    assert.throws(() => formatHistory(reports, 'openmetrics'), {
      code: 'invalid-input',
      message: /html, markdown, json/,
    });
  });
});

describe('the page of a report, as people read it', () => {
  it('names a run that has no name by what it did', () => {
    const report = { ...sampleReport({ hosts: 100 }), name: UNNAMED_SCENARIO };
    assert.equal(titleOf(report), '100 hosts: enroll, provision, killOperator, …');
    assert.ok(reportPage(report).includes('<h1>100 hosts: enroll, provision, killOperator, …</h1>'));
    assert.equal(titleOf({ ...report, name: 'mine' }), 'mine');
  });

  it('calls metrics by words, and leaves out those that are nothing in every run', () => {
    const { metrics, ...rest } = sampleReport({ hosts: 100 });
    const nothing = {
      name: 'step_write_retries',
      labels: { step: 'nothing here' },
      unit: 'count',
      value: 0,
      values: [0, 0],
      better: 'neither',
    } as const;
    const some = { ...nothing, labels: { step: 'something here' }, values: [0, 4] };
    const page = reportPage({ ...rest, metrics: [...metrics, nothing, some] });
    const body = page.slice(0, page.indexOf('<script'));
    assert.ok(body.includes('>Time of one object</span>') && body.includes('title="step_object_seconds"'));
    assert.doesNotMatch(body, />step_object_seconds</);
    assert.deepEqual([body.includes('nothing here'), body.includes('something here')], [false, true]);
  });
});

describe('gaps of a series', () => {
  it('are where nothing was measured for much longer than usual', () => {
    const at = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    assert.deepEqual(gapsOf({ at, values: [1, 2, 3, null, null, null, 4, 5, 6] }), [[2, 6]]);
    assert.deepEqual(gapsOf({ at, values: [1, 2, null, 3, 4, 5, 6, 7, null] }), []);
    assert.deepEqual(gapsOf({ at, values: [null, null, 1, null, null, null, null, null, null] }), []);
  });
});
