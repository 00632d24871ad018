import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** Why a file was not read, as its error's `code` would say it. */
class FileProblem extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

/**
 * Reads a file that somebody named: no more than so many bytes, whatever it is, and without waiting for a writer.
 * What `<(command)` of a shell gives is read as well.
 *
 * @param timeoutMs how long a pipe may take until it ends
 * @throws an error whose `code` says why in words that fit after "cannot be read"
 */
export async function readBounded(file: string, maxBytes: number, timeoutMs = 10_000): Promise<Buffer> {
  // A pipe that nobody writes to would not even open otherwise.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) throw new FileProblem('EISDIR');
    if (stat.size > maxBytes) throw tooLarge(maxBytes);
    const deadline = performance.now() + timeoutMs;
    const chunks: Buffer[] = [];
    let size = 0;
    for (;;) {
      const buffer = Buffer.allocUnsafe(64 * 1024);
      let bytesRead = 0;
      let isOpen = false;
      try {
        ({ bytesRead } = await handle.read(buffer, 0, buffer.length));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        isOpen = true;
      }
      if (bytesRead > 0) {
        chunks.push(buffer.subarray(0, bytesRead));
        size += bytesRead;
        if (size > maxBytes) throw tooLarge(maxBytes);
        continue;
      }
      // A pipe without a writer gives nothing at first, as one does that has come to its end.
      const isWaiting = isOpen || (stat.isFIFO() && size === 0);
      if (!isWaiting) return Buffer.concat(chunks);
      if (performance.now() > deadline)
        throw new FileProblem(`nobody has written all of it after ${timeoutMs / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    await handle.close();
  }
}

/** What this package writes down of a testbed is far smaller. */
export const MAX_OWN_BYTES = 8 * 1024 * 1024;

/**
 * Reads a file of this package, or one of which the user has a copy in a folder of it, at once. Nothing but a file is read:
 * whatever else somebody has put in its place has no end, or none soon.
 *
 * @throws as {@link readBounded}
 */
export function readBoundedSync(file: string, maxBytes = MAX_OWN_BYTES): Buffer {
  // Without waiting for a writer, where it is a pipe.
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor);
    if (stat.isDirectory()) throw new FileProblem('EISDIR');
    if (!stat.isFile()) throw new FileProblem('it is not a file');
    if (stat.size > maxBytes) throw tooLarge(maxBytes);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function tooLarge(maxBytes: number): FileProblem {
  return new FileProblem(`it has more than ${maxBytes} bytes`);
}
