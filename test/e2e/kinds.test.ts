import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { check } from '../../lib/crd';
import { Applier } from '../../src/apply/apply';
import type { StepRecord } from '../../src/measure/step-record';
import { reportPage } from '../../src/report/html/page';
import { reportSchema } from '../../src/report/report';
import { changeObjects } from '../../src/scenario/change-objects';
import { reportOf } from '../../src/scenario/report-of';
import type { ArrivalsRun } from '../../src/scenario/arrivals';
import { listTable } from '../../src/watch/object-table';
import { ObjectWatch } from '../../src/watch/object-watch';
import { objectPath } from '../../src/watch/paths';
import { waitForStates } from '../../src/watch/wait-for-states';
import { Lab } from '../faults/support/lab';
import { noMeasurement } from '../support/no-measurement';
import { sampleReport } from '../support/sample-report';
import { widgetCrd, widgetKind } from '../support/widget-kind';

const NAMES = ['a', 'b', 'c', 'd'] as const;

describe('a kind that the package does not know, against a real API server', { timeout: 120_000 }, () => {
  let lab: Lab;
  let watch: ObjectWatch;
  before(async () => {
    lab = await Lab.start();
    const applier = new Applier(lab.client);
    const widgets = NAMES.map((name, i) => ({
      apiVersion: widgetKind.apiVersion,
      kind: 'Widget',
      metadata: { name, namespace: 'default' },
      spec: { size: i },
    }));
    await applier.applyAll([widgetCrd, ...widgets], { task: 'widgets' });
    watch = new ObjectWatch(lab.client, widgetKind, { timelines: true });
    await watch.start();
  });
  after(async () => {
    await watch.stop();
    await lab.stop();
  });

  const setPhase = (name: string, phase: string, reason?: string) =>
    lab.client.request('PATCH', `${objectPath(widgetKind, 'default', name)}/status`, {
      contentType: 'application/merge-patch+json',
      body: { status: { phase, ...(reason !== undefined && { reason }) } },
    });

  it('is watched, waited for, and named where it is still pending', async () => {
    assert.equal(watch.size, NAMES.length);
    await Promise.all(NAMES.map((name) => setPhase(name, 'Pending')));
    await Promise.all(['a', 'b', 'c'].map((name) => setPhase(name, 'Ready')));
    await setPhase('d', 'Failed', 'NoPaint');
    const wait = (count: number, deadlineMs: number) =>
      waitForStates(watch, lab.client, { states: ['Ready'], objects: { count }, deadlineMs });
    assert.equal(await wait(3, 30_000), 3);
    await watch.until(() => watch.get('default', 'd')?.errorType === 'NoPaint', { deadlineMs: 30_000 });
    await assert.rejects(
      wait(4, 1),
      /3 of 4 widgets are Ready after 0\.001 s; still pending:\n {2}default\/d: Failed, NoPaint/,
    );
  });

  it('is shown as a table, with how many objects are in each state', async () => {
    const { columns, rows, states } = await listTable(lab.client, widgetKind);
    assert.deepEqual([columns, rows.length], [['NAME', 'PHASE'], NAMES.length]);
    assert.deepEqual(states, { Ready: 3, Failed: 1 });
  });

  it('is changed by a step, measured, and in a report beside hosts', async () => {
    const run: ArrivalsRun = { live: { client: lab.client }, watches: [watch] };
    const start = performance.now();
    const outcome = await changeObjects(
      { name: 'grow', timeoutMs: 30_000, mayFail: false },
      NAMES.map((name) => ({ namespace: 'default', name })),
      {
        kind: widgetKind,
        patch: { spec: { size: 9 } },
        goal: { field: 'size', word: 'grown' },
        isThere: (widget) => widget?.size === 9,
      },
      run,
    );
    const record: StepRecord = { ...outcome, name: 'grow', action: 'provision', start, end: performance.now() };
    const report = reportOf([
      {
        name: 'local',
        scenario: { name: 'widgets' },
        startedAt: new Date(0),
        start,
        end: record.end,
        environment: {
          ...sampleReport({ hosts: 1 }).environment,
          sets: [{ kind: 'Widget', name: 'w', objects: NAMES.length, namespaces: 1 }],
        },
        records: [record],
        timelines: [...(watch.timelines?.all() ?? [])],
        measurement: noMeasurement(),
        interruptions: watch.interruptions,
      },
    ]);
    assert.deepEqual(check(reportSchema, report, ''), []);
    const metric = report.metrics.find(({ name, labels }) => name === 'step_objects' && labels['kind'] === 'Widget');
    assert.equal(metric?.value, NAMES.length);
    assert.deepEqual(
      report.distributions.map(({ kind, from, to, count }) => [kind, from, to, count]),
      [['Widget', 'asked', 'grown', NAMES.length]],
    );
    const ready = report.series.series.find(
      ({ group, kind, name }) => group === 'states' && kind === 'Widget' && name === 'Ready',
    );
    assert.equal(ready?.values.at(-1), 3);
    assert.match(reportPage(report), /<p class="tile-label">Widgets<\/p>/);
  });
});
