import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applicable, requireAddress, requireNamespace } from '../../../src/apply/applicable';
import { Deferred, kindNeed, namespaceNeed } from '../../../src/apply/deferred';
import type { KubernetesObject } from '../../../src/kubernetes/objects';

const configMap = (metadata: object): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', ...metadata },
});
const refused = (message: RegExp) => ({ code: 'invalid-input', message });

describe('applicable', () => {
  it('leaves out what only the API server and kubectl write', () => {
    const read = configMap({
      uid: 'u',
      resourceVersion: '7',
      generation: 1,
      creationTimestamp: null,
      managedFields: [],
      selfLink: '/a',
      labels: { a: 'b' },
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', own: 'c' },
    });
    assert.deepEqual(applicable(read), configMap({ labels: { a: 'b' }, annotations: { own: 'c' } }));
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    assert.deepEqual(applicable(configMap({ annotations })), configMap({}));
  });

  it('gives back what has nothing of that, as it is', () => {
    const described = configMap({ labels: {}, annotations: { own: 'c' }, finalizers: ['x/y'] });
    assert.equal(applicable(described), described);
  });
});

describe('the address of an object', () => {
  it('leads nowhere but to the object', () => {
    requireAddress(configMap({ namespace: 'kube-system' }));
    requireAddress(configMap({ name: 'system:node..x' }));
    for (const namespace of ['.', '..', '%2e%2e', 'a/b', '', 'A', '\ud800', 'a?b', 'a\u0000'])
      assert.throws(() => requireAddress(configMap({ namespace })), refused(/namespace/), namespace);
    for (const name of ['.', '..', '%2e%2e', 'a/b', '\udc00'])
      assert.throws(() => requireAddress(configMap({ name })), refused(/name/), name);
    assert.throws(() => requireAddress({ ...configMap({}), apiVersion: '../v1' }), refused(/apiVersion/));
  });

  it('is in the namespace that was asked for, as for kubectl', () => {
    requireNamespace(configMap({}), true, 'lab');
    requireNamespace(configMap({ namespace: 'lab' }), true, 'lab');
    requireNamespace(configMap({ namespace: 'other' }), false, 'lab');
    requireNamespace(configMap({ namespace: 'other' }), true, undefined);
    assert.throws(
      () => requireNamespace(configMap({ namespace: 'other' }), true, 'lab'),
      refused(/ConfigMap other\/a names namespace other, and -n lab is given/),
    );
  });
});

describe('deferred objects', () => {
  it('come back once what they need is there, with what was known of them', () => {
    const deferred = new Deferred();
    const [a, b] = [configMap({ namespace: 'late' }), configMap({ name: 'b', namespace: 'late' })];
    deferred.add(namespaceNeed('late'), a, 16);
    deferred.add(namespaceNeed('late'), b);
    assert.ok(deferred.isAwaited(namespaceNeed('late')) && !deferred.isAwaited(kindNeed('v1', 'late')));
    assert.equal(
      deferred.describeNeed(namespaceNeed('late')),
      'namespace late (needed by 2 objects: ConfigMap late/a, ConfigMap late/b)',
    );
    assert.deepEqual(deferred.take(namespaceNeed('late')), [a, b]);
    assert.deepEqual([deferred.takeMarks(a), deferred.takeMarks(a), deferred.takeMarks(b)], [16, undefined, undefined]);
    assert.deepEqual(deferred.needs, []);
  });

  it('are not more than there is room for', () => {
    const deferred = new Deferred(4096);
    for (let i = 0; i < 4; i++) deferred.add(namespaceNeed('late'), configMap({ name: `m${i}` }));
    assert.throws(
      () => deferred.add(kindNeed('x.y/v1', 'Thing'), configMap({ name: 'last' })),
      refused(
        /too many objects .* came before what they need: namespace late \(needed by 4 objects: .*put Namespaces and/,
      ),
    );
    deferred.take(namespaceNeed('late'));
    deferred.add(namespaceNeed('late'), configMap({ name: 'again' }));
  });
});
