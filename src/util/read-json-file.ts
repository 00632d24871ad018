import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { TestbedError } from '../../lib/errors';

/** What this package writes down of a testbed is far smaller. */
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * Reads a JSON file that this package has written.
 *
 * @returns undefined where there is none
 * @throws TestbedError (`environment`) where it cannot be read or is not JSON; nothing of its content is shown
 */
export function readJsonFile(file: string): unknown {
  let descriptor: number;
  try {
    // Without waiting for a writer, where somebody has put a pipe there.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG' || code === 'ELOOP') return undefined;
    throw new TestbedError(
      'environment',
      `${file} cannot be read (${code}): run this as the user whose file it is, or name another folder with --state-dir`,
      { cause: error },
    );
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile() || stats.size > MOST_BYTES) throw new Error('not a file of this package');
    return JSON.parse(readFileSync(descriptor, 'utf8'));
  } catch (error) {
    throw damaged(file, { cause: error });
  } finally {
    closeSync(descriptor);
  }
}

/** The error for a file of this package that says something it never writes. */
export function damaged(file: string, options?: ErrorOptions): TestbedError {
  return new TestbedError('environment', `${file} is damaged: delete it and run 'metal3-testbed up' again`, options);
}
