import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { TestbedError } from '../../lib/errors';
import { processIdentity } from '../process/identity';
import { runWithDescriptor } from '../process/spawn';
import { readBoundedSync } from './read-bounded';
import { until } from './until';

/** How a lock is waited for. */
export interface LockOptions {
  /** How long to wait for another holder, in milliseconds. @default 60000 */
  readonly waitMs?: number;
  /** Called once if another process holds the lock; 0 stands for one that has not yet said who it is. @default none */
  readonly onWait?: (pid: number) => void;
  /** @default none */
  readonly signal?: AbortSignal;
}

/**
 * Runs an action while nobody else on this machine does the same under the same lock file. The lock is the operating
 * system's own (flock), on a descriptor that this process holds: the kernel lets go of it at the very moment at which its
 * holder dies, however it dies, so that there is no lock of a dead process to be judged and taken over.
 *
 * @throws TestbedError (timeout) where somebody else keeps the lock beyond `waitMs`
 * @throws TestbedError (environment) where the file cannot be locked
 */
export async function withLock<T>(file: string, action: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  let told = false;
  const waitMs = options.waitMs ?? 60_000;
  const descriptor = await until(
    () => {
      const taken = tryTake(file);
      if (taken === undefined && !told) {
        told = true;
        options.onWait?.(holderOf(file) ?? 0);
      }
      return taken;
    },
    { deadlineMs: waitMs, everyMs: 100, signal: options.signal },
  );
  if (descriptor === undefined) {
    throw new TestbedError(
      'timeout',
      `another metal3-testbed (process ${holderOf(file) ?? 'unknown'}) is still working here after ${waitMs / 1000} s; wait for it or stop it, then run this again (lock: ${file})`,
    );
  }
  try {
    return await action();
  } finally {
    // Removed while it is held: whoever has opened it already finds out, and begins anew.
    try {
      if (isAt(file, descriptor)) rmSync(file, { force: true });
    } finally {
      closeSync(descriptor);
    }
  }
}

/** @returns a descriptor whose lock is ours; undefined where somebody else has it */
function tryTake(file: string): number | undefined {
  for (;;) {
    const descriptor = open(file);
    if (descriptor === undefined) return undefined;
    let isOurs = false;
    try {
      if (!flock(descriptor, file)) return undefined;
      // The holder before may have removed the file in between: what is locked then is nothing that others come across.
      isOurs = isAt(file, descriptor);
      if (!isOurs) continue;
      sign(descriptor);
      return descriptor;
    } finally {
      if (!isOurs) closeSync(descriptor);
    }
  }
}

/** Opens and locks at once, where open(2) can: on macOS and the BSDs. */
const LOCKS_ON_OPEN = ['darwin', 'freebsd', 'openbsd', 'netbsd'].includes(process.platform);
/** `O_EXLOCK | O_NONBLOCK` of these, which Node.js hands on as they are. */
const OPEN_LOCKED = LOCKS_ON_OPEN ? 0x20 | 0x4 : 0;

/** @returns undefined where it is locked by another, as far as that can be told here */
function open(file: string): number | undefined {
  const folder = dirname(file);
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | OPEN_LOCKED;
  try {
    // Each time anew: the holder that is waited for may delete the whole folder.
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return openSync(file, flags, 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN' || code === 'EWOULDBLOCK') return undefined;
    // The folder was deleted between the two calls, or while it was being made.
    if (code === 'ENOENT' && existsSync(dirname(folder))) return undefined;
    // Versions before this one had a symbolic link for a lock.
    if (code === 'ELOOP') {
      rmSync(file, { force: true });
      return open(file);
    }
    throw error;
  }
}

/**
 * Node.js has no flock(2), but flock(1) of util-linux and busybox takes a descriptor that it inherits. The lock belongs to
 * what the descriptor stands for, which is ours as well, and so it stays when that program has ended.
 */
function flock(descriptor: number, file: string): boolean {
  if (LOCKS_ON_OPEN) return true;
  const { code, startError, stderr } = runWithDescriptor('flock', ['-x', '-n', '3'], descriptor);
  if (code === 0) return true;
  if (code === 1) return false;
  if (startError?.code === 'ENOENT') {
    throw new TestbedError(
      'environment',
      `the program flock is missing, which keeps two commands from working on ${dirname(file)} at once: install util-linux (or busybox)`,
    );
  }
  // It was killed or was too slow on a busy machine; what it may have locked nobody knows, and goes with the descriptor.
  if (startError === undefined && code === undefined) return false;
  throw new TestbedError(
    'environment',
    `${file} cannot be locked (${startError?.message ?? (stderr.trim() || `exit code ${code}`)}): choose a folder on another file system`,
  );
}

/** Whether a descriptor is of the file that has this name now. */
function isAt(file: string, descriptor: number): boolean {
  const named = statSync(file, { bigint: true, throwIfNoEntry: false });
  const held = fstatSync(descriptor, { bigint: true });
  return named !== undefined && named.ino === held.ino && named.dev === held.dev;
}

/** Says who holds it, for whoever waits. It holds without that as well, such as on a full disk. */
function sign(descriptor: number): void {
  try {
    ftruncateSync(descriptor);
    writeSync(descriptor, `${process.pid}@${processIdentity(process.pid) ?? ''}`, 0);
  } catch {
    // Nobody will be named.
  }
}

/** Who says to hold a lock. It may be another's process number where its holder is in a container. */
function holderOf(file: string): number | undefined {
  try {
    const [, pid, identity] = /^(\d+)@(.*)$/.exec(readBoundedSync(file).toString()) ?? [];
    return pid !== undefined && processIdentity(Number(pid)) === identity ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}
