import { TestbedError } from '../../lib/errors';
import type { Operation } from './events';
import { until } from './until';

/** One wait that its reader is told of. */
export interface WaitOptions extends Operation {
  /** Names the wait in events and in the error: `cert-manager available`. */
  readonly task: string;
  readonly deadlineMs: number;
  /** @default 250 */
  readonly everyMs?: number;
}

/**
 * Waits until nothing is missing, with an event when it begins, whenever something else is missing, and when it is done.
 *
 * @param whatIsMissing one sentence; undefined once all is there. An error ends the wait.
 * @throws TestbedError (`timeout`) with what is still missing at the deadline
 */
export async function waitFor(options: WaitOptions, whatIsMissing: () => Promise<string | undefined>): Promise<void> {
  const { task, deadlineMs, everyMs = 250, listener, signal } = options;
  const start = performance.now();
  listener?.({ type: 'start', task });
  let missing: string | undefined;
  const done = await until(
    async () => {
      const now = await whatIsMissing();
      if (now === undefined) return true;
      if (now !== missing) listener?.({ type: 'progress', task, detail: now });
      missing = now;
      return false;
    },
    { deadlineMs, everyMs, signal },
  );
  if (!done) {
    throw new TestbedError(
      'timeout',
      `${task}: timed out after ${deadlineMs / 1000} s; missing: ${missing ?? 'unknown'}`,
    );
  }
  listener?.({ type: 'done', task, seconds: (performance.now() - start) / 1000 });
}
