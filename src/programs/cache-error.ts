import { TestbedError } from '../../lib/errors';

/** The system calls by which the cache is written, as node's errors name them. */
const CALLS = ['open', 'write', 'mkdir', 'rename', 'link', 'rm', 'copyfile', 'read', 'ftruncate', 'fsync', 'fchmod'];

/** What reading and writing fail with where it is a connection that is read and written. */
const CONNECTION = /^(?:EPIPE|ECONN\w+|ETIMEDOUT|E(?:HOST|NET)(?:UNREACH|DOWN))$/;

/** Whether an error is the file system's: node's own name the system call that failed. */
export function isFileError(error: unknown): boolean {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  return code !== undefined && CALLS.includes(syscall ?? '') && !CONNECTION.test(code);
}

/** What a full disk, or a folder that cannot be written, is told as. @returns any other error as it is */
export function asCacheError(error: unknown, dir: string): unknown {
  const full = error instanceof Error && /ENOSPC|EDQUOT|No space left/i.test(error.message);
  if (full)
    return new TestbedError(
      'environment',
      `the disk is full: ${dir} needs up to 500 MB; free some space, or set XDG_CACHE_HOME`,
      { cause: error },
    );
  if (isFileError(error))
    return new TestbedError(
      'environment',
      `the cache ${dir} cannot be written: ${(error as Error).message}; set XDG_CACHE_HOME`,
      { cause: error },
    );
  return error;
}
