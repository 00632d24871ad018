import { setTimeout as delay } from 'node:timers/promises';

/** @throws the signal's own reason, where the pause alone would throw an AbortError */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
  signal?.throwIfAborted();
}
