import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { patched } from '../../../../src/simulators/workload-api/patch';
import { StatusError } from '../../../../src/simulators/workload-api/status-error';

const strategic = (object: object, patch: unknown) =>
  patched('application/strategic-merge-patch+json', object as Record<string, unknown>, patch);
const merge = (object: object, patch: unknown) =>
  patched('application/merge-patch+json', object as Record<string, unknown>, patch);
const json = (object: object, patch: unknown) =>
  patched('application/json-patch+json', object as Record<string, unknown>, patch);
const fails = (code: number) => (error: unknown) => error instanceof StatusError && error.code === code;

describe('strategic merge patches', () => {
  it('replace taints as a whole, and merge conditions by their type', () => {
    const node = {
      spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] },
      status: {
        conditions: [
          { type: 'Ready', status: 'True', reason: 'r' },
          { type: 'Disk', status: 'False' },
        ],
      },
    };
    assert.deepEqual(strategic(node, { spec: { taints: [{ key: 'b' }] } }).spec, { taints: [{ key: 'b' }] });
    assert.deepEqual(
      strategic(node, { status: { conditions: [{ type: 'Ready', status: 'False' }, { type: 'New' }] } }).status,
      {
        conditions: [
          { type: 'Ready', status: 'False', reason: 'r' },
          { type: 'Disk', status: 'False' },
          { type: 'New' },
        ],
      },
    );
  });

  it('take members out, replace lists and maps, and put members in order', () => {
    const pod = { spec: { containers: [{ name: 'a', image: '1' }, { name: 'b' }], nodeSelector: { x: '1', y: '2' } } };
    const containers = (list: unknown, more: object = {}) =>
      strategic(pod, { spec: { containers: list, ...more } })['spec'] as object;
    assert.deepEqual(containers([{ name: 'a', $patch: 'delete' }]), { ...pod.spec, containers: [{ name: 'b' }] });
    assert.deepEqual(containers([{ $patch: 'replace' }, { name: 'c' }]), { ...pod.spec, containers: [{ name: 'c' }] });
    const order = { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] };
    assert.deepEqual(containers([{ name: 'a', image: '2' }], order), {
      ...pod.spec,
      containers: [{ name: 'b' }, { name: 'a', image: '2' }],
    });
    assert.deepEqual(strategic(pod, { spec: { nodeSelector: { $patch: 'replace', z: '3' } } })['spec'], {
      ...pod.spec,
      nodeSelector: { z: '3' },
    });
    assert.deepEqual(strategic(pod, { spec: { nodeSelector: null } })['spec'], { containers: pod.spec.containers });
    assert.deepEqual(
      strategic(
        { spec: { strategy: { type: 'A', a: 1 } } },
        { spec: { strategy: { $retainKeys: ['type'], type: 'B' } } },
      ),
      {
        spec: { strategy: { type: 'B' } },
      },
    );
  });

  it('keep finalizers as a set', () => {
    const object = { metadata: { finalizers: ['a', 'b'] } };
    assert.deepEqual(strategic(object, { metadata: { finalizers: ['b', 'c'] } }), {
      metadata: { finalizers: ['a', 'b', 'c'] },
    });
    assert.deepEqual(strategic(object, { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } }), {
      metadata: { finalizers: ['b'] },
    });
  });

  it('tell the ports of a Service from those of a container', () => {
    const service = { spec: { ports: [{ port: 80, name: 'a' }, { port: 443 }] } };
    assert.deepEqual(strategic(service, { spec: { ports: [{ port: 80, name: 'b' }] } }), {
      spec: { ports: [{ port: 80, name: 'b' }, { port: 443 }] },
    });
    const template = (ports: object[]) => ({ spec: { template: { spec: { containers: [{ name: 'a', ports }] } } } });
    assert.deepEqual(
      strategic(template([{ containerPort: 1, name: 'x' }]), template([{ containerPort: 1, protocol: 'UDP' }])),
      template([{ containerPort: 1, name: 'x', protocol: 'UDP' }]),
    );
  });

  it('take as many texts out of a list as it may have, without a look at each pair', () => {
    const texts = (of: string) => Array.from({ length: 200_000 }, (_, i) => `${of}${i}`);
    const patch = { metadata: { '$deleteFromPrimitiveList/finalizers': texts('b') } };
    const begun = performance.now();
    strategic({ metadata: { finalizers: texts('a') } }, patch);
    // It took minutes.
    assert.ok(performance.now() - begun < 20_000);
  });

  it('refuse what they cannot be', () => {
    assert.throws(() => strategic({}, []), fails(400));
    assert.throws(() => strategic({}, { spec: { $patch: 'nonsense' } }), fails(400));
    assert.throws(() => strategic({ status: {} }, { status: { conditions: [{ status: 'True' }] } }), fails(400));
    let deep: object = {};
    for (let i = 0; i < 300; i++) deep = { a: deep };
    assert.throws(() => strategic({}, deep), fails(400));
  });
});

describe('JSON merge patches', () => {
  it('follow the examples of RFC 7386', () => {
    assert.deepEqual(merge({ a: 'b' }, { b: 'c' }), { a: 'b', b: 'c' });
    assert.deepEqual(merge({ a: 'b', b: 'c' }, { a: null }), { b: 'c' });
    assert.deepEqual(merge({ a: ['b'] }, { a: 'c' }), { a: 'c' });
    assert.deepEqual(merge({ a: { b: 'c' } }, { a: { b: 'd', c: null } }), { a: { b: 'd' } });
    assert.deepEqual(merge({ e: null }, { a: 1 }), { e: null, a: 1 });
    assert.deepEqual(merge({}, { a: { bb: { ccc: null } } }), { a: { bb: {} } });
  });

  it('never change the object, nor what all objects have', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (object, patch) => {
          const before = JSON.stringify(object);
          for (const apply of [merge, strategic])
            try {
              apply(object, patch);
            } catch (error) {
              assert.ok(error instanceof StatusError);
            }
          assert.equal(JSON.stringify(object), before);
        },
      ),
    );
    const evil = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as object;
    merge({}, evil);
    strategic({}, evil);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });
});

describe('JSON patches', () => {
  it('follow the examples of RFC 6902', () => {
    assert.deepEqual(json({ foo: ['bar', 'baz'] }, [{ op: 'add', path: '/foo/1', value: 'qux' }]), {
      foo: ['bar', 'qux', 'baz'],
    });
    assert.deepEqual(json({ foo: ['a'] }, [{ op: 'add', path: '/foo/-', value: ['b'] }]), { foo: ['a', ['b']] });
    assert.deepEqual(json({ foo: ['a', 'b'] }, [{ op: 'remove', path: '/foo/0' }]), { foo: ['b'] });
    assert.deepEqual(json({ a: { b: 1 }, c: {} }, [{ op: 'move', from: '/a/b', path: '/c/d' }]), {
      a: {},
      c: { d: 1 },
    });
    assert.deepEqual(json({ a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }]), { a: { b: 1 }, c: { b: 1 } });
    assert.deepEqual(
      json({ '/': 9, '~1': 10 }, [
        { op: 'test', path: '/~01', value: 10 },
        { op: 'replace', path: '/~1', value: 8 },
      ]),
      { '/': 8, '~1': 10 },
    );
  });

  it('may not copy more than an object can hold, however little is sent', () => {
    const data = { a: 'x'.repeat(100_000) };
    const copies = (count: number, path: (i: number) => string) =>
      Array.from({ length: count }, (_, i) => ({ op: 'copy', from: '/data', path: path(i) }));
    // Each doubles what is there; and all in the same place.
    for (const bomb of [copies(30, (i) => `/data/k${i}`), copies(1_000, () => '/other')])
      assert.throws(() => json({ data }, bomb), fails(413));
    const few = json(
      { data },
      copies(5, (i) => `/copy-${i}`),
    );
    assert.equal(Object.keys(few).length, 6);
  });

  it('refuse what is not there, and fail as a whole', () => {
    const object = { a: [1] };
    for (const patch of [
      [{ op: 'test', path: '/a/0', value: '1' }],
      [{ op: 'remove', path: '/b' }],
      [{ op: 'replace', path: '/b', value: 1 }],
      [{ op: 'add', path: '/a/2', value: 1 }],
      [{ op: 'add', path: '/b/c', value: 1 }],
      [{ op: 'add', path: '/a/01', value: 1 }],
      [{ op: 'nonsense', path: '/a' }],
      [
        { op: 'add', path: '/a/0', value: 2 },
        { op: 'remove', path: '/x' },
      ],
      [{ op: 'remove', path: '' }],
    ])
      assert.throws(() => json(object, patch), fails(422), JSON.stringify(patch));
    assert.deepEqual(object, { a: [1] });
    assert.throws(() => json({}, {}), fails(400));
  });
});
