import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyRank, deleteRank, inApplyOrder, type KindOfObject } from '../../lib/order';

const SECRET: KindOfObject = { apiVersion: 'v1', kind: 'Secret' };
const HOST: KindOfObject = { apiVersion: 'metal3.io/v1alpha1', kind: 'BareMetalHost' };
const NAMESPACE: KindOfObject = { apiVersion: 'v1', kind: 'Namespace' };

describe('the order of applying', () => {
  it("takes Kubernetes' own kinds by their group, whatever others call theirs", () => {
    const others = ['Namespace', 'Secret', 'Deployment', 'Lease', 'Role', 'Certificate'].map((kind) => ({
      apiVersion: 'vault.example.org/v1',
      kind,
    }));
    for (const other of others) assert.equal(applyRank(other), applyRank(HOST), other.kind);
    const own = [
      NAMESPACE,
      { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
      SECRET,
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' },
      { apiVersion: 'apps/v1', kind: 'Deployment' },
      { apiVersion: 'cert-manager.io/v1', kind: 'Certificate' },
      { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration' },
    ];
    assert.deepEqual(inApplyOrder([...others, ...[...own].reverse()]), [...own, ...others]);
  });

  it('takes what comes with a Cluster as it is given, and deletes the Cluster first', () => {
    const cluster = { apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster' };
    const others = [HOST, { apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'ClusterClass' }];
    assert.deepEqual(inApplyOrder([cluster, ...others, SECRET]), [SECRET, cluster, ...others]);
    for (const other of [...others, SECRET]) assert.ok(deleteRank(other) < deleteRank(cluster), other.kind);
    assert.equal(deleteRank({ apiVersion: 'example.org/v1', kind: 'Cluster' }), deleteRank(HOST));
  });

  it('is the same for every version of a group', () => {
    assert.equal(
      applyRank({ apiVersion: 'apiextensions.k8s.io/v1beta1', kind: 'CustomResourceDefinition' }),
      applyRank({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' }),
    );
  });
});
