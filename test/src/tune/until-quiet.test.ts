import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { untilQuiet } from '../../../src/tune/until-quiet';

describe('waiting until processes have little to do', () => {
  it('goes on while they take more than a seventh of a core', async () => {
    let looks = 0;
    // A second of CPU at each of five looks, and then no more.
    const cpuSeconds = () => Math.min(looks++, 5);
    assert.equal(await untilQuiet(cpuSeconds, { everyMs: 5 }), true);
    assert.equal(looks, 7);
  });

  it('ends where the system does not tell, and where its time is over', async () => {
    assert.equal(await untilQuiet(() => 0, { everyMs: 5 }), true);
    let taken = 0;
    assert.equal(await untilQuiet(() => taken++, { everyMs: 5, deadlineMs: 50 }), false);
  });
});
