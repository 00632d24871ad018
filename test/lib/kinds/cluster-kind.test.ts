import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { requireKind, requireState } from '../../../lib/kinds';
import { clusterKind } from '../../../lib/kinds/cluster/kind';
import type { LiveObject } from '../../../lib/kinds/kind';
import { machineKind } from '../../../lib/kinds/machine/kind';

const metadata = { name: 'c-1', namespace: 'lab', uid: 'u', resourceVersion: '1' };
const object = (status?: object, spec?: object) => ({ metadata, spec, status }) as LiveObject;
const condition = (type: string, status: string, message?: string) => ({ type, status, message });
const whole = { desiredReplicas: 1, replicas: 1, upToDateReplicas: 1, availableReplicas: 1 };
const stateOf = (kind: typeof clusterKind | typeof machineKind, status?: object) => {
  const { state, isSettled } = kind.observe(object(status), (text = '') => text);
  return [state, isSettled];
};

describe('the state of a Cluster', () => {
  const available = [condition('Available', 'True')];

  it('is its phase until its condition says that it is available', () => {
    assert.deepEqual(stateOf(clusterKind), ['', false]);
    assert.deepEqual(stateOf(clusterKind, { phase: 'Provisioning' }), ['provisioning', false]);
    const conditions = [condition('Available', 'False')];
    assert.deepEqual(stateOf(clusterKind, { phase: 'Provisioned', conditions }), ['provisioned', false]);
    assert.deepEqual(stateOf(clusterKind, { phase: 'Provisioned', conditions: available }), ['available', true]);
  });

  it('is deleting or failed whatever its condition still says', () => {
    assert.deepEqual(stateOf(clusterKind, { phase: 'Deleting', conditions: available }), ['deleting', false]);
    assert.deepEqual(stateOf(clusterKind, { phase: 'Failed', conditions: available }), ['failed', false]);
    assert.deepEqual(stateOf(clusterKind, { phase: 'Unknown' }), ['failed', false]);
  });

  it('is settled only once there are as many machines as there are to be, all of them as they are to be', () => {
    const of = (workers: object) =>
      stateOf(clusterKind, { phase: 'Provisioned', conditions: available, controlPlane: whole, workers });
    assert.deepEqual(of(whole), ['available', true]);
    for (const field of ['desiredReplicas', 'replicas', 'upToDateReplicas', 'availableReplicas'])
      assert.deepEqual(of({ ...whole, [field]: 2 }), ['available', false], field);
  });

  it('has a reason where it is not there: its condition, its machines, or that it is paused', () => {
    const why = (status?: object, spec?: object) => clusterKind.whyPending?.(object(status, spec));
    assert.equal(why(), 'not Available yet');
    assert.equal(
      why({ conditions: [condition('Available', 'False', '* InfrastructureReady: no')] }),
      '* InfrastructureReady: no',
    );
    assert.equal(
      why({ conditions: available, controlPlane: { ...whole, upToDateReplicas: 0 }, workers: whole }),
      'control plane: 1 of 1 machines, 0 up-to-date, 1 available',
    );
    assert.match(why({ conditions: available }, { paused: true }) ?? '', /paused/);
    assert.equal(why({ conditions: available, controlPlane: whole, workers: whole }), undefined);
  });

  it('is the same in a table of the API server', () => {
    const inTable = (phase: string, ready: string) =>
      clusterKind.tableState?.((column) => ({ Phase: phase, Available: ready })[column] ?? '');
    assert.equal(inTable('Provisioned', 'True'), 'available');
    assert.equal(inTable('Provisioned', 'False'), 'provisioned');
    assert.equal(inTable('Deleting', 'True'), 'deleting');
    assert.equal(inTable('', ''), '');
  });
});

describe('the state of a Machine', () => {
  it('is its phase, and settled once it runs and is ready', () => {
    const ready = [condition('Ready', 'True')];
    assert.deepEqual(stateOf(machineKind, { phase: 'Provisioned', conditions: ready }), ['provisioned', false]);
    assert.deepEqual(stateOf(machineKind, { phase: 'Running', conditions: [] }), ['running', false]);
    assert.deepEqual(stateOf(machineKind, { phase: 'Running', conditions: ready }), ['running', true]);
    assert.deepEqual(stateOf(machineKind, { phase: 'Deleted' }), ['deleting', false]);
    assert.equal(machineKind.whyPending?.(object({ conditions: [condition('Ready', 'False', 'no host')] })), 'no host');
    // As the core manager says it of a Machine whose parts the kubeadm control plane provider has taken back.
    const lost = { type: 'BootstrapConfigReady', status: 'False', reason: 'ObjectDoesNotExist', message: 'x' };
    const conditions = [condition('Ready', 'False', 'no host'), lost];
    assert.match(machineKind.whyPending?.(object({ conditions })) ?? '', /delete this Machine/);
    const deleted = { ...object({ conditions }), metadata: { ...metadata, deletionTimestamp: 'now' } };
    assert.equal(machineKind.whyPending?.(deleted), 'no host');
  });
});

describe('kinds and states on a command line', () => {
  it('are found by any of their names, in any case', () => {
    for (const name of ['Cluster', 'clusters', 'cl']) assert.equal(requireKind(name), clusterKind);
    for (const name of ['machine', 'Machines', 'ma']) assert.equal(requireKind(name), machineKind);
    assert.equal(requireState(clusterKind, 'Available'), 'available');
    assert.equal(requireState(machineKind, 'Running'), 'running');
    assert.throws(() => requireState(machineKind, 'runing'), /did you mean 'running'/);
  });
});

describe('what is wrong with an object of Cluster API', () => {
  const errorOf = (kind: typeof clusterKind | typeof machineKind, status: object) => {
    const { errorType, errorMessage } = kind.observe(object(status), (text = '') => text);
    return [errorType, errorMessage];
  };
  const because = (type: string, reason: string, message = '') => ({ type, status: 'False', reason, message });

  it('is told by the reason and the message of the condition that says so', () => {
    const conditions = [
      because('Available', 'NotAvailable'),
      because('TopologyReconciled', 'ReconcileFailed', 'no class'),
    ];
    assert.deepEqual(errorOf(clusterKind, { phase: 'Provisioning', conditions }), ['ReconcileFailed', 'no class']);
    const unhealthy = [because('HealthCheckSucceeded', 'NodeStartupTimeout', 'no Node in 10m')];
    assert.deepEqual(errorOf(machineKind, { phase: 'Running', conditions: unhealthy }), [
      'NodeStartupTimeout',
      'no Node in 10m',
    ]);
    assert.deepEqual(errorOf(clusterKind, { phase: 'Failed' }), ['Failed', '']);
  });

  it('is nothing while it is only on its way', () => {
    const conditions = [
      because('Available', 'NotAvailable', 'not yet'),
      because('RemoteConnectionProbe', 'ProbeFailed'),
      because('NodeReady', 'InspectionFailed'),
      because('InfrastructureReady', 'ObjectDoesNotExist'),
    ];
    for (const kind of [clusterKind, machineKind])
      assert.deepEqual(errorOf(kind, { phase: 'Provisioning', conditions }), ['', '']);
  });
});
