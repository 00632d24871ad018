import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bareMetalHostKind, type ObservedHost } from '../../../lib/kinds/bare-metal-host/kind';
import { Timelines } from '../../../src/watch/timeline';

const host = (name: string, state: string, uid = name): ObservedHost => ({
  ...bareMetalHostKind.unseen('n', name),
  uid,
  state,
});

describe('timelines that another process has begun', () => {
  it('go on behind a gap, of objects that are there still', () => {
    const before = new Timelines(bareMetalHostKind);
    before.put('n/a', host('a', 'inspecting'), 1, false);
    before.put('n/b', host('b', 'available'), 2, false);
    before.put('n/c', host('c', 'available'), 3, false);
    before.put('n/d', host('d', 'available'), 3, false);
    before.remove('n/d', 4);
    const after = new Timelines(bareMetalHostKind, [...before.all()]);
    after.put('n/a', host('a', 'available'), 10, false);
    after.put('n/b', host('b', 'inspecting', 'another b'), 10, false);
    after.endGap(11);
    after.put('n/a', host('a', 'provisioned'), 12, false);
    const lines = [...after.all()].map(({ name, uid, seenAt, goneAt, transitions }) => ({
      ...{ name, uid, seenAt, goneAt },
      states: transitions.flatMap(({ field, from, to, at, isAfterGap }) =>
        field === 'state' ? [[from, to, at, isAfterGap]] : [],
      ),
    }));
    assert.deepEqual(
      lines.sort((a, b) => (a.uid < b.uid ? -1 : 1)),
      [
        {
          ...{ name: 'a', uid: 'a', seenAt: 1, goneAt: undefined },
          states: [
            ['', 'inspecting', 1, false],
            ['inspecting', 'available', 10, true],
            ['available', 'provisioned', 12, false],
          ],
        },
        { name: 'b', uid: 'another b', seenAt: 10, goneAt: undefined, states: [['', 'inspecting', 10, true]] },
        { name: 'b', uid: 'b', seenAt: 2, goneAt: 11, states: [['', 'available', 2, false]] },
        { name: 'c', uid: 'c', seenAt: 3, goneAt: 11, states: [['', 'available', 3, false]] },
        { name: 'd', uid: 'd', seenAt: 3, goneAt: 4, states: [['', 'available', 3, false]] },
      ],
    );
  });
});
