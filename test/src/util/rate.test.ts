import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Rate } from '../../../src/util/rate';

describe('a rate', () => {
  const after = (ms: number, done: number, left: number | undefined) => {
    const rate = new Rate(10_000);
    rate.tell(0, 0, left === undefined ? undefined : left + done);
    return rate.tell(ms, done, left).remainingSeconds;
  };

  it('says how long the rest takes once it is of some seconds and of more than a few', () => {
    assert.equal(after(250, 1, 1000), undefined);
    assert.equal(after(250, 500, 1000), undefined);
    assert.equal(after(10_000, 2, 1000), undefined);
    assert.equal(after(10_000, 0, 1000), undefined);
    assert.equal(after(10_000, 50, undefined), undefined);
    assert.equal(after(10_000, 50, 1000), 200);
    assert.equal(after(10_000, 0, 0), undefined);
    assert.equal(after(4_000, 2, 2), 4);
  });

  it('is of the last seconds, and never below 0', () => {
    const rate = new Rate(1_000);
    assert.equal(rate.tell(0, 0, undefined).perSecond, 0);
    assert.equal(rate.tell(1_000, 100, undefined).perSecond, 100);
    assert.equal(rate.tell(2_000, 110, undefined).perSecond, 10);
    assert.equal(rate.tell(3_000, 90, undefined).perSecond, 0);
  });
});
