import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deleteRank, type KindOfObject } from '../../../lib/order';
import { Owners } from '../../../src/apply/owners';

const SECRET: KindOfObject = { apiVersion: 'v1', kind: 'Secret' };
const HOST: KindOfObject = { apiVersion: 'metal3.io/v1alpha1', kind: 'BareMetalHost' };
const CLUSTER: KindOfObject = { apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster' };
const NAMESPACE: KindOfObject = { apiVersion: 'v1', kind: 'Namespace' };

describe('the owners among the members of a set', () => {
  const owned = (uid: string, ...by: readonly (KindOfObject & { readonly uid: string })[]) => ({
    uid,
    namespace: 'default',
    ownerReferences: by.map((owner) => ({ ...owner, name: owner.uid })),
  });
  const uidsOf = (owners: Owners, kind: KindOfObject) =>
    owners.levels(deleteRank(kind)).map((level) => level.map(({ uid }) => uid));

  it('come level by level, whatever their kinds', () => {
    const owners = new Owners();
    owners.add(HOST, owned('host', { ...HOST, uid: 'pool' }));
    owners.add(HOST, owned('pool', { ...SECRET, uid: 'root' }));
    owners.add(SECRET, owned('root'));
    assert.deepEqual(uidsOf(owners, HOST), [['root'], ['pool']]);
  });

  it('are left out where their kind goes first anyway, as hosts before their Secrets, and namespaces always', () => {
    const owners = new Owners();
    owners.add(SECRET, owned('secret', { ...HOST, uid: 'host' }, { ...NAMESPACE, uid: 'namespace' }));
    assert.deepEqual(uidsOf(owners, SECRET), []);
  });

  it('come with the last kind that they own, at any remove, and not before', () => {
    const owners = new Owners();
    owners.add(SECRET, owned('secret', { ...SECRET, uid: 'root' }));
    owners.add(SECRET, owned('above', { ...SECRET, uid: 'top' }));
    owners.add(HOST, owned('template', { ...HOST, uid: 'class' }));
    owners.add(HOST, owned('host', { ...SECRET, uid: 'above' }));
    assert.deepEqual(uidsOf(owners, CLUSTER), []);
    assert.deepEqual(uidsOf(owners, HOST), [['top', 'class'], ['above']]);
    assert.deepEqual(uidsOf(owners, SECRET), [['root']]);
  });

  it('come together where they own each other', () => {
    const owners = new Owners();
    owners.add(SECRET, owned('a', { ...SECRET, uid: 'b' }));
    owners.add(SECRET, owned('b', { ...SECRET, uid: 'a' }));
    assert.deepEqual(
      uidsOf(owners, SECRET).map((level) => level.toSorted()),
      [['a', 'b']],
    );
  });
});
