import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { TestbedError } from '../../lib/errors';
import { processIdentity } from '../process/identity';
import { until } from './until';

/** How a lock is waited for. */
export interface LockOptions {
  /** How long to wait for another holder, in milliseconds. @default 60000 */
  readonly waitMs?: number;
  /** Called once if another process holds the lock. @default none */
  readonly onWait?: (pid: number) => void;
  /** @default none */
  readonly signal?: AbortSignal;
}

interface Holder {
  readonly pid: number;
  readonly identity: string;
}

let attempts = 0;

/**
 * Runs an action while no other process on this machine does the same under the same lock file. A lock whose holder
 * died is taken over; the holder is known by its start time, so a process number that came round again is no holder.
 *
 * @throws TestbedError (timeout) where another process keeps the lock beyond `waitMs`
 */
export async function withLock<T>(file: string, action: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  let told = false;
  const waitMs = options.waitMs ?? 60_000;
  const taken = await until(
    () => {
      const holder = tryTake(file);
      if (holder === undefined) return true;
      if (!told) options.onWait?.(holder.pid);
      told = true;
      return false;
    },
    { deadlineMs: waitMs, everyMs: 100, ...(options.signal ? { signal: options.signal } : {}) },
  );
  if (!taken) {
    throw new TestbedError(
      'timeout',
      `another metal3-testbed (process ${readHolder(file)?.pid ?? 'unknown'}) is still at work here after ${waitMs / 1000} s; wait for it or end it, then run this again (lock: ${file})`,
    );
  }
  try {
    return await action();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Takes the lock, or says who holds it. */
function tryTake(file: string): Holder | undefined {
  const own = `${file}.${process.pid}.${attempts++}`;
  try {
    writeFileSync(own, JSON.stringify({ pid: process.pid, identity: processIdentity(process.pid) ?? '' }), {
      mode: 0o600,
    });
    if (linked(own, file)) return undefined;
    const holder = readHolder(file);
    if (holder && processIdentity(holder.pid) === holder.identity) return holder;
    takeAside(file, own);
    return linked(own, file) ? undefined : (readHolder(file) ?? { pid: 0, identity: '' });
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * Removes the lock of a dead holder. Two waiters may see the same dead holder at once, and the slower one must not
 * remove the lock that the quicker one has taken since: so it is moved aside, looked at, and put back if it lives.
 */
function takeAside(file: string, own: string): void {
  const aside = `${own}.dead`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  const holder = readHolder(aside);
  if (holder && processIdentity(holder.pid) === holder.identity) linked(aside, file);
  rmSync(aside, { force: true });
}

/** A hard link comes into being with its content or not at all, which no `open` followed by a write can promise. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}
