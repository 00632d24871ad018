import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KINDS } from '../../../lib/kinds';
import { axisOf } from '../../../src/measure/axis';
import { creationsOf } from '../../../src/measure/creations';
import { objectMetrics } from '../../../src/measure/object-metrics';
import { stateSeries } from '../../../src/measure/state-series';
import type { StepRecord } from '../../../src/measure/step-record';
import type { Metric } from '../../../src/report/report';
import type { Timeline } from '../../../src/watch/timeline';

type Change = readonly [field: string, to: string, at: number];

function line(kind: string, name: string, seenAt: number, changes: readonly Change[], goneAt?: number): Timeline {
  const transitions = changes.map(([field, to, at]) => ({ field, from: '', to, at, isAfterGap: false }));
  return { kind, namespace: 'n', name, uid: `${kind}-${name}-${seenAt}`, seenAt, goneAt, transitions };
}

const isTrue = (type: string, at: number): Change => [`condition ${type}`, 'True', at];

const cluster = (name: string, seenAt: number, changes: readonly Change[]) => line('Cluster', name, seenAt, changes);

/** A machine of a cluster, on a host of its own, with when it was made, had its data, its host, was provisioned, joined, and was ready. */
function machine(of: string, name: string, role: string, times: readonly number[]): Timeline[] {
  const [made = 0, data = 0, taken = 0, provisioned = 0, node = 0, ready = 0] = times;
  return [
    line('Machine', name, made, [
      ['cluster', `n/${of}`, made],
      ['role', role, made],
      ['infrastructure', `n/${name}`, made],
      isTrue('BootstrapConfigReady', data),
      ['node', 'there', node],
      ...(role === 'control plane' ? [isTrue('EtcdMemberHealthy', node + 1_000)] : []),
      isTrue('Ready', ready),
      ['state', 'running', ready],
    ]),
    line('BareMetalHost', `host-${name}`, 0, [
      ['state', 'available', 100],
      ['consumer', `n/${name}`, taken],
      ['state', 'provisioning', taken + 100],
      ['state', 'provisioned', provisioned],
    ]),
  ];
}

function record(name: string, kind: string, start: number, end: number, asked: readonly string[], action = 'bringUp') {
  return {
    ...{ name, kind, start, end, retries: 0, late: [], objects: asked.length, done: asked.length },
    action: action as StepRecord['action'],
    goal: { field: 'state', word: 'settled' },
    asked: new Map(asked.map((object) => [`n/${object}`, start])),
  } satisfies StepRecord;
}

const of = (metrics: readonly Metric[], name: string, labels: Metric['labels']) =>
  metrics.find((each) => each.name === name && Object.entries(labels).every(([k, v]) => each.labels[k] === v))?.value;

/** a has one machine more, which is what it is waited for; b is stuck without a host for its only machine. */
const LINES: readonly Timeline[] = [
  cluster('a', 1_000, [
    isTrue('InfrastructureReady', 3_000),
    isTrue('ControlPlaneInitialized', 12_000),
    isTrue('ControlPlaneAvailable', 13_000),
    isTrue('WorkersAvailable', 29_000),
    isTrue('Available', 30_000),
    ['condition Available', 'False', 40_000],
    isTrue('Available', 50_000),
  ]),
  ...machine('a', 'a-cp', 'control plane', [4_000, 5_000, 6_000, 9_000, 10_000, 13_000]),
  ...machine('a', 'a-md', '', [4_500, 12_500, 20_000, 25_000, 27_000, 28_000]),
  cluster('b', 2_000, [isTrue('InfrastructureReady', 3_000)]),
  line('Machine', 'b-cp', 5_000, [
    ['cluster', 'n/b', 5_000],
    ['role', 'control plane', 5_000],
    ['infrastructure', 'n/b-cp', 5_000],
    isTrue('BootstrapConfigReady', 7_000),
  ]),
];
const RECORDS = [
  record('bring up clusters', 'Cluster', 500, 60_000, ['a', 'b']),
  record('bring up machines', 'Machine', 500, 60_000, ['a-cp', 'a-md', 'b-cp']),
];

describe('metrics of clusters', () => {
  const { metrics, distributions, waterfalls } = objectMetrics(LINES, RECORDS, KINDS, 60_000);

  it('have the time from when an object was made until it first came to each condition', () => {
    const clusters = { kind: 'Cluster', step: 'bring up clusters' };
    const median = (condition: string) => of(metrics, 'condition_seconds', { ...clusters, condition, quantile: '0.5' });
    assert.deepEqual(
      ['InfrastructureReady', 'ControlPlaneInitialized', 'ControlPlaneAvailable', 'Available'].map(median),
      [1.5, 11, 12, 29],
    );
    assert.equal(of(metrics, 'condition_objects', { ...clusters, condition: 'Available' }), 1);
    assert.equal(of(metrics, 'condition_objects', { ...clusters, condition: 'InfrastructureReady' }), 2);
    const machines = { kind: 'Machine', step: 'bring up machines' };
    assert.equal(of(metrics, 'condition_seconds', { ...machines, condition: 'Running', quantile: '1' }), 23.5);
    const available = distributions.find(({ kind, to }) => kind === 'Cluster' && to === 'Available');
    assert.deepEqual([available?.from, available?.count, available?.percentiles[50]], ['created', 1, 29]);
  });

  it('show where the time of one went: phases without a gap, which together are all of it', () => {
    const a = waterfalls.find(({ object }) => object === 'n/a');
    assert.deepEqual(
      a?.phases.map(({ name, start, end }) => [name, start, end]),
      [
        ['infrastructure', 0, 2],
        ['first machine made', 2, 3],
        ['first machine: bootstrap data', 3, 4],
        ['first machine: waiting for a host', 4, 5],
        ['first machine: provisioning', 5, 8],
        ['first machine: node', 8, 9],
        ['first machine: etcd', 9, 10],
        ['control plane initialized', 10, 11],
        ['control plane available', 11, 12],
        // It was made, and had its data, while the first one was waited for.
        ['last machine: waiting for a host', 12, 19],
        ['last machine: provisioning', 19, 24],
        ['last machine: node', 24, 26],
        ['last machine: ready', 26, 27],
        ['available', 27, 29],
      ],
    );
    assert.deepEqual([a?.seconds, a?.done, a?.of], [29, true, 2]);
  });

  it('take one that did not get there for the slowest, and say what it waited for when the run ended', () => {
    const b = waterfalls.find(({ object }) => object === 'n/b');
    assert.deepEqual([b?.rank, b?.done, b?.seconds], ['slowest', false, 58]);
    assert.deepEqual(b?.phases.at(-1), { name: 'first machine: waiting for a host', start: 5, end: 58 });
  });

  it('have the share of each phase in the time of all, which together are 1', () => {
    const shares = metrics.filter(({ name }) => name === 'phase_share');
    assert.ok(Math.abs(shares.reduce((sum, { value }) => sum + value, 0) - 1) < 1e-4);
    const labels = { kind: 'Cluster', step: 'bring up clusters', phase: 'last machine: waiting for a host' };
    assert.equal(of(metrics, 'phase_seconds', { ...labels, quantile: '0.5' }), 7);
  });

  it('count how many have each condition, also while one loses it for a while', () => {
    const axis = axisOf(0, 60_000);
    const series = stateSeries(LINES, axis, KINDS);
    const available = series.find(
      ({ group, kind, name }) => group === 'conditions' && kind === 'Cluster' && name === 'Available',
    );
    const at = (seconds: number) => available?.values[axis.at.indexOf(seconds)];
    assert.deepEqual([29, 31, 41, 51].map(at), [0, 1, 0, 1]);
  });
});

describe('what made an object', () => {
  const made = (lines: readonly Timeline[], records: readonly StepRecord[]) =>
    creationsOf(lines, records, KINDS).map(({ line: { name }, record: { name: step } }) => [name, step]);
  const scale = record('scale', 'Cluster', 1_000, 9_000, ['a']);
  const churn = record('churn', 'Cluster', 2_000, 9_000, ['b']);
  const ofCluster = (name: string, cluster: string, seenAt: number) =>
    line('Machine', name, seenAt, [['cluster', `n/${cluster}`, seenAt]]);

  it('is the step that asked for it, or for what it is part of, and else the one that was begun last', () => {
    assert.deepEqual(
      made([ofCluster('m-a', 'a', 3_000), ofCluster('m-b', 'b', 3_000), ofCluster('m-c', 'c', 3_000)], [scale, churn]),
      [
        ['m-a', 'scale'],
        ['m-b', 'churn'],
        ['m-c', 'churn'],
      ],
    );
  });

  it('is not known of what was there before, came between steps, or behind a gap in the watch', () => {
    const unseen = ofCluster('unseen', 'a', 3_000);
    const behindGap = { ...unseen, transitions: unseen.transitions.map((each) => ({ ...each, isAfterGap: true })) };
    assert.deepEqual(
      made([ofCluster('before', 'a', 500), ofCluster('after', 'a', 9_500), behindGap], [scale, churn]),
      [],
    );
  });

  it('shows of a thousand clusters as many waterfalls as of ten', () => {
    const many = Array.from({ length: 1_000 }, (_, i) =>
      cluster(`c-${i}`, 1_000, [isTrue('InfrastructureReady', 2_000), isTrue('Available', 3_000 + i)]),
    );
    const all = record(
      'create',
      'Cluster',
      500,
      60_000,
      many.map(({ name }) => name),
    );
    const { waterfalls, metrics } = objectMetrics(many, [all], KINDS, 60_000);
    assert.deepEqual(
      waterfalls.map(({ object, rank, of: count }) => [object, rank, count]),
      [
        ['n/c-499', 'median', 1_000],
        ['n/c-999', 'slowest', 1_000],
        ['n/c-998', 'slowest', 1_000],
        ['n/c-997', 'slowest', 1_000],
      ],
    );
    assert.ok(metrics.length < 200, String(metrics.length));
  });
});
