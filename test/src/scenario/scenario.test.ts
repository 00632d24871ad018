import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check } from '../../../lib/crd';
import { Fleet } from '../../../lib/kinds/bare-metal-host/fleet';
import type { TestbedError } from '../../../lib/errors';
import { resolveScenario } from '../../../lib/scenario/resolve-scenario';
import type { ResolvedStep, StepGroup } from '../../../lib/scenario/resolved';
import type { ScenarioStep } from '../../../lib/scenario/steps';
import { OperatorRecord } from '../../../src/measure/operator-record';
import type { StepRecord } from '../../../src/measure/step-record';
import { bareMetalHostKind, type ObservedHost } from '../../../lib/kinds/bare-metal-host/kind';
import type { TestbedEvent } from '../../../src/util/events';
import { reportSchema } from '../../../src/report/report';
import { askAndWait, untilArrived, type ArrivalsRun } from '../../../src/scenario/arrivals';
import { execute } from '../../../src/scenario/execute';
import { reportOf } from '../../../src/scenario/report-of';
import { requireCapabilities } from '../../../src/scenario/requirements';
import type { ClusterRun } from '../../../src/scenario/cluster-run';
import { NO_OBJECTS } from '../../../src/scenario/scenario-run';
import type { Capabilities } from '../../../src/testbed/live-testbed';
import type { WatchedObjects } from '../../../src/watch/object-watch';
import { forEachRateLimited } from '../../../src/scenario/rate-limited';
import { refuses } from '../../support/refuses';
import { noMeasurement } from '../../support/no-measurement';

const targets = ['a', 'b', 'c'].map((name) => ({ namespace: 'n', name }));

type Picture = Readonly<Record<string, Partial<ObservedHost>>>;

/** A watch that shows what it is told, one picture after the other, and then nothing new. */
class PictureWatch implements WatchedObjects<ObservedHost> {
  readonly kind = bareMetalHostKind;
  private current: Picture;

  constructor(private readonly pictures: readonly Picture[]) {
    this.current = pictures[0] ?? {};
  }

  get(namespace: string, name: string): ObservedHost | undefined {
    const seen = this.current[name];
    return seen && { ...this.kind.unseen(namespace, name), ...seen };
  }

  counts(): Readonly<Record<string, number>> {
    return { available: Object.keys(this.current).length };
  }

  until(condition: () => boolean): Promise<boolean> {
    const found = this.pictures.some((picture) => {
      this.current = picture;
      return condition();
    });
    return Promise.resolve(found);
  }
}

/** A run with hosts that look like this, on a cluster that has recorded no events. */
const runOf = (...pictures: readonly Picture[]): ArrivalsRun => ({
  watches: [new PictureWatch(pictures)],
  live: { client: { request: <T>() => Promise.resolve({ items: [] } as T) } },
});

const on = { poweredOn: true };
const isThere = (host: ObservedHost | undefined) => host?.poweredOn === true;
const options = { kind: bareMetalHostKind, task: 'powerOn', timeoutMs: 60_000, mayFail: false, isThere };

describe('a step that waits for its hosts', () => {
  it('ends once all are there at the same time', async () => {
    const run = runOf({ a: on }, { a: {}, b: on, c: on }, { a: on, b: {}, c: on }, { a: on, b: on, c: on });
    const { done, late } = await untilArrived(run, targets, options);
    assert.deepEqual([done, late], [3, []]);
  });

  it('does not end where each was there once, and never all of them', async () => {
    const run = runOf({ a: on }, { a: {}, b: on, c: on }, { a: on, b: {}, c: on });
    assert.equal((await untilArrived(run, targets, options)).done, 2);
  });

  it('names the hosts that did not get there, with what is wrong with them', async () => {
    const failed = { state: 'inspecting', errorType: 'inspection error', errorMessage: 'no answer' };
    const { late } = await untilArrived(runOf({ a: on, b: failed }), targets, options);
    assert.deepEqual(late, ['n/b: inspecting, inspection error: no answer', 'n/c: not seen by a controller yet']);
  });

  describe('with a host in error that gets there in the end', () => {
    const run = () => runOf({ a: on, b: on, c: { errorType: 'inspection error' } }, { a: on, b: on, c: on });

    it('waits for it', async () => {
      assert.equal((await untilArrived(run(), targets, options)).done, 3);
    });

    it('neither waits for it nor counts it where hosts may fail', async () => {
      assert.equal((await untilArrived(run(), targets, { ...options, mayFail: true })).done, 2);
    });
  });

  it('tells how they fared until it is interrupted', async () => {
    const interrupt = new AbortController();
    const run = { ...runOf({ a: on, b: { state: 'inspecting' } }), signal: interrupt.signal };
    const ask = () => Promise.resolve(interrupt.abort(new Error('enough')));
    const { done, late } = await askAndWait(run, targets, options, ask);
    assert.deepEqual([done, late], [1, ['n/b: inspecting', 'n/c: not seen by a controller yet']]);
  });

  it('tells how many are there, and how they are spread, before anything is asked', async () => {
    const events: TestbedEvent[] = [];
    let before: readonly TestbedEvent[] = [];
    const run = { ...runOf({ a: on, b: {} }), listener: (event: TestbedEvent) => events.push(event) };
    await askAndWait(run, targets, options, () => {
      before = [...events];
      return Promise.resolve();
    });
    const [first, ...others] = before.map((event) => ({ ...event, perSecond: 0, remainingSeconds: undefined }));
    assert.deepEqual(others, []);
    assert.deepEqual(first, {
      type: 'progress',
      task: 'powerOn',
      done: 1,
      total: 3,
      unit: 'hosts',
      states: { available: 2 },
      perSecond: 0,
      remainingSeconds: undefined,
    });
  });
});

describe('a scenario', () => {
  const { root } = resolveScenario(
    { timeoutSeconds: 7, steps: [{ enroll: {} }, { provision: {}, timeoutSeconds: 5 }, { detach: {} }] },
    { fleets: [new Fleet({ count: 3, namespace: 'n' })] },
  );
  const [enroll, provision, detach] = root.steps as readonly ResolvedStep[];
  const late = ['n/worker-1: provisioning', 'n/worker-2: available', 'n/worker-3: available'];

  /** What is recorded and told where so many of the three hosts of each step get there. */
  async function carriedOut(kind: 'parallel' | 'sequence', steps: readonly (readonly [ResolvedStep, done: number])[]) {
    const events: TestbedEvent[] = [];
    const reached = new Map(steps.map(([{ name }, done]) => [name, done]));
    const act = ({ name }: ResolvedStep) => {
      const done = reached.get(name) ?? 0;
      return Promise.resolve({ ...NO_OBJECTS, kind: 'BareMetalHost', objects: 3, done, late: late.slice(done) });
    };
    const group: StepGroup = { kind, steps: steps.map(([step]) => step) };
    return { ...(await execute(group, act, { listener: (event) => events.push(event) })), events };
  }

  it('records what each step did, in the order in which they began', async () => {
    const { records, failure } = await carriedOut('sequence', [
      [enroll!, 3],
      [provision!, 2],
    ]);
    assert.equal(failure, undefined);
    assert.deepEqual(
      records.map(({ name, action, objects, done }) => [name, action, objects, done]),
      [
        ['enroll', 'enroll', 3, 3],
        ['provision', 'provision', 3, 2],
      ],
    );
  });

  it('ends at a step that no host reaches', async () => {
    const { records, events } = await carriedOut('sequence', [
      [provision!, 0],
      [detach!, 3],
    ]);
    assert.deepEqual(
      records.map(({ name }) => name),
      ['provision'],
    );
    assert.ok(!events.some(({ task }) => task === 'detach'));
  });

  it('carries out what is beside a step that no host reaches', async () => {
    const { records, failure } = await carriedOut('parallel', [
      [provision!, 0],
      [detach!, 3],
    ]);
    assert.equal((failure as TestbedError).code, 'timeout');
    assert.deepEqual(records.map(({ name }) => name).sort(), ['detach', 'provision']);
  });

  it('says of a step that no host reaches after what time, by which key, and where its hosts are', async () => {
    const { failure } = await carriedOut('sequence', [[provision!, 0]]);
    assert.equal((failure as TestbedError).code, 'timeout');
    assert.equal(
      failure?.message,
      'step provision: none of its 3 hosts reached the wanted state, timed out after 5 s (scenario.steps[1].timeoutSeconds):\n' +
        '  n/worker-1: provisioning\n  n/worker-2: available\n  n/worker-3: available',
    );
  });

  it('names the key of the scenario where the step has no time of its own', async () => {
    const { failure } = await carriedOut('sequence', [[detach!, 0]]);
    assert.match(
      failure?.message ?? '',
      /timed out after 7 s \(scenario\.timeoutSeconds, or scenario\.steps\[2\]\.timeoutSeconds for this step alone\)/,
    );
  });

  it('warns of hosts that are pending where some got there', async () => {
    const { events } = await carriedOut('sequence', [[provision!, 1]]);
    const warnings = events.filter((event) => event.type === 'warning').map(({ detail }) => detail);
    assert.deepEqual(warnings, [
      '2 of 3 hosts are still pending, timed out after 5 s (scenario.steps[1].timeoutSeconds): n/worker-2: available; n/worker-3: available',
    ]);
  });

  it('ends where it is interrupted, with what its step has done until then', async () => {
    const interrupt = new AbortController();
    const events: TestbedEvent[] = [];
    const begun: string[] = [];
    const act = ({ name }: ResolvedStep) => {
      begun.push(name);
      if (name === 'provision') interrupt.abort(new Error('enough'));
      return Promise.resolve({ ...NO_OBJECTS, kind: 'BareMetalHost', objects: 3, done: name === 'provision' ? 0 : 3 });
    };
    const { signal } = interrupt;
    const { records, failure } = await execute(root, act, { listener: (event) => events.push(event), signal });
    assert.deepEqual(begun, ['enroll', 'provision']);
    assert.deepEqual(
      records.map(({ name, done }) => [name, done]),
      [
        ['enroll', 3],
        ['provision', 0],
      ],
    );
    assert.equal(failure, signal.reason);
    const last = events.at(-1);
    assert.match(last?.type === 'warning' ? last.detail : '', /^interrupted after \d+\.\d s, 0 of 3 hosts$/);
  });

  it('ends with a fault that is none of its own', async () => {
    const act = () => Promise.reject(new RangeError('a fault of this program'));
    await assert.rejects(execute(root, act), RangeError);
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
    await forEachRateLimited(targets, { inFlight: 1 }, async () => {
      most = Math.max(most, ++now);
      await Promise.resolve();
      now--;
    });
    assert.equal(most, 1);
  });
});

describe('a scenario that its testbed cannot run', () => {
  const fleets = [new Fleet({ count: 10 })];
  const scenario = (...steps: readonly ScenarioStep[]) => resolveScenario({ steps }, { fleets });

  const refused = (step: ScenarioStep, capabilities: Capabilities, message: RegExp) =>
    refuses(() => requireCapabilities(scenario({ enroll: {} }, step), capabilities), message);

  it('is refused for failing hosts where the operator simulates them', () => {
    const message = /^scenario\.steps\[1\]\.failHosts: needs kwok/;
    refused({ failHosts: { failures: [] } }, { simulator: 'bmo', cluster: 'kind' }, message);
  });

  it('is refused for taking credentials where kwok simulates the hosts', () => {
    const message = /^scenario\.steps\[1\]\.takeCredentials: needs the Bare Metal Operator/;
    refused({ takeCredentials: {} }, { simulator: 'kwok', cluster: 'local' }, message);
  });

  it('is refused for stopping an API server that is not on this machine', () => {
    const message = /^scenario\.steps\[1\]\.stopApiServer: needs the embedded control plane/;
    refused({ stopApiServer: { forSeconds: 1 } }, { simulator: 'bmo', cluster: 'kind' }, message);
  });

  it('is refused for switching power of some of the hosts that share a machine', () => {
    const message = /^scenario\.steps\[1\]\.powerOff: must be for whole host sets/;
    refused({ powerOff: { share: 0.5 } }, { simulator: 'bmo', cluster: 'local' }, message);
  });

  it('is refused with all steps that cannot be run, however deep they are', () => {
    const steps = [{ failHosts: { failures: [] } }, { parallel: [{ stopApiServer: { forSeconds: 1 } }] }];
    const said = refuses(
      () => requireCapabilities(scenario(...steps), { simulator: 'bmo', cluster: 'kind' }),
      /^scenario\.steps\[0\]\.failHosts/,
    );
    assert.match(said, /^scenario\.steps\[1\]\.parallel\[0\]\.stopApiServer/m);
  });

  it('is taken where every step can be run', () => {
    const whole = scenario(
      { enroll: {} },
      { powerOff: {} },
      { takeCredentials: {} },
      { stopApiServer: { forSeconds: 1 } },
    );
    assert.doesNotThrow(() => requireCapabilities(whole, { simulator: 'bmo', cluster: 'local' }));
  });
});

describe('a report', () => {
  const record: StepRecord = {
    name: 'enroll',
    action: 'enroll',
    kind: 'BareMetalHost',
    start: 1_000,
    end: 4_000,
    objects: 1,
    done: 1,
    late: [],
    retries: 0,
    asked: new Map([['n/a', 1_000]]),
    goal: { field: 'state', word: 'settled' },
  };
  const clusterRun = (name: string): ClusterRun => ({
    name,
    scenario: resolveScenario({ name: 'blog', steps: [{ enroll: {} }] }, { fleets: [new Fleet({ count: 1 })] }),
    startedAt: new Date(0),
    start: 1_000,
    end: 5_000,
    records: [record, { ...record, ...NO_OBJECTS, action: 'killOperator', name: 'kill' }],
    environment: {
      version: '1.0.0',
      node: 'v24',
      machine: { cpu: 'c', cores: 2, memoryGB: 8, kernel: 'k', loadBefore: 0 },
      clusters: [{ name, kind: 'local', kubernetes: 'v1.34.4' }],
      simulator: { kind: 'bmo', version: 'v0.13.2' },
      operators: [{ name: 'bmo', arguments: [], environment: {} }],
      managers: [],
      sets: [{ kind: 'BareMetalHost', name: 'worker', objects: 1, namespaces: 1 }],
    },
    timelines: [
      {
        kind: 'BareMetalHost',
        namespace: 'n',
        name: 'a',
        uid: '1',
        seenAt: 1_500,
        goneAt: undefined,
        transitions: [{ field: 'state', from: '', to: 'available', at: 3_500, isAfterGap: false }],
      },
    ],
    measurement: {
      ...noMeasurement(),
      operators: [new OperatorRecord('bmo', { controller: 'baremetalhost', errors: 'metal3_host_error_total' })],
    },
    interruptions: { resumes: 0, relists: 0 },
  });

  it('is what its schema says', () => {
    assert.deepEqual(check(reportSchema, reportOf([clusterRun('local')]), ''), []);
  });

  it('has the times of its steps since the run began', () => {
    const { steps } = reportOf([clusterRun('local')]);
    assert.deepEqual(
      steps.map(({ name, start, end }) => [name, start, end]),
      [
        ['enroll', 0, 3],
        ['kill', 0, 3],
      ],
    );
  });

  it('tells faults from steps that are for objects', () => {
    const { steps } = reportOf([clusterRun('local')]);
    assert.deepEqual(
      steps.map(({ fault }) => fault),
      [undefined, true],
    );
  });

  describe('of two clusters', () => {
    const report = reportOf([clusterRun('a'), clusterRun('b')]);
    const series = report.series.series.map(({ group, name }) => `${group} ${name}`);

    it('is what its schema says', () => {
      assert.deepEqual(check(reportSchema, report, ''), []);
    });

    it('names both in its environment', () => {
      assert.deepEqual(
        report.environment.clusters.map(({ name }) => name),
        ['a', 'b'],
      );
    });

    it('names the cluster of each operator', () => {
      assert.deepEqual(
        report.environment.operators.map(({ name }) => name),
        ['a: bmo', 'b: bmo'],
      );
    });

    it('labels each metric with its cluster', () => {
      const clusters = report.metrics.map(({ labels }) => labels['cluster']);
      assert.deepEqual([...new Set(clusters)].sort(), ['a', 'b']);
    });

    it('has the series of both, each by a name of its own', () => {
      assert.equal(new Set(series).size, series.length);
      assert.ok(series.includes('states a: available') && series.includes('states b: available'));
    });

    it('has the steps of both, each by a name of its own', () => {
      assert.equal(new Set(report.steps.map(({ name }) => name)).size, 4);
    });
  });
});
