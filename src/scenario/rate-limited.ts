import { inParallel } from '../util/in-parallel';
import { pause } from '../util/pause';

/** Hosts that are worked on side by side: what one connection carries well. */
const IN_FLIGHT = 32;

export interface RateLimits {
  /** Items that are begun in a second. @default - no limit */
  readonly perSecond?: number | undefined;
  /** Items that are worked on at a time. @default 32 */
  readonly inFlight?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Works on items side by side, not more of them a second than wanted: the n-th is begun when n of them are due. */
export async function forEachRateLimited<T>(
  items: Iterable<T>,
  { perSecond, inFlight = IN_FLIGHT, signal }: RateLimits,
  work: (item: T) => Promise<void>,
): Promise<void> {
  if (perSecond === undefined) return inParallel(items, inFlight, work, signal);
  const start = performance.now();
  let begun = 0;
  return inParallel(
    items,
    inFlight,
    async (item) => {
      const due = start + (begun++ / perSecond) * 1000;
      const pauseMs = due - performance.now();
      if (pauseMs > 0) await pause(pauseMs, signal);
      await work(item);
    },
    signal,
  );
}
