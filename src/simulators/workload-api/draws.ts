/** What is drawn by lot, the same on every run. */
import { createHash } from 'node:crypto';
import type { WorkloadApiLatency } from '../../../lib/scenario/workload-api-faults';

/** Numbers from 0 up to 1, without 1. */
export type Draw = () => number;

/** Draws that follow from a text: a multiplication and three shifts each (mulberry32). */
export function drawOf(seed: string): Draw {
  let state = createHash('sha256').update(seed).digest().readUInt32LE();
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What 99 of 100 of a standard normal distribution are below. */
const P99 = 2.326_347_874;
/** Of distributions without an end. */
const MOST_MS = 600_000;

/** One time of a distribution, in milliseconds. */
export function drawLatency(latency: WorkloadApiLatency, draw: Draw): number {
  const { milliseconds, leastMilliseconds = 0, mostMilliseconds, meanMilliseconds } = latency;
  if (milliseconds !== undefined) return milliseconds;
  if (mostMilliseconds !== undefined) return leastMilliseconds + draw() * (mostMilliseconds - leastMilliseconds);
  if (meanMilliseconds !== undefined) return Math.min(MOST_MS, -meanMilliseconds * Math.log(1 - draw()));
  const { medianMilliseconds = 0, p99Milliseconds = medianMilliseconds } = latency;
  const spread = Math.log(p99Milliseconds / medianMilliseconds) / P99;
  // Two draws give one that is spread normally (Box and Muller).
  const normal = Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  return Math.min(MOST_MS, medianMilliseconds * Math.exp(spread * normal));
}
