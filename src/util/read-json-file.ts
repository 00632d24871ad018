import { TestbedError } from '../../lib/errors';
import { readBoundedSync } from './read-bounded';

/**
 * Reads a JSON file that this package has written.
 *
 * @returns undefined where there is none
 * @throws TestbedError (`environment`) where it cannot be read or is not JSON; nothing of its content is shown
 */
export function readJsonFile(file: string): unknown {
  try {
    return JSON.parse(readBoundedSync(file).toString());
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall !== 'open') throw damaged(file, { cause: error });
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG' || code === 'ELOOP') return undefined;
    throw new TestbedError(
      'environment',
      `${file} cannot be read (${code}): run this as the user whose file it is, or name another folder with --state-dir`,
      { cause: error },
    );
  }
}

/** The error for a file of this package that says something it never writes. */
export function damaged(file: string, options?: ErrorOptions): TestbedError {
  return new TestbedError('environment', `${file} is damaged: delete it and run 'metal3-testbed up' again`, options);
}
