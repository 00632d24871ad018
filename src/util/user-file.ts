/** Writing to a path that a user named, which may be anything that can be written to. */
import { constants, fstatSync, type Stats } from 'node:fs';
import { lstat, open, readlink, realpath, stat, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { TestbedError, invalidInput } from '../../lib/errors';
import { writeFileAtomicSync } from './atomic-file';
import { until } from './until';

/** What stands for the standard output where a file can be named. */
export const STDOUT = '-';

const STDOUT_FD = 1;
/** How long a FIFO may be without a reader, in milliseconds. */
const FIFO_MS = 60_000;
/** As many links as Linux follows. */
const MAX_LINKS = 40;

interface WriteOptions {
  /** Permissions of a file that is made; one that is there keeps its own. @default 0644 */
  readonly mode?: number;
  /** Ends the wait for the reader of a FIFO. @default none */
  readonly signal?: AbortSignal | undefined;
  /** How long a FIFO may be without a reader, in milliseconds. @default 60000 */
  readonly readerMs?: number;
}

/**
 * Writes a file that a user named. A regular file of the user's own is replaced as a whole or not at all, where its links
 * lead to. All else (devices, FIFOs, files of others or with several names) is written to as it is, as a shell's `>` does.
 *
 * @param file a path, or `-` for the standard output
 * @throws TestbedError (`environment`) where it cannot be written; `timeout` for a FIFO that nobody reads
 */
export async function writeUserFile(file: string, content: string, options: WriteOptions = {}): Promise<void> {
  if (await isStdout(file)) return writeStdout(content);
  try {
    const found = await statOf(file);
    if (found === undefined) replace(await endOfLinks(file), content, options.mode);
    else if (found.isFIFO()) await writeFifo(file, content, options);
    else if (!isOwnFile(found)) await writeInPlace(file, content);
    else await replaceOrWrite(file, content, found.mode & 0o7777);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw asTestbedError(file, error);
  }
}

/** Whether a path is `-`, or leads to where the standard output goes (`/dev/stdout`, `/dev/fd/1`). */
export async function isStdout(file: string): Promise<boolean> {
  if (file === STDOUT) return true;
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return false;
  try {
    const { dev, ino } = fstatSync(STDOUT_FD);
    return found.dev === dev && found.ino === ino;
  } catch {
    // Closed by whoever started this.
    return false;
  }
}

/**
 * Looks, before hours of work, whether a path can be written at their end.
 *
 * @throws TestbedError (`invalid-input`) for a folder, and for a file in a folder that does not exist
 */
export async function requireUserFile(file: string): Promise<void> {
  if (file === STDOUT) return;
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory()) throw invalidInput(`${file} is a folder: name a file in it`);
  if (found !== undefined) return;
  const folder = dirname(resolve(file));
  const parent = await stat(folder).catch(() => undefined);
  if (parent === undefined)
    throw invalidInput(`${file} cannot be written: there is no folder ${folder}; make it first`);
  if (!parent.isDirectory()) throw invalidInput(`${file} cannot be written: ${folder} is not a folder`);
}

function isOwnFile(found: Stats): boolean {
  return found.isFile() && found.nlink === 1 && found.uid === process.geteuid?.();
}

async function statOf(file: string): Promise<Stats | undefined> {
  return stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** Where a path leads that does not exist: itself, or what the last of its links names. */
async function endOfLinks(file: string): Promise<string> {
  let at = resolve(file);
  for (let links = 0; links < MAX_LINKS; links++) {
    const found = await lstat(at).catch(() => undefined);
    if (!found?.isSymbolicLink()) return at;
    at = resolve(await realpath(dirname(at)), await readlink(at));
  }
  return at;
}

function replace(file: string, content: string, mode = 0o644): void {
  writeFileAtomicSync(file, content, mode);
}

/** In a folder that takes no new file, or under a name that leaves no room for a longer one, the file itself is written. */
async function replaceOrWrite(file: string, content: string, mode: number): Promise<void> {
  try {
    writeFileAtomicSync(await realpath(file), content, mode, { keepMode: true });
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS', 'ENAMETOOLONG'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
    await writeInPlace(file, content);
  }
}

async function writeInPlace(file: string, content: string): Promise<void> {
  await writeTo(await open(file, constants.O_WRONLY | constants.O_TRUNC | constants.O_NOCTTY), content);
}

/** Opening a FIFO blocks until it has a reader, which nothing could interrupt: so it is asked for without blocking first. */
async function writeFifo(file: string, content: string, { signal, readerMs = FIFO_MS }: WriteOptions): Promise<void> {
  const waiting = await until(() => open(file, constants.O_WRONLY | constants.O_NONBLOCK).catch(orNoReader), {
    deadlineMs: readerMs,
    signal,
  });
  if (!waiting) throw new TestbedError('timeout', `${file} is a FIFO that nobody read for ${readerMs / 1000} s`);
  try {
    // Held open meanwhile, so that the reader does not see an end.
    await writeTo(await open(file, constants.O_WRONLY), content);
  } finally {
    await waiting.close();
  }
}

function orNoReader(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENXIO') throw error;
}

async function writeTo(handle: FileHandle, content: string): Promise<void> {
  try {
    await handle.writeFile(content);
  } catch (error) {
    // Its reader has had enough, as with a pipe.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  } finally {
    await handle.close();
  }
}

function writeStdout(content: string): Promise<void> {
  return new Promise((done, fail) => {
    // A reader that has had enough is dealt with where all of the standard output is.
    process.stdout.write(content, (error) => (error ? fail(asTestbedError('the standard output', error)) : done()));
  });
}

function asTestbedError(file: string, error: unknown): TestbedError {
  if (error instanceof TestbedError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const why = WHY[code ?? ''];
  return new TestbedError(
    'environment',
    `${file} cannot be written (${why === undefined ? (code ?? message) : `${why}, ${code}`}): name another file`,
    { cause: error },
  );
}

const WHY: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead in a circle',
  ENOENT: 'its folder does not exist',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file',
  EROFS: 'its disk is read-only',
};
