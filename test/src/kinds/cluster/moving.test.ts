import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { moveNamespace } from '../../../../src/kinds/cluster/moving/move-namespace';
import type { StoredObject } from '../../../../src/kinds/cluster/object-graph';
import { MemoryApi } from '../../../support/clusters/memory-api';

const CORE = 'cluster.x-k8s.io/v1beta2';
const HOSTS = 'metal3.io/v1alpha1';
const namespace = 'a';
const PAUSED = 'baremetalhost.metal3.io/paused';
const STATUS = 'baremetalhost.metal3.io/status';
const MOVING = 'metal3-testbed/moving';

const ownedBy = ({ apiVersion, kind, metadata: { name, uid } }: StoredObject) => ({
  ownerReferences: [{ apiVersion, kind, name, uid, controller: true }],
});
const READY = { initialization: { infrastructureProvisioned: true, controlPlaneInitialized: true } };

/** A cluster of one machine on one of two hosts. */
function source(status: object = READY, spec: object = {}): MemoryApi {
  const api = new MemoryApi();
  const cluster = api.put({
    ...{ apiVersion: CORE, kind: 'Cluster', spec, status },
    metadata: { name: 'c', namespace, finalizers: ['of core'], labels: { own: 'yes' } },
  });
  const machine = api.put({
    ...{ apiVersion: CORE, kind: 'Machine', status: { nodeRef: { name: 'm' } } },
    metadata: {
      ...{ name: 'm', namespace, finalizers: ['of core'], ...ownedBy(cluster) },
      managedFields: [{ manager: 'capi-control-plane', operation: 'Apply', uid: cluster.metadata.uid }],
    },
  });
  const infrastructure = api.put({
    ...{ apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta2', kind: 'Metal3Machine', spec: { providerID: 'p' } },
    metadata: { name: 'm', namespace, ...ownedBy(machine) },
  });
  const host = api.put({
    ...{ apiVersion: HOSTS, kind: 'BareMetalHost', spec: { consumerRef: { name: 'm' } } },
    status: { provisioning: { state: 'provisioned' }, hardware: { cpu: 1 } },
    metadata: { name: 'used', namespace, finalizers: ['of the operator'], ...ownedBy(infrastructure) },
  });
  api.put({ apiVersion: HOSTS, kind: 'HardwareData', metadata: { name: 'used', namespace, ...ownedBy(host) } });
  const free = api.put({
    ...{ apiVersion: HOSTS, kind: 'BareMetalHost', spec: {} },
    status: { provisioning: { state: 'available' }, hardware: { cpu: 2 } },
    metadata: { name: 'free', namespace },
  });
  api.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'free-bmc', namespace, ...ownedBy(free) } });
  api.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'c-ca', namespace }, data: { key: 'a2V5' } });
  api.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'of-others', namespace } });
  // As it is before Cluster API has looked at it.
  api.put({
    apiVersion: CORE,
    kind: 'MachineHealthCheck',
    spec: { clusterName: 'c' },
    metadata: { name: 'h', namespace },
  });
  return api;
}

const move = (from: MemoryApi, to: MemoryApi) =>
  moveNamespace({ namespace, from: from.client, to: to.client, signal: undefined, onRetry: () => undefined });

/** What is to be there once all is moved, whatever happened on the way. */
function requireMoved(from: MemoryApi, to: MemoryApi): void {
  assert.deepEqual(
    [...from.objects.values()].map(({ metadata }) => metadata.name),
    ['of-others'],
  );
  const found = [...to.objects.values()].map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
  assert.deepEqual(found, [
    ...[
      'BareMetalHost free',
      'BareMetalHost used',
      'Cluster c',
      'HardwareData used',
      'Machine m',
      'MachineHealthCheck h',
      'Metal3Machine m',
    ],
    ...['Secret c-ca', 'Secret free-bmc'],
  ]);
  const uids = new Set([...to.objects.values()].map(({ metadata }) => metadata.uid));
  for (const { kind, metadata } of to.objects.values()) {
    const { ownerReferences = [], deletionTimestamp, annotations = {} } = metadata;
    for (const { uid } of ownerReferences) assert.ok(uids.has(uid), `${kind} ${metadata.name} belongs to nothing`);
    assert.equal(deletionTimestamp, undefined);
    assert.ok(!(MOVING in annotations));
    assert.ok(!(PAUSED in annotations));
  }
  const cluster = to.get('Cluster', namespace, 'c')!;
  assert.deepEqual([cluster['spec'], cluster.metadata.labels, cluster['status']], [{}, { own: 'yes' }, undefined]);
  assert.deepEqual(cluster.metadata.finalizers, ['of core']);
  const machine = to.get('Machine', namespace, 'm')!;
  assert.equal(machine.metadata.ownerReferences?.[0]?.uid, cluster.metadata.uid);
  assert.equal(machine.metadata.managedFields?.[0]?.['uid'], cluster.metadata.uid);
  const stateOf = (name: string) =>
    JSON.parse(to.get('BareMetalHost', namespace, name)!.metadata.annotations![STATUS]!) as unknown;
  assert.deepEqual(stateOf('used'), { provisioning: { state: 'provisioned' }, hardware: { cpu: 1 } });
  assert.deepEqual(stateOf('free'), { provisioning: { state: 'available' }, hardware: { cpu: 2 } });
}

describe('moving the clusters of a namespace', () => {
  it('makes all that belongs to them there, and deletes it here, with nobody at it meanwhile', async () => {
    const [from, to] = [source(), new MemoryApi()];
    const paused: boolean[] = [];
    to.beforeWrite = (write) => {
      if (!write.startsWith('POST')) return;
      const { spec } = from.get('Cluster', namespace, 'c') as unknown as {
        readonly spec: { readonly paused?: boolean };
      };
      paused.push(spec.paused === true);
    };
    await move(from, to);
    assert.deepEqual(new Set(paused), new Set([true]));
    requireMoved(from, to);
    const nameOf = (write: string) => write.split('/').slice(-2).join(' ');
    const made = to.writes.filter((each) => each.startsWith('POST')).map((each) => each.split('/').at(-1));
    assert.ok(made.indexOf('clusters') < made.indexOf('machines'));
    assert.ok(made.indexOf('machines') < made.indexOf('metal3machines'));
    const deleted = from.writes.filter((each) => each.startsWith('DELETE')).map(nameOf);
    assert.ok(deleted.indexOf('machines m') < deleted.indexOf('clusters c'));
  });

  it('goes on where it was cut off, wherever that was', async () => {
    const all = [source(), new MemoryApi()] as const;
    await move(...all);
    const writes = all[0].writes.length + all[1].writes.length;
    assert.ok(writes > 30, `${writes} writes`);
    for (let cut = 0; cut < writes; cut++) {
      const [from, to] = [source(), new MemoryApi()];
      let count = 0;
      const beforeWrite = () => {
        if (count++ >= cut) throw new Error('cut off');
      };
      for (const api of [from, to]) api.beforeWrite = beforeWrite;
      await assert.rejects(move(from, to), /cut off/);
      for (const api of [from, to]) api.beforeWrite = () => undefined;
      await move(from, to);
      requireMoved(from, to);
    }
  });

  it('changes nothing where a cluster is not ready for it', async () => {
    const cases = [
      [source({}), /infrastructure of cluster a\/c is not provisioned yet/],
      [source({ initialization: { infrastructureProvisioned: true } }), /control plane of cluster a\/c is not/],
      [source(READY, { paused: true }), /cluster a\/c is paused: unpause it before/],
    ] as const;
    for (const [from, message] of cases) {
      await assert.rejects(move(from, new MemoryApi()), message);
      assert.deepEqual(from.writes, []);
    }
  });
});
