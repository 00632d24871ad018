import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KINDS } from '../../../lib/kinds';
import { ApiServerRecord } from '../../../src/measure/api-server-record';
import { axisOf, onAxis } from '../../../src/measure/axis';
import { objectMetrics } from '../../../src/measure/object-metrics';
import { OperatorRecord } from '../../../src/measure/operator-record';
import { percentiles } from '../../../src/measure/percentiles';
import { changeGroups } from '../../../src/measure/state-changes';
import { stateSeries } from '../../../src/measure/state-series';
import type { StepRecord } from '../../../src/measure/step-record';
import { Samples } from '../../../src/measure/metrics/samples';
import type { Timeline } from '../../../src/watch/timeline';

const KIND = 'BareMetalHost';

/** A host that was seen and came into states at these times, in milliseconds. */
function timeline(
  name: string,
  seenAt: number,
  states: readonly (readonly [string, number])[],
  goneAt?: number,
): Timeline {
  const transitions = states.map(([to, at], i) => ({
    field: 'state',
    from: states[i - 1]?.[0] ?? '',
    to,
    at,
    isAfterGap: false,
  }));
  return { kind: KIND, namespace: 'n', name, uid: `${name}-${seenAt}`, seenAt, goneAt, transitions };
}

function record(name: string, asked: Readonly<Record<string, number>>, more: Partial<StepRecord> = {}): StepRecord {
  const at = Object.values(asked);
  return {
    name,
    action: 'provision',
    kind: KIND,
    start: Math.min(...at),
    end: 100_000,
    retries: 0,
    late: [],
    objects: at.length,
    done: at.length,
    goal: { field: 'state', word: 'provisioned' },
    asked: new Map(Object.entries(asked).map(([host, time]) => [`n/${host}`, time])),
    ...more,
  };
}

const value = (metrics: ReturnType<typeof objectMetrics>['metrics'], name: string, labels: object) =>
  metrics.find((each) => each.name === name && JSON.stringify(each.labels) === JSON.stringify(labels))?.value;

describe('metrics of hosts', () => {
  const lines = [
    timeline('a', 1_000, [
      ['registering', 1_500],
      ['available', 3_000],
      ['provisioning', 21_000],
      ['provisioned', 25_000],
    ]),
    timeline('b', 2_000, [
      ['registering', 4_000],
      ['available', 5_000],
      ['provisioning', 22_000],
      ['provisioned', 23_000],
    ]),
  ];
  const enroll = record('enroll', { a: 900, b: 900 }, { action: 'enroll', end: 6_000 });
  const provision = record('provision', { a: 20_000, b: 21_500 }, { start: 20_000, end: 26_000 });

  it('count a change from when its host was asked, not from when it settled', () => {
    const groups = changeGroups(lines, [enroll, provision]).map(({ step, from, to, seconds }) => [
      step,
      from,
      to,
      seconds,
    ]);
    assert.deepEqual(groups, [
      ['enroll', 'new', 'registering', [0.5, 2]],
      ['enroll', 'registering', 'available', [1.5, 1]],
      ['provision', 'available', 'provisioning', [1, 0.5]],
      ['provision', 'provisioning', 'provisioned', [4, 1]],
    ]);
  });

  it('give a step the rate from the first request to the last host, and the time of each host', () => {
    const { metrics, distributions } = objectMetrics(lines, [enroll, provision], KINDS, 100_000);
    assert.equal(value(metrics, 'step_objects_per_second', { kind: KIND, step: 'enroll' }), 0.5);
    assert.equal(value(metrics, 'step_objects_per_second', { kind: KIND, step: 'provision' }), 0.4);
    assert.equal(value(metrics, 'step_object_seconds', { kind: KIND, step: 'provision', quantile: '1' }), 5);
    assert.equal(value(metrics, 'step_object_seconds', { kind: KIND, step: 'provision', quantile: '0.5' }), 3.25);
    assert.equal(value(metrics, 'step_objects_late', { kind: KIND, step: 'provision' }), 0);
    const whole = distributions.find(({ step, from }) => step === 'provision' && from === 'asked');
    assert.deepEqual([whole?.to, whole?.count, whole?.percentiles.length], ['provisioned', 2, 101]);
  });

  it('leave out the time of a host that did not get there', () => {
    const unfinished = { ...provision, end: 22_500, done: 0, pending: new Set(['n/a', 'n/b']) };
    const { metrics, distributions } = objectMetrics(lines, [enroll, unfinished], KINDS, 100_000);
    assert.equal(value(metrics, 'step_objects_late', { kind: KIND, step: 'provision' }), 2);
    assert.equal(value(metrics, 'step_object_seconds', { kind: KIND, step: 'provision', quantile: '1' }), undefined);
    assert.ok(!distributions.some(({ step, from }) => step === 'provision' && from === 'asked'));
    const half = objectMetrics(lines, [{ ...unfinished, end: 23_500, pending: new Set(['n/a']) }], KINDS, 100_000);
    assert.equal(value(half.metrics, 'step_object_seconds', { kind: KIND, step: 'provision', quantile: '1' }), 1.5);
  });

  it('count the host that took the place of another, and not the one that went', () => {
    const replaced = [
      timeline('a', 0, [['available', 1_000], ['deleting', 10_500]], 11_000), // prettier-ignore
      timeline('a', 12_000, [['available', 15_000]]),
    ];
    const churn = record('churn', { a: 10_000 }, { action: 'churn', end: 16_000 });
    const { metrics } = objectMetrics(replaced, [churn], KINDS, 100_000);
    assert.equal(value(metrics, 'step_object_seconds', { kind: KIND, step: 'churn', quantile: '1' }), 3);
    const gone = record('delete', { a: 10_000 }, { end: 11_500, goal: { field: 'gone', word: 'gone' } });
    assert.equal(
      value(objectMetrics(replaced, [gone], KINDS, 100_000).metrics, 'step_object_seconds', {
        kind: KIND,
        step: 'delete',
        quantile: '1',
      }),
      1,
    );
  });

  it('count a host that was to be off before it was powered on, from when it was asked to when that showed', () => {
    const at = (field: string, from: string, to: string, time: number) => ({
      field,
      from,
      to,
      at: time,
      isAfterGap: false,
    });
    const asked = [at('online', '', 'true', 1_000), at('online', 'true', '', 10_500)];
    const powered = [asked[0]!, at('poweredOn', '', 'true', 2_000), asked[1]!, at('poweredOn', 'true', '', 12_000)];
    const hosts = [
      { ...timeline('a', 1_000, []), transitions: powered },
      { ...timeline('b', 1_000, []), transitions: asked },
      // It was off, and was to be: nothing changed.
      { ...timeline('c', 1_000, []), transitions: [] },
    ];
    const off = record(
      'off',
      { a: 10_000, b: 10_000, c: 10_000 },
      { goal: { field: 'poweredOn', request: 'online', word: 'off' } },
    );
    const { metrics, distributions } = objectMetrics(hosts, [off], KINDS, 100_000);
    assert.equal(distributions.find(({ step }) => step === 'off')?.count, 2);
    assert.equal(value(metrics, 'step_object_seconds', { kind: KIND, step: 'off', quantile: '1' }), 2);
    assert.equal(value(metrics, 'step_object_seconds', { kind: KIND, step: 'off', quantile: '0.5' }), 1.25);
  });

  it('draw power, which is no state: how many hosts are on, and how many are asked to be', () => {
    const at = (field: string, to: string, time: number) => ({ field, from: '', to, at: time, isAfterGap: false });
    const hosts = ['a', 'b'].map((name, i) => ({
      ...timeline(name, 1_000, [['available', 1_000]]),
      transitions: [
        at('online', 'true', 1_000),
        at('poweredOn', 'true', 2_000),
        // One of them is asked to be off, and is some time later.
        ...(i === 0 ? [at('online', '', 10_000), at('poweredOn', '', 12_000)] : []),
      ],
    }));
    const axis = axisOf(0, 20_000);
    const series = stateSeries(hosts, axis, KINDS).filter(({ group }) => group === 'conditions');
    const seen = (name: string) => {
      const values = series.find((each) => each.name === name)?.values;
      return [1.5, 5, 11, 15].map((seconds) => values?.[axis.at.findLastIndex((each) => each <= seconds)]);
    };
    assert.deepEqual(seen('asked to be on'), [2, 2, 1, 1]);
    assert.deepEqual(seen('powered on'), [0, 2, 2, 1]);
  });

  it('leave out what came behind a gap in the watch, and hosts that nobody asked', () => {
    const [line] = lines;
    assert.ok(line);
    const torn = { ...line, transitions: line.transitions.map((each) => ({ ...each, isAfterGap: each.at > 20_000 })) };
    assert.deepEqual(changeGroups([torn], [provision]), []);
    assert.deepEqual(changeGroups(lines, [record('other', { c: 0 })]), []);
  });

  it('have as many hosts in all states together as there are, at every point in time', () => {
    const axis = axisOf(0, 26_500);
    const series = stateSeries([...lines, timeline('c', 4_000, [['registering', 6_000]], 9_000)], axis, KINDS);
    const states = series.filter(({ group }) => group === 'states');
    const total = (i: number) => states.reduce((sum, { values }) => sum + (values[i] ?? 0), 0);
    assert.equal(total(0), 0);
    assert.equal(total(1), 1);
    assert.equal(total(4), 3);
    assert.equal(total(axis.at.length - 1), 2);
    const available = states.find(({ name }) => name === 'available')?.values;
    assert.deepEqual([available?.[3], available?.[5], available?.[20], available?.[22]], [1, 2, 2, 0]);
    const arrived = series.find(({ group, name }) => group === 'throughput' && name === 'provisioned')?.values ?? [];
    assert.equal(
      arrived.reduce<number>((sum, each) => sum + (each ?? 0), 0),
      2,
    );
    assert.equal(axis.at.at(-1), 26.5);
  });
});

describe('an axis', () => {
  it('has no more points than can be drawn, and holds a measurement at the point after it', () => {
    const long = axisOf(5_000, 5_000 + 3_600_000);
    assert.ok(long.at.length <= 601);
    const axis = axisOf(5_000, 9_000);
    const points = [{ at: 5_000, value: 1 }, { at: 6_200, value: 2 }, { at: 6_900, value: 3 }, { at: 99_000, value: 4 }]; // prettier-ignore
    const { values } = onAxis({ group: 'operator', name: 'x', unit: 'count', points }, axis);
    assert.deepEqual(values, [1, null, 3, null, 4]);
  });

  it('goes with percentiles that lie between the values, in proportion', () => {
    const all = percentiles([3, 1, 2]);
    assert.deepEqual([all[0], all[25], all[50], all[100]], [1, 1.5, 2, 3]);
  });
});

/** One interval in which counters grew from nothing to what is given. */
function interval(values: readonly (readonly [name: string, labels: Record<string, string>, value: number])[]) {
  const now = new Samples();
  for (const [name, labels, each] of values) now.add(name, labels, each);
  return { at: 10_000, seconds: 5, now, increase: now.increaseSince(new Samples()) };
}

describe('metrics of an operator and an API server', () => {
  it('tell the operator’s work, and what it was refused', () => {
    const operator = new OperatorRecord('bmo', { controller: 'baremetalhost', errors: 'metal3_host_error_total' });
    const controller = 'baremetalhost';
    operator.add(
      interval([
        ['workqueue_depth', { name: controller }, 7],
        ['controller_runtime_reconcile_total', { controller, result: 'success' }, 40],
        ['controller_runtime_reconcile_total', { controller: 'other', result: 'success' }, 1_000],
        ['controller_runtime_reconcile_time_seconds_sum', { controller }, 8],
        ['controller_runtime_reconcile_time_seconds_count', { controller }, 40],
        ['rest_client_requests_total', { code: '409', method: 'PUT' }, 3],
        ['process_resident_memory_bytes', {}, 1e8],
        ['process_cpu_seconds_total', {}, 2.5],
      ]),
    );
    const metrics = operator.metrics();
    const of = (name: string, labels = {}) => value(metrics, name, { operator: 'bmo', ...labels });
    assert.equal(of('operator_reconciles', { result: 'success' }), 40);
    assert.equal(of('operator_reconcile_seconds_mean'), 0.2);
    assert.equal(of('operator_queue_depth_max'), 7);
    assert.equal(of('operator_requests', { code: '409' }), 3);
    assert.equal(of('operator_memory_bytes_max'), 1e8);
    const points = Object.fromEntries(
      operator.series(' (bmo)').map(({ name, points: [point] }) => [name, point?.value]),
    );
    assert.equal(points['reconciles (bmo)'], 8);
    assert.equal(points['CPU (bmo)'], 0.5);
  });

  it('tell requests by verb and resource, and leave those that last out of times', () => {
    const server = new ApiServerRecord();
    const put = { verb: 'PUT', resource: 'baremetalhosts', subresource: 'status' };
    const watch = { verb: 'WATCH', resource: 'secrets', subresource: '' };
    server.add(
      interval([
        ['apiserver_request_total', { ...put, code: '200' }, 90],
        ['apiserver_request_total', { ...put, code: '409' }, 10],
        ['apiserver_request_total', { ...watch, code: '200' }, 1],
        ['apiserver_request_duration_seconds_sum', put, 5],
        ['apiserver_request_duration_seconds_count', put, 100],
        ['apiserver_request_duration_seconds_sum', watch, 600],
        ['apiserver_request_duration_seconds_count', watch, 1],
      ]),
    );
    const metrics = server.metrics();
    const request = 'PUT baremetalhosts/status';
    assert.equal(value(metrics, 'api_server_requests', { request }), 100);
    assert.equal(value(metrics, 'api_server_request_seconds_sum', { request }), 5);
    assert.equal(value(metrics, 'api_server_request_seconds_sum', { request: 'WATCH secrets' }), undefined);
    assert.equal(value(metrics, 'api_server_refusals_total', { code: '409' }), 10);
    assert.equal(value(metrics, 'api_server_refusals', { code: '409', request }), 10);
    const points = Object.fromEntries(server.series('').map(({ name, points: [point] }) => [name, point?.value]));
    assert.deepEqual(
      [points['put baremetalhosts/status'], points['request time'], points['refused with 409'], points['others']],
      [20, 0.05, 2, 0.2],
    );
  });
});
