/** How programs come into the cache: one run at a time, and whole or not at all. */
import { mkdir, rm } from 'node:fs/promises';
import type { Operation } from '../util/events';
import { withLock } from '../util/lock';

interface FillOptions extends Operation {
  /** The task of its events. */
  readonly task: string;
  /** What is done, as others are told who wait for it: `downloading it`. */
  readonly doing: string;
  /** How long another run that does it is waited for, in milliseconds. @default 1800000 */
  readonly waitMs?: number;
}

/** Fills a folder of the cache, while nobody else does. */
export function fillCache<T>(dir: string, options: FillOptions, fill: () => Promise<T>): Promise<T> {
  const { task, doing, waitMs = 30 * 60_000, listener, signal } = options;
  return withLock(`${dir}.lock`, fill, {
    waitMs,
    onWait: (pid) => listener?.({ type: 'progress', task, detail: `process ${pid} is ${doing}; waiting` }),
    signal,
  });
}

/** Everything happens in a folder beside the real one, out of which it then appears whole; what is left there goes. */
export async function inPartial(dir: string, work: (partial: string) => Promise<void>): Promise<void> {
  const partial = `${dir}.partial`;
  await rm(partial, { recursive: true, force: true });
  // Not for everybody to write, whatever the umask: what lies there is run.
  await mkdir(partial, { recursive: true, mode: 0o755 });
  try {
    await work(partial);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}
