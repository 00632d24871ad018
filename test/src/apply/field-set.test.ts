import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FieldsV1, LiveObject } from '../../../src/apply/field-set';
import { digestOfLive, digestOfManifest } from '../../../src/apply/field-set';

const manifest = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'b', labels: { x: '1' } },
  spec: {
    containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80, protocol: 'TCP' }] }],
    tags: ['t1', 't2'],
  },
};
const owned: FieldsV1 = {
  'f:metadata': { 'f:labels': { 'f:x': {} } },
  'f:spec': {
    'f:containers': {
      'k:{"name":"c"}': {
        '.': {},
        'f:name': {},
        'f:image': {},
        'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {}, 'f:protocol': {} } },
      },
    },
    'f:tags': { 'v:"t1"': {}, 'v:"t2"': {} },
  },
};

function live(
  change: Partial<{
    spec: unknown;
    fields: FieldsV1;
    manager: string;
    labels: Record<string, string>;
    apiVersion: string;
  }> = {},
): LiveObject {
  return {
    metadata: {
      name: 'a',
      namespace: 'b',
      uid: 'u',
      resourceVersion: '7',
      labels: change.labels ?? { x: '1', other: 'y' },
      managedFields: [
        {
          manager: change.manager ?? 'me',
          operation: 'Apply',
          apiVersion: change.apiVersion ?? 'v1',
          fieldsV1: change.fields ?? owned,
        },
        { manager: 'other', operation: 'Update', apiVersion: 'v1', fieldsV1: { 'f:spec': { 'f:nodeName': {} } } },
      ],
    },
    spec: change.spec ?? { ...manifest.spec, nodeName: 'n', tags: ['t1', 't2', 't3'] },
  };
}

const isSame = (object: LiveObject) => digestOfLive(object, 'me', 'v1') === digestOfManifest(manifest);

describe('what a field manager owns', () => {
  it('is the manifest, whatever others have added', () => {
    assert.ok(isSame(live()));
  });

  it('differs once somebody has changed a value', () => {
    assert.ok(!isSame(live({ labels: { x: '2' } })));
    assert.ok(
      !isSame(live({ spec: { ...manifest.spec, containers: [{ ...manifest.spec.containers[0], image: 'j' }] } })),
    );
  });

  it('differs once somebody has taken a field over, or it has left the manifest', () => {
    assert.ok(!isSame(live({ fields: { 'f:spec': owned['f:spec'] as FieldsV1 } })));
    assert.ok(!isSame({ ...live({ fields: { ...owned, 'f:data': {} } }), data: { k: 'v' } }));
  });

  it('differs once an item of a list is gone', () => {
    assert.ok(!isSame(live({ spec: { ...manifest.spec, tags: ['t1'] } })));
    assert.ok(!isSame(live({ spec: { ...manifest.spec, containers: [] } })));
  });

  it('cannot be told where it was never applied, or in another version', () => {
    assert.equal(digestOfLive(live({ manager: 'other' }), 'me', 'v1'), undefined);
    assert.equal(digestOfLive(live({ apiVersion: 'v1beta1' }), 'me', 'v1'), undefined);
  });

  it('does not depend on the order of keys', () => {
    const { kind, metadata, spec, apiVersion } = manifest;
    assert.equal(digestOfManifest({ spec, metadata, kind, apiVersion }), digestOfManifest(manifest));
  });
});
