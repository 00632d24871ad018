import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { restoreState, stateOf, textOf } from '../../../src/util/object-state';

class Part {
  readonly byName = new Map<string, number>();
  add(name: string): void {
    this.byName.set(name, (this.byName.get(name) ?? 0) + 1);
  }
}

class Whole {
  private count = 0;
  private readonly part = new Part();
  private readonly points: { at: number }[] = [];
  missing: string | undefined;

  add(name: string, at: number): void {
    this.count++;
    this.part.add(name);
    this.points.push({ at });
  }

  get told(): unknown {
    return { count: this.count, names: [...this.part.byName], points: this.points };
  }
}

describe('the state of an object', () => {
  it('makes another object of its class go on where it was', () => {
    const [one, other] = [new Whole(), new Whole()];
    one.add('a', 1);
    one.add('b', 2);
    restoreState(other, stateOf(textOf(one)));
    for (const each of [one, other]) each.add('a', 3);
    assert.deepEqual(other.told, one.told);
  });

  it('has sets as sets', () => {
    const state = { pending: new Set(['n/a', 'n/b']), none: new Set() };
    assert.deepEqual(stateOf(textOf(state)), state);
  });

  it('has times of another process as times of this one', () => {
    const times = { fields: new Set(['at', 'asked']), shift: 10 };
    const state = { at: 1, end: 1, label: { at: 'here' }, asked: new Map([['n/a', 2]]), others: new Map([['at', 2]]) };
    assert.deepEqual(stateOf(textOf(state), times), {
      ...state,
      at: 11,
      asked: new Map([['n/a', 12]]),
    });
  });
});
