import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AdaptiveConcurrency } from '../../../src/apply/concurrency';

/** A server that takes so many at once, and makes the others wait; time is simulated. */
class Simulation {
  private time = 0;
  readonly concurrency = new AdaptiveConcurrency(() => this.time);

  /** Keeps it busy for some seconds. @returns requests a second */
  async run(seconds: number, capacity: number, latencyMs = 10): Promise<number> {
    const end = this.time + seconds * 1000;
    let done = 0;
    while (this.time < end) {
      const { limit } = this.concurrency;
      while (this.concurrency.inFlight < limit) await this.concurrency.acquire();
      // One round: everything in flight is answered, spread over the time that takes.
      const batch = this.concurrency.inFlight;
      const roundMs = Math.max(latencyMs, (batch / capacity) * latencyMs);
      for (let i = 0; i < batch; i++) {
        this.time += roundMs / batch;
        this.concurrency.release();
        done++;
        if (this.concurrency.inFlight < this.concurrency.limit) await this.concurrency.acquire();
      }
    }
    return done / seconds;
  }

  advance(ms: number): void {
    this.time += ms;
  }
}

describe('adaptive concurrency', () => {
  it('goes up as far as that brings more, and settles there', async () => {
    const fast = new Simulation();
    await fast.run(20, 64);
    assert.ok(fast.concurrency.limit >= 32 && fast.concurrency.limit <= 128, `${fast.concurrency.limit}`);
    const slow = new Simulation();
    await slow.run(20, 4);
    assert.ok(slow.concurrency.limit <= 64, `${slow.concurrency.limit}`);
  });

  it('halves when the server refuses, and is back soon after', async () => {
    const simulation = new Simulation();
    await simulation.run(10, 64);
    const before = simulation.concurrency.limit;
    for (let i = 0; i < 6; i++) {
      simulation.advance(300);
      simulation.concurrency.throttled();
    }
    assert.ok(simulation.concurrency.limit <= before / 4);
    await simulation.run(5, 64);
    assert.ok(simulation.concurrency.limit >= before / 2, `${simulation.concurrency.limit} of ${before}`);
  });

  it('never has more in flight than it allows', async () => {
    const concurrency = new AdaptiveConcurrency(undefined, 8);
    let most = 0;
    await Promise.all(
      Array.from({ length: 200 }, async () => {
        await concurrency.acquire();
        most = Math.max(most, concurrency.inFlight);
        await Promise.resolve();
        concurrency.release();
      }),
    );
    assert.equal(most, 8);
    assert.equal(concurrency.inFlight, 0);
  });
});
