import { setTimeout as delay } from 'node:timers/promises';

/** How long and how often a condition is asked for. */
export interface UntilOptions {
  readonly deadlineMs: number;
  /** Pause between two questions. @default 50 */
  readonly everyMs?: number;
  /** @default none */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks until a condition gives something other than undefined or false.
 *
 * @returns what the condition gave; undefined once the deadline has passed
 * @throws what the condition throws, or the signal's reason
 */
export async function until<T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  options: UntilOptions,
): Promise<T | undefined> {
  const deadline = performance.now() + options.deadlineMs;
  for (;;) {
    options.signal?.throwIfAborted();
    const answer = await condition();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() >= deadline) return undefined;
    // An aborted pause ends early; the check at the top then throws the signal's own reason.
    await delay(options.everyMs ?? 50, undefined, options.signal ? { signal: options.signal } : {}).catch(
      () => undefined,
    );
  }
}
