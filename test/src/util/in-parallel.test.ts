import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { inParallel } from '../../../src/util/in-parallel';

const NUMBERS = Array.from({ length: 20 }, (_, i) => i);

describe('inParallel', () => {
  for (const [kind, items] of [
    ['a list', () => NUMBERS],
    ['a stream', () => streamOf(NUMBERS).items],
  ] as const) {
    it(`takes each item of ${kind} once, and no more at a time than allowed`, async () => {
      const taken: number[] = [];
      let busy = 0;
      let most = 0;
      await inParallel(items(), 3, async (item) => {
        most = Math.max(most, ++busy);
        // Longer than the stream takes for the next ones.
        for (let i = 0; i < 5; i++) await turn();
        taken.push(item);
        busy--;
      });
      assert.deepEqual(
        taken.toSorted((a, b) => a - b),
        NUMBERS,
      );
      assert.equal(most, 3);
    });
  }

  it('begins nothing after a failure, ends what is under way, and closes the stream', async () => {
    const stream = streamOf(NUMBERS);
    const begun: number[] = [];
    const ended: number[] = [];
    await assert.rejects(
      inParallel(stream.items, 4, async (item) => {
        begun.push(item);
        if (item === 5) throw new Error('five');
        for (let i = 0; i < 10; i++) await turn();
        ended.push(item);
      }),
      /^Error: five$/,
    );
    assert.deepEqual(ended, begun.filter((item) => item !== 5).slice(0, ended.length));
    assert.equal(ended.length, begun.length - 1);
    assert.ok(begun.length < NUMBERS.length, `${begun.length} begun`);
    assert.ok(stream.isClosed());
  });

  it('throws what the stream throws, once what is under way has ended', async () => {
    let ended = 0;
    async function* broken() {
      yield* NUMBERS.slice(0, 2);
      await turn();
      throw new Error('cut off');
    }
    const run = inParallel(broken(), 3, async () => {
      for (let i = 0; i < 10; i++) await turn();
      ended++;
    });
    await assert.rejects(run, /^Error: cut off$/);
    assert.equal(ended, 2);
  });
});

function streamOf(numbers: readonly number[]) {
  let isClosed = false;
  async function* generate() {
    try {
      for (const each of numbers) {
        await turn();
        yield each;
      }
    } finally {
      isClosed = true;
    }
  }
  return { items: generate(), isClosed: () => isClosed };
}
