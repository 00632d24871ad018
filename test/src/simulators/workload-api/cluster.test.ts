import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ApiObject } from '../../../../src/simulators/workload-api/api-object';
import { WorkloadCluster, type JoinDelay } from '../../../../src/simulators/workload-api/cluster';
import type { ClusterFacts, HostFacts } from '../../../../src/simulators/workload-api/facts';
import { resource } from '../../../../src/simulators/workload-api/resources';
import { atEnd } from '../../../support/temp-dir';
import { controlPlane, facts, machine } from '../../../support/workload-cluster';

const NODES = resource('v1', 'nodes');
const PODS = resource('v1', 'pods');
const NOW = Date.UTC(2026, 5, 1);

function make(t: TestContext, of: ClusterFacts, delay?: JoinDelay): WorkloadCluster {
  const cluster = new WorkloadCluster(of, delay, NOW);
  atEnd(t, () => cluster.stop());
  return cluster;
}
const all = (cluster: WorkloadCluster, plural = NODES): ApiObject[] =>
  cluster.store.list(plural).map((each) => cluster.store.read(each));
const names = (cluster: WorkloadCluster, plural = NODES) => all(cluster, plural).map(({ metadata }) => metadata.name);
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** All of what is there that no clock has a part in. */
function identities(cluster: WorkloadCluster): string[] {
  return [...all(cluster), ...all(cluster, PODS)].map(
    ({ metadata }) => `${metadata.name} ${metadata.uid} ${metadata.creationTimestamp}`,
  );
}

describe('a simulated cluster', () => {
  it('is the same whenever it is made from the same facts, with higher versions', async (t) => {
    const of = facts('one', [controlPlane('a'), controlPlane('b'), machine('w')]);
    const first = make(t, of);
    await settled();
    const second = make(t, of);
    await settled();
    assert.deepEqual(identities(second), identities(first));
    const other = make(t, facts('two', of.machines, { uid: 'another' }));
    await settled();
    assert.equal(identities(other).filter((each) => identities(first).includes(each)).length, 0);
  });

  it('has kubeadm’s objects with its first control-plane node, and not before', (t) => {
    const config = resource('v1', 'configmaps');
    const waiting = controlPlane('a', { host: undefined });
    const cluster = make(t, facts('one', [waiting]));
    assert.equal(cluster.store.get(config, 'kube-system', 'kubeadm-config'), undefined);
    assert.ok(cluster.store.get(resource('v1', 'namespaces'), '', 'kube-system'));
    cluster.update(facts('one', [controlPlane('a')]), NOW);
    assert.ok(cluster.store.get(config, 'kube-system', 'kubeadm-config'));
    assert.ok(
      cluster.store.get(resource('rbac.authorization.k8s.io/v1', 'clusterrolebindings'), '', 'kubeadm:cluster-admins'),
    );
  });

  it('lets a node join after a delay that its machine draws, and at once where that is over', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'], now: NOW });
    const host = { ...machine('w').host!, provisionedAt: NOW };
    const delay = { min: 1_000, max: 2_000 };
    const cluster = make(t, facts('one', [controlPlane('a'), machine('w', { host })]), delay);
    assert.deepEqual(names(cluster), ['a']);
    cluster.update(cluster.facts, NOW + 999);
    assert.deepEqual(names(cluster), ['a']);
    cluster.update(cluster.facts, NOW + 2_000);
    assert.deepEqual(names(cluster), ['a', 'w']);
    const { creationTimestamp } = all(cluster)[1]!.metadata;
    assert.ok(Date.parse(creationTimestamp) - NOW <= 2_000);
  });

  it('leaves a Node deleted whose machine is still there, and gives one of that name to a new machine', async (t) => {
    const cluster = make(t, facts('one', [controlPlane('a'), machine('w')]));
    await settled();
    cluster.writes.delete({ resource: NODES, namespace: '', name: 'w' }, { dryRun: false });
    cluster.update(facts('one', [controlPlane('a'), machine('w')]), NOW);
    await settled();
    assert.deepEqual(names(cluster), ['a']);
    assert.equal(names(cluster, PODS).filter((each) => each.startsWith('kube-proxy')).length, 1);
    cluster.update(facts('one', [controlPlane('a'), machine('w', { uid: 'new' })]), NOW);
    assert.deepEqual(names(cluster), ['a', 'w']);
  });

  it('registers a deleted Node again, as another one, once its host has been switched off and on', async (t) => {
    const worker = (changes: Partial<HostFacts>) =>
      facts('one', [controlPlane('a'), machine('w', { host: { ...machine('w').host!, ...changes } })]);
    const cluster = make(t, worker({}));
    await settled();
    const [, before] = all(cluster);
    cluster.update(worker({ offSince: NOW }), NOW);
    cluster.writes.delete({ resource: NODES, namespace: '', name: 'w' }, { dryRun: false });
    cluster.update(worker({ offSince: NOW }), NOW + 1_000);
    assert.deepEqual(names(cluster), ['a']);
    cluster.update(worker({ boots: 1 }), NOW + 2_000);
    await settled();
    assert.deepEqual(names(cluster), ['a', 'w']);
    const [, after] = all(cluster);
    assert.notEqual(after!.metadata.uid, before!.metadata.uid);
    assert.equal(after!.metadata.creationTimestamp, new Date(NOW + 2_000).toISOString().replace('.000', ''));
    assert.equal(names(cluster, PODS).filter((each) => each.startsWith('kube-proxy')).length, 2);
    // A later deletion is for good again, until the next start.
    cluster.writes.delete({ resource: NODES, namespace: '', name: 'w' }, { dryRun: false });
    cluster.update(worker({ boots: 1 }), NOW + 3_000);
    assert.deepEqual(names(cluster), ['a']);
  });

  it('takes a Node for unreachable once its host has been off for a while, and for ready when it is switched on', (t) => {
    const worker = (changes: Partial<HostFacts>) =>
      facts('one', [controlPlane('a'), machine('w', { host: { ...machine('w').host!, ...changes } })]);
    const cluster = make(t, worker({}));
    const ready = () =>
      (all(cluster)[1]!.status as { conditions: { type: string; status: string }[] }).conditions.find(
        ({ type }) => type === 'Ready',
      )!.status;
    const taints = () =>
      (all(cluster)[1]!['spec'] as { taints?: { key: string }[] }).taints?.map(({ key }) => key) ?? [];
    cluster.update(worker({ offSince: NOW }), NOW + 39_999);
    assert.equal(ready(), 'True');
    cluster.update(worker({ offSince: NOW }), NOW + 40_000);
    assert.equal(ready(), 'Unknown');
    assert.ok(taints().includes('node.kubernetes.io/unreachable'));
    cluster.update(worker({ boots: 1 }), NOW + 41_000);
    assert.equal(ready(), 'True');
    assert.ok(!taints().includes('node.kubernetes.io/unreachable'));
  });

  it('ends what a person has made of the conditions of a Node when its host is switched on again', (t) => {
    const worker = (changes: Partial<HostFacts>) =>
      facts('one', [controlPlane('a'), machine('w', { host: { ...machine('w').host!, ...changes } })]);
    const cluster = make(t, worker({}));
    const conditions = [{ type: 'Ready', status: 'False', reason: 'Mine' }];
    const target = { resource: NODES, namespace: '', name: 'w', subresource: 'status' };
    cluster.writes.patch(
      target,
      'application/strategic-merge-patch+json',
      { status: { conditions } },
      { dryRun: false },
    );
    const ready = () =>
      (all(cluster)[1]!.status as { conditions: { type: string; reason: string }[] }).conditions.find(
        ({ type }) => type === 'Ready',
      )!.reason;
    cluster.update(worker({}), NOW + 1_000);
    assert.equal(ready(), 'Mine');
    cluster.update(worker({ boots: 1 }), NOW + 2_000);
    assert.equal(ready(), 'KubeletReady');
  });

  it('moves CoreDNS off a node that has been cordoned and drained, and leaves it pending where no node takes it', async (t) => {
    const cluster = make(t, facts('one', [controlPlane('a')]));
    await settled();
    const dns = () => all(cluster, PODS).filter(({ metadata }) => metadata.name.startsWith('coredns'));
    const phases = () => dns().map(({ status }) => (status as { phase: string }).phase);
    assert.deepEqual(phases(), ['Running', 'Running']);
    cluster.writes.patch(
      { resource: NODES, namespace: '', name: 'a', subresource: '' },
      'application/merge-patch+json',
      { spec: { unschedulable: true } },
      { dryRun: false },
    );
    const { name } = dns()[0]!.metadata;
    cluster.writes.delete({ resource: PODS, namespace: 'kube-system', name }, { dryRun: false });
    await settled();
    assert.deepEqual(phases().sort(), ['Pending', 'Running']);
    cluster.update(facts('one', [controlPlane('a'), controlPlane('b')]), NOW);
    await settled();
    assert.deepEqual(phases(), ['Running', 'Running']);
  });

  it('marks new workers as not initialized, and those that Cluster API has seen not again', (t) => {
    const cluster = make(t, facts('one', [controlPlane('a'), machine('new'), machine('seen', { hasNode: true })]));
    const taints = (name: string) =>
      (
        all(cluster).find(({ metadata }) => metadata.name === name)!['spec'] as { taints?: { key: string }[] }
      ).taints?.map(({ key }) => key);
    assert.deepEqual(taints('new'), ['node.cluster.x-k8s.io/uninitialized']);
    assert.equal(taints('seen'), undefined);
  });

  it('costs little: a thousand of them with a node each', (t) => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    collect();
    const before = process.memoryUsage().heapUsed;
    const clusters = Array.from({ length: 1_000 }, (_, i) => make(t, facts(`c-${i}`, [controlPlane(`c-${i}-a`)])));
    collect();
    const each = (process.memoryUsage().heapUsed - before) / clusters.length;
    assert.ok(each < 60_000, `${Math.round(each)} bytes a cluster`);
  });
});
