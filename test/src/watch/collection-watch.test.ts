import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { TestbedError } from '../../../lib/errors';
import { ApiError } from '../../../src/kubernetes/api-error';
import type { CollectionWatchOptions } from '../../../src/watch/collection-watch';
import { until } from '../../../src/util/until';
import { ObjectWatch } from '../../../src/watch/object-watch';
import { FakeCollection } from '../../support/fake-collection';
import { widgetKind } from '../../support/widget-kind';

const DEADLINE = { deadlineMs: 10_000 };

async function watching(t: TestContext, names: readonly string[] = [], options: CollectionWatchOptions = {}) {
  const collection = new FakeCollection();
  for (const name of names) collection.put(name);
  const watch = new ObjectWatch(collection, widgetKind, { ...options, timelines: true });
  await watch.start();
  t.after(() => watch.stop());
  const is = async (condition: () => boolean) => assert.ok(await watch.until(condition, DEADLINE), 'it came to be so');
  const names_ = () => [...watch.all()].map(({ name }) => name).sort();
  return { collection, watch, is, names: names_ };
}

const phase = (text: string) => ({ status: { phase: text } });

describe('a watch of a collection', () => {
  it('lists it page by page, and follows it from there', async (t) => {
    const { collection, watch, is, names } = await watching(t, ['a', 'b', 'c', 'd', 'e'], { pageSize: 2 });
    assert.deepEqual(names(), ['a', 'b', 'c', 'd', 'e']);
    assert.equal(collection.lists, 3);
    collection.put('f', phase('Ready'));
    collection.put('a', phase('Ready'));
    collection.delete('b');
    await is(() => watch.size === 5 && watch.counts()['Ready'] === 2);
    assert.deepEqual(names(), ['a', 'c', 'd', 'e', 'f']);
    assert.deepEqual(collection.watchedFrom, ['6']);
    assert.deepEqual(watch.interruptions, { resumes: 0, relists: 0 });
  });

  it('goes on at the last event where it ends or breaks, so that nothing is missed and nothing comes twice', async (t) => {
    const { collection, watch, is } = await watching(t, ['a']);
    collection.put('a', phase('Pending'));
    await is(() => watch.counts()['Pending'] === 1);
    collection.cut(new Error('reset'));
    collection.put('a', phase('Ready'));
    collection.put('b', phase('Ready'));
    await is(() => watch.counts()['Ready'] === 2);
    assert.equal(collection.watchedFrom.length, 2);
    collection.cut();
    collection.put('c', phase('Ready'));
    await is(() => watch.size === 3);
    assert.equal(collection.lists, 1);
    assert.deepEqual(watch.interruptions, { resumes: 2, relists: 0 });
    const states = watch.timelines?.get('n/a')?.transitions.filter(({ field }) => field === 'state');
    assert.deepEqual(
      states?.map(({ from, to, isAfterGap }) => [from, to, isAfterGap]),
      [
        ['', 'Pending', false],
        ['Pending', 'Ready', false],
      ],
    );
  });

  it('goes on at a bookmark, behind which older events may be forgotten', async (t) => {
    const { collection, watch, is } = await watching(t, ['a']);
    collection.bookmark();
    await is(() => collection.watchedFrom.length === 1);
    collection.put('b');
    await is(() => watch.size === 2);
    collection.bookmark();
    collection.compact();
    collection.cut();
    collection.put('c');
    await is(() => watch.size === 3);
    assert.equal(watch.interruptions.relists + collection.lists >= 1, true);
  });

  it('lists anew where the API server has forgotten the place, and says that steps may have gone unseen', async (t) => {
    const { collection, watch, is, names } = await watching(t, ['a', 'b', 'c']);
    collection.put('a', phase('Pending'));
    await is(() => watch.counts()['Pending'] === 1);
    collection.failures.push(new ApiError(410, 'Expired', 'too old'));
    collection.cut();
    collection.put('a', phase('Ready'));
    collection.delete('b');
    collection.put('c', {}, 'another c');
    collection.compact();
    await is(() => watch.interruptions.relists === 1 && watch.counts()['Ready'] === 1);
    assert.deepEqual(names(), ['a', 'c']);
    const last = watch.timelines?.get('n/a')?.transitions.at(-1);
    assert.deepEqual([last?.from, last?.to, last?.isAfterGap], ['Pending', 'Ready', true]);
    const gone = [...(watch.timelines?.all() ?? [])].filter(({ goneAt }) => goneAt !== undefined);
    assert.deepEqual(gone.map(({ uid }) => uid).sort(), ['b', 'c']);
    collection.put('d');
    await is(() => watch.size === 3);
  });

  it('takes an ERROR event for what it says', async (t) => {
    const { collection, watch, is } = await watching(t, ['a']);
    collection.send(JSON.stringify({ type: 'ERROR', object: { code: 410, message: 'too old resource version' } }));
    await is(() => watch.interruptions.relists === 1);
    collection.put('b');
    await is(() => watch.size === 2);
  });

  it('picks up a watch on which nothing comes any more', async (t) => {
    const { collection, watch, is } = await watching(t, ['a'], { idleMs: 50 });
    assert.ok(await until(() => collection.watchedFrom.length > 1, { ...DEADLINE, everyMs: 10 }));
    collection.put('b');
    await is(() => watch.size === 2);
    assert.equal(collection.lists, 1);
  });

  it('says for how long the API server has been out of reach, and gives up after an outage', async (t) => {
    const collection = new FakeCollection();
    collection.put('a');
    const watch = new ObjectWatch(collection, widgetKind, { outageMs: 300 });
    await watch.start();
    t.after(() => watch.stop());
    assert.equal(watch.unreachableMs, 0);
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    collection.failures.push(...Array.from({ length: 1_000 }, () => refused));
    collection.cut(refused);
    await assert.rejects(
      watch.until(() => false, DEADLINE),
      /ECONNREFUSED/,
    );
    assert.ok(watch.unreachableMs > 0);
  });

  it('ends at once where it would be refused again, however often it were asked', async (t) => {
    const { collection, watch } = await watching(t, ['a']);
    collection.failures.push(new ApiError(403, 'Forbidden', 'widgets is forbidden'));
    collection.cut();
    await assert.rejects(
      watch.until(() => false, DEADLINE),
      /widgets is forbidden/,
    );
  });

  it('ends where what comes is no watch, and does not show it', async (t) => {
    const { collection, watch } = await watching(t, ['a']);
    for (let i = 0; i < 20; i++) collection.send('{"type":"ADDED","object":"secret canary"}');
    await assert.rejects(
      watch.until(() => false, DEADLINE),
      (error: unknown) => error instanceof TestbedError && !error.message.includes('canary'),
    );
  });

  it('sees that a condition has come to hold which does not depend on its own objects alone', async (t) => {
    const { watch } = await watching(t, ['a']);
    const others = await watching(t);
    const started = performance.now();
    const waiting = watch.until(() => others.watch.size === 1, DEADLINE);
    others.collection.put('b');
    assert.ok(await waiting);
    assert.ok(performance.now() - started < DEADLINE.deadlineMs, 'not only at the deadline');
  });

  it('ends a wait with the reason of its signal, and without one at its deadline', async (t) => {
    const { watch } = await watching(t, ['a']);
    assert.equal(await watch.until(() => false, { deadlineMs: 1 }), false);
    const abort = new AbortController();
    const waiting = watch.until(() => false, { ...DEADLINE, signal: abort.signal });
    abort.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
  });
});
