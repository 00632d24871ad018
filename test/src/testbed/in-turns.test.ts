import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubernetesObject, NamespacedName } from '../../../src/kubernetes/objects';
import { applyInTurns } from '../../../src/testbed/in-turns';

/** A watch that shows a cluster settled whenever somebody waits, the oldest first; or never. */
function setup({ inFlight = 3, count = 10, settles = true, settled = new Set<string>() } = {}) {
  const written: string[] = [];
  const underWay: number[] = [];
  let waits = 0;
  const run = applyInTurns({
    turns: [
      { objects: [{ metadata: { name: 'shared' } }] },
      ...Array.from({ length: count }, (_, i) => {
        const target = { namespace: 'n', name: `c-${i}` };
        return { target, objects: [{ metadata: target }] };
      }),
    ],
    apply: (objects: readonly KubernetesObject[]) => {
      written.push(...objects.map(({ metadata }) => metadata.name));
      underWay.push(written.filter((name) => name !== 'shared' && !settled.has(name)).length);
      return Promise.resolve();
    },
    watch: {
      until: (condition) => {
        waits++;
        if (!settles) return Promise.resolve(false);
        const oldest = written.find((name) => name !== 'shared' && !settled.has(name));
        if (oldest !== undefined) settled.add(oldest);
        return Promise.resolve(condition());
      },
    },
    isSettled: ({ name }: NamespacedName) => settled.has(name),
    signal: undefined,
    inFlight,
  });
  return run.then(() => ({ written, underWay, waits }));
}

const all = (count: number) => ['shared', ...Array.from({ length: count }, (_, i) => `c-${i}`)];

describe('objects that are written in turns', () => {
  it('are never more under way than allowed, and all are written in their order', async () => {
    const { written, underWay, waits } = await setup();
    assert.deepEqual(written, all(10));
    assert.equal(Math.max(...underWay), 3);
    assert.equal(waits, 7);
  });

  it('are not waited for where they are there already, as on a second up', async () => {
    const { written, underWay, waits } = await setup({ settled: new Set(all(10)) });
    assert.deepEqual(written, all(10));
    assert.deepEqual(underWay, [0]);
    assert.equal(waits, 0);
  });

  it('are all written where none of those under way settles in time', async () => {
    const { written, waits } = await setup({ settles: false });
    assert.deepEqual(written, all(10));
    assert.equal(waits, 1);
  });
});
