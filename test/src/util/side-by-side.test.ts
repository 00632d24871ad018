import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { invalidInput, TestbedError } from '../../../lib/errors';
import type { TestbedEvent } from '../../../src/util/events';
import { namingTasks, sideBySide } from '../../../src/util/side-by-side';

const ALL = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];

describe('several side by side', () => {
  it('begin together, and end whatever becomes of the others', async () => {
    const begun: string[] = [];
    const areAllBegun = Promise.withResolvers<void>();
    const { done, failure } = await sideBySide(ALL, async ({ name }) => {
      begun.push(name);
      if (begun.length === ALL.length) areAllBegun.resolve();
      await areAllBegun.promise;
      if (name === 'b') throw new TestbedError('timeout', 'it took too long');
      return name.toUpperCase();
    });
    assert.deepEqual(
      done.map(([{ name }, result]) => [name, result]),
      [
        ['a', 'A'],
        ['c', 'C'],
      ],
    );
    assert.ok(failure instanceof TestbedError);
    assert.deepEqual([failure.code, failure.message], ['timeout', 'b: it took too long']);
  });

  it('tell of each that failed, with its name', async () => {
    const { done, failure } = await sideBySide(ALL, ({ name }) =>
      Promise.reject(name === 'a' ? new TestbedError('cluster', 'refused') : invalidInput('wrong')),
    );
    assert.deepEqual(done, []);
    assert.equal((failure as TestbedError).code, 'cluster');
    assert.equal(failure?.message, 'a: refused\nb: wrong\nc: wrong');
  });

  it('tell of a fault, or an interruption, before all else', async () => {
    const fault = new RangeError('no such thing');
    const { failure } = await sideBySide(ALL, ({ name }) =>
      Promise.reject(name === 'c' ? fault : invalidInput('wrong')),
    );
    assert.equal(failure, fault);
  });

  it('give one that is alone no name', async () => {
    const error = invalidInput('wrong');
    const { failure } = await sideBySide([{}], () => Promise.reject(error));
    assert.equal(failure, error);
    const events: TestbedEvent[] = [];
    namingTasks((event) => events.push(event), {})?.({ type: 'start', task: 'hosts' });
    namingTasks((event) => events.push(event), { name: 'a' })?.({ type: 'start', task: 'hosts' });
    assert.deepEqual(
      events.map(({ task }) => task),
      ['hosts', 'a: hosts'],
    );
  });
});
