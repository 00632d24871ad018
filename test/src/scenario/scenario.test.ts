import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check } from '../../../lib/crd';
import { Fleet } from '../../../lib/kinds/bare-metal-host/fleet';
import { resolveScenario } from '../../../lib/scenario/resolve-scenario';
import type { StepGroup } from '../../../lib/scenario/resolved';
import type { ScenarioStep } from '../../../lib/scenario/steps';
import { ApiServerRecord } from '../../../src/measure/api-server-record';
import { OperatorRecord } from '../../../src/measure/operator-record';
import type { StepRecord } from '../../../src/measure/step-record';
import { bareMetalHostKind, type ObservedHost } from '../../../lib/kinds/bare-metal-host/kind';
import type { TestbedEvent } from '../../../src/util/events';
import { reportSchema } from '../../../src/report/report';
import { askAndWait, untilArrived } from '../../../src/scenario/arrivals';
import { execute } from '../../../src/scenario/execute';
import { reportOf } from '../../../src/scenario/report-of';
import { requireCapabilities } from '../../../src/scenario/requirements';
import type { ClusterRun } from '../../../src/scenario/cluster-run';
import { NO_OBJECTS, type ScenarioRun } from '../../../src/scenario/scenario-run';
import { forEachRateLimited } from '../../../src/scenario/rate-limited';
import { refuses } from '../../support/refuses';

const subjects = ['a', 'b', 'c'].map((name) => ({ namespace: 'n', name }));

/** A watch that shows what it is told, one picture after the other, and then nothing new. */
function watchOf(...pictures: readonly Readonly<Record<string, Partial<ObservedHost>>>[]) {
  let current = pictures[0] ?? {};
  const watch = {
    kind: bareMetalHostKind,
    get: (namespace: string, name: string) =>
      current[name] === undefined ? undefined : { ...bareMetalHostKind.unseen(namespace, name), ...current[name] },
    counts: () => ({}),
    until: (condition: () => boolean) => {
      for (const picture of pictures) {
        current = picture;
        if (condition()) return Promise.resolve(true);
      }
      return Promise.resolve(false);
    },
  };
  const client = { request: () => Promise.resolve({ items: [] }) };
  return { run: { watches: [watch], live: { client } } as unknown as ScenarioRun };
}

const on = { poweredOn: true };
const isThere = (host: ObservedHost | undefined) => host?.poweredOn === true;
const options = { kind: bareMetalHostKind, task: 'powerOn', timeoutMs: 60_000, mayFail: false, isThere };

describe('a step that waits for its hosts', () => {
  it('ends only when all are there at the same time', async () => {
    const { run } = watchOf({ a: on }, { a: {}, b: on, c: on }, { a: on, b: {}, c: on }, { a: on, b: on, c: on });
    const arrivals = await untilArrived(run, subjects, options);
    assert.deepEqual([arrivals.done, arrivals.late], [3, []]);
    const flapping = watchOf({ a: on }, { a: {}, b: on, c: on }, { a: on, b: {}, c: on });
    assert.equal((await untilArrived(flapping.run, subjects, options)).done, 2);
  });

  it('names the hosts that did not get there, with what is wrong with them', async () => {
    const failed = { state: 'inspecting', errorType: 'inspection error', errorMessage: 'no answer' };
    const { run } = watchOf({ a: on, b: failed });
    const { done, late } = await untilArrived(run, subjects, options);
    assert.equal(done, 1);
    assert.deepEqual(late, ['n/b: inspecting, inspection error: no answer', 'n/c: not seen by a controller yet']);
  });

  it('does not wait for hosts in error where it is told so, and does not count them either', async () => {
    const { run } = watchOf({ a: on, b: on, c: { errorType: 'inspection error' } }, { a: on, b: on, c: on });
    assert.equal((await untilArrived(run, subjects, { ...options, mayFail: true })).done, 2);
    assert.equal((await untilArrived(run, subjects, options)).done, 3);
  });

  it('tells how many are there, and how they are spread, from before anything is asked', async () => {
    const { run } = watchOf({ a: on, b: {} });
    const events: object[] = [];
    let toldBefore = 0;
    const listening = { ...run, listener: (event: object) => events.push(event) };
    const arrivals = await askAndWait(listening, subjects, options, () => {
      toldBefore = events.length;
      return Promise.resolve();
    });
    assert.equal(arrivals.done, 1);
    assert.deepEqual([toldBefore, events.length], [1, 1]);
    assert.deepEqual(events, [
      {
        type: 'progress',
        task: 'powerOn',
        done: 1,
        total: 3,
        unit: 'hosts',
        perSecond: 0,
        states: {},
        remainingSeconds: undefined,
      },
    ]);
  });
});

describe('a scenario with a step that no host reaches', () => {
  const fleets = [new Fleet({ count: 3, namespace: 'n' })];
  const runOf = (...pictures: readonly Readonly<Record<string, Partial<ObservedHost>>>[]) => {
    const { run } = watchOf(...pictures);
    return { ...run, live: { ...run.live, testbed: { fleets, simulator: {} } } } as unknown as ScenarioRun;
  };
  const { root } = resolveScenario(
    {
      timeoutSeconds: 7,
      steps: [
        { parallel: [{ enroll: {} }, { rest: { seconds: 0.001 } }, { provision: {}, timeoutSeconds: 5 }] },
        { detach: {} },
      ],
    },
    fleets,
    1,
  );
  const [parallel] = root.steps as readonly StepGroup[];
  const [, rest, provision] = parallel?.steps ?? [];
  const detach = root.steps[1]!;

  it('ends there with what was done until then, and names the time-out and its key', async () => {
    const events: TestbedEvent[] = [];
    const run = { ...runOf({ 'worker-1': { state: 'provisioning' } }), listener: (e: TestbedEvent) => events.push(e) };
    const { records, failure } = await execute({ kind: 'sequence', steps: [rest!, provision!, detach] }, run);
    assert.deepEqual(
      records.map(({ name, objects, done, late }) => [name, objects, done, late.length]),
      [
        ['rest', 0, 0, 0],
        ['provision', 3, 0, 3],
      ],
    );
    assert.equal(failure?.code, 'timeout');
    assert.match(
      failure?.message ?? '',
      /^step provision: none of its 3 hosts reached the wanted state, timed out after 5 s \(scenario\.steps\[0\]\.parallel\[2\]\.timeoutSeconds\):\n {2}n\/worker-1: provisioning\n/,
    );
    assert.ok(!events.some(({ task }) => task === 'detach'));
  });

  it('names the key of the scenario where the step has none of its own', async () => {
    const { failure } = await execute({ kind: 'sequence', steps: [detach] }, runOf());
    assert.match(
      failure?.message ?? '',
      /timed out after 7 s \(scenario\.timeoutSeconds, or scenario\.steps\[1\]\.timeoutSeconds for this step alone\)/,
    );
  });

  it('goes on where some got there, and says who is still pending', async () => {
    const events: TestbedEvent[] = [];
    const there = { operationalStatus: 'detached' };
    const run = { ...runOf({ 'worker-1': there }), listener: (e: TestbedEvent) => events.push(e) };
    const { records, failure } = await execute({ kind: 'sequence', steps: [detach] }, run);
    assert.deepEqual([records.length, failure], [1, undefined]);
    const warning = events.find(({ type }) => type === 'warning');
    assert.match((warning as { detail: string }).detail, /^2 of 3 hosts are still pending, timed out after 7 s \(/);
  });
});

describe('hosts that are taken on', () => {
  it('are begun no sooner than their rate allows', async () => {
    const start = performance.now();
    const begun: number[] = [];
    await forEachRateLimited(
      Array.from({ length: 11 }, (_, i) => i),
      { perSecond: 200 },
      (i) => {
        begun[i] = performance.now() - start;
        return Promise.resolve();
      },
    );
    assert.equal(begun.length, 11);
    begun.forEach((at, i) => assert.ok(at >= i * 5 - 2, `${i} at ${at} ms`));
  });

  it('are worked on one at a time where that is asked for', async () => {
    let [now, most] = [0, 0];
    await forEachRateLimited(subjects, { inFlight: 1 }, async () => {
      most = Math.max(most, ++now);
      await Promise.resolve();
      now--;
    });
    assert.equal(most, 1);
  });
});

describe('a scenario that its testbed cannot run', () => {
  const fleets = [new Fleet({ count: 10 })];
  const scenario = (...steps: readonly ScenarioStep[]) => resolveScenario({ steps }, fleets, 1);

  it('is refused, naming what each step needs', () => {
    const faults = scenario(
      { enroll: {} },
      { failHosts: { failures: [] } },
      { parallel: [{ takeCredentials: {} }, { stopApiServer: { forSeconds: 1 } }] },
      { powerOff: { share: 0.5 } },
    );
    const message = refuses(
      () => requireCapabilities(faults, { simulator: 'bmo', cluster: 'kind' }),
      /scenario\.steps\[1\]\.failHosts: needs kwok/,
    );
    assert.match(message, /scenario\.steps\[2\]\.parallel\[1\]\.stopApiServer: needs the embedded control plane/);
    assert.match(message, /scenario\.steps\[3\]\.powerOff: must be for whole host sets/);
    assert.doesNotMatch(message, /takeCredentials: needs/);
    refuses(
      () => requireCapabilities(faults, { simulator: 'kwok', cluster: 'local' }),
      /^scenario\.steps\[2\]\.parallel\[0\]\.takeCredentials: needs the Bare Metal Operator[^\n]*$/,
    );
    requireCapabilities(scenario({ enroll: {} }, { powerOff: {} }), { simulator: 'bmo', cluster: 'local' });
  });
});

describe('a report', () => {
  const record: StepRecord = {
    ...{
      name: 'enroll',
      action: 'enroll',
      kind: 'BareMetalHost',
      start: 1_000,
      end: 4_000,
      objects: 1,
      done: 1,
      late: [],
      retries: 0,
    },
    ...{ asked: new Map([['n/a', 1_000]]), goal: { field: 'state', word: 'settled' } },
  };
  const runOf = (name: string): ClusterRun => ({
    name,
    scenario: resolveScenario({ name: 'blog', steps: [{ enroll: {} }] }, [new Fleet({ count: 1 })], 1),
    ...{
      startedAt: new Date(0),
      start: 1_000,
      end: 5_000,
      records: [record, { ...record, ...NO_OBJECTS, action: 'killOperator', name: 'kill' }],
    },
    environment: {
      ...{ version: '1.0.0', node: 'v24', machine: { cpu: 'c', cores: 2, memoryGB: 8, kernel: 'k', loadBefore: 0 } },
      clusters: [{ name, kind: 'local', kubernetes: 'v1.34.4' }],
      simulator: { kind: 'bmo', version: 'v0.13.2' },
      operators: [{ name: 'bmo', arguments: [], environment: {} }],
      sets: [{ kind: 'BareMetalHost', name: 'worker', objects: 1, namespaces: 1 }],
    },
    timelines: [
      {
        ...{ kind: 'BareMetalHost', namespace: 'n', name: 'a', uid: '1', seenAt: 1_500, goneAt: undefined },
        transitions: [{ field: 'state', from: '', to: 'available', at: 3_500, isAfterGap: false }],
      },
    ],
    measurement: {
      apiServer: new ApiServerRecord(),
      operators: [new OperatorRecord('bmo', { controller: 'baremetalhost', errors: 'metal3_host_error_total' })],
    },
    interruptions: { resumes: 0, relists: 0 },
  });

  it('is what its schema says, with the times of its steps since the run began', () => {
    const report = reportOf([runOf('local')]);
    assert.deepEqual(check(reportSchema, report, ''), []);
    assert.deepEqual(
      report.steps.map(({ name, start, end, fault }) => [name, start, end, fault]),
      [
        ['enroll', 0, 3, undefined],
        ['kill', 0, 3, true],
      ],
    );
  });

  it('shows several clusters side by side, each metric and series with the name of its cluster', () => {
    const report = reportOf([runOf('a'), runOf('b')]);
    assert.deepEqual(check(reportSchema, report, ''), []);
    assert.deepEqual(
      report.environment.clusters.map(({ name }) => name),
      ['a', 'b'],
    );
    assert.deepEqual(
      report.environment.operators.map(({ name }) => name),
      ['a: bmo', 'b: bmo'],
    );
    for (const { labels } of report.metrics) assert.match(labels['cluster'] ?? '', /^[ab]$/);
    const names = report.series.series.map(({ group, name }) => `${group} ${name}`);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.includes('states a: available') && names.includes('states b: available'));
    assert.equal(new Set(report.steps.map(({ name }) => name)).size, 4);
  });
});
