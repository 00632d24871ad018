import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hostOf, type HostRecord } from '../../../../src/simulators/workload-api/management';

/** A host that a machine has, as the API server shows it. */
function host(uid: string, poweredOn: boolean) {
  return {
    apiVersion: 'metal3.io/v1alpha1',
    kind: 'BareMetalHost',
    metadata: {
      name: 'host-1',
      namespace: 'lab',
      uid,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: { consumerRef: { kind: 'Metal3Machine', name: 'm', namespace: 'lab' } },
    status: { poweredOn, provisioning: { state: 'provisioned' } },
  };
}

describe('a host of the management cluster', () => {
  const seen = (uid: string, poweredOn: boolean, before?: HostRecord) => hostOf(host(uid, poweredOn), before)!;

  it('has been off since it was first seen off, and has booted once it is on again', () => {
    const off = seen('a', false, seen('a', true));
    assert.equal(seen('a', false, off).offSince, off.offSince);
    const on = seen('a', true, off);
    assert.deepEqual([on.offSince, on.boots], [undefined, 1]);
  });

  it('takes nothing over from another one of its name that has gone unseen', () => {
    const before: HostRecord = { ...seen('a', false), offSince: 1_000, boots: 3 };
    const off = seen('b', false, before);
    assert.ok((off.offSince ?? 0) > 1_000, 'it has been off since before it was there');
    assert.equal(off.boots, 0);
    assert.deepEqual([seen('b', true, before).offSince, seen('b', true, before).boots], [undefined, 0]);
  });
});
