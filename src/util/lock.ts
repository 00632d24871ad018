import { mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
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

/**
 * Runs an action while no other process on this machine does the same under the same lock file. A lock whose holder
 * died is taken over; the holder is known by its start time, so a process number that came round again is no holder.
 *
 * @throws TestbedError (timeout) where another process keeps the lock beyond `waitMs`
 */
export async function withLock<T>(file: string, action: () => Promise<T>, options: LockOptions = {}): Promise<T> {
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
  // Each time anew: the holder that is waited for may delete the whole folder.
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const own = { pid: process.pid, identity: processIdentity(process.pid) ?? '' };
  if (written(own, file)) return undefined;
  const holder = readHolder(file);
  if (isAlive(holder)) return holder;
  takeAside(file);
  return written(own, file) ? undefined : (readHolder(file) ?? { pid: 0, identity: '' });
}

/**
 * Removes the lock of a dead holder. Two waiters may see the same dead holder at once, and the slower one must not
 * remove the lock that the quicker one has taken since: so it is moved aside, looked at, and put back if it lives.
 */
function takeAside(file: string): void {
  const aside = `${file}.${process.pid}.dead`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  const holder = readHolder(aside);
  if (isAlive(holder)) written(holder, file);
  rmSync(aside, { force: true });
}

function isAlive(holder: Holder | undefined): holder is Holder {
  return holder !== undefined && processIdentity(holder.pid) === holder.identity;
}

/**
 * Writes the lock where there is none. It is a symbolic link whose target is no path but says who holds it: a link
 * comes into being with its target or not at all, and takes no block of a disk that may be full.
 */
function written(holder: Holder, file: string): boolean {
  try {
    symlinkSync(`${holder.pid}@${holder.identity}`, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    const [, pid, identity] = /^(\d+)@(.*)$/.exec(readlinkSync(file)) ?? [];
    return pid === undefined || identity === undefined ? undefined : { pid: Number(pid), identity };
  } catch {
    return undefined;
  }
}
