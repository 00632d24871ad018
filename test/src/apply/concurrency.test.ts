import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AdaptiveConcurrency } from '../../../src/apply/concurrency';

/** A server that refuses what is more than it takes at once; time is simulated. */
class Simulation {
  private time = 0;
  /** The limit after each answer, and how many requests were refused. */
  readonly limits: number[] = [];
  refusals = 0;
  readonly concurrency: AdaptiveConcurrency;

  constructor(most?: number) {
    this.concurrency = new AdaptiveConcurrency(() => this.time, most);
  }

  /** Keeps it busy for some seconds, 10 ms an answer. */
  async run(seconds: number, capacity = Infinity): Promise<void> {
    const { concurrency } = this;
    for (const end = this.time + seconds * 1000; this.time < end;) {
      while (concurrency.inFlight < concurrency.limit) await concurrency.acquire();
      if (concurrency.inFlight > capacity) {
        this.refusals++;
        concurrency.refused();
      }
      for (let left = concurrency.inFlight; left > 0; left--) concurrency.release();
      this.time += 10;
      this.limits.push(concurrency.limit);
    }
  }
}

describe('adaptive concurrency', () => {
  it('has what the connections carry in flight, unless it was given less', async () => {
    const simulation = new Simulation();
    await simulation.run(5);
    assert.deepEqual(new Set(simulation.limits), new Set([128]));
    const less = new Simulation(2);
    await less.run(1);
    assert.deepEqual(new Set(less.limits), new Set([2]));
    await less.run(2, 0);
    assert.ok(less.concurrency.limit <= 2);
  });

  it('halves again and again while the server refuses all, and is back soon after', async () => {
    const simulation = new Simulation();
    await simulation.run(4, 0);
    assert.equal(simulation.concurrency.limit, 4);
    await simulation.run(4);
    assert.equal(simulation.concurrency.limit, 128);
  });

  it('settles where the server takes all, and asks for more a few times a minute only', async () => {
    const simulation = new Simulation();
    await simulation.run(2, 50);
    simulation.refusals = 0;
    await simulation.run(60, 50);
    const settled = simulation.limits.filter((limit) => limit === 32).length / simulation.limits.length;
    assert.ok(settled > 0.85, `${settled}`);
    assert.ok(simulation.refusals < 20, `${simulation.refusals}`);
    await simulation.run(10);
    assert.equal(simulation.concurrency.limit, 128);
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
