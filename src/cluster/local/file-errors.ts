import { TestbedError } from '../../../lib/errors';

/** What the system calls of writing files fail with, and how each is mended. */
const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space, or choose another state folder',
  EDQUOT: 'the disk quota is used up; free some space, or choose another state folder',
  EACCES: 'the folder may not be written; choose another state folder',
  EPERM: 'the folder may not be written; choose another state folder',
  EROFS: 'the file system is read-only; choose another state folder',
  ENOTDIR: 'a part of the path is a file; choose another state folder',
  EEXIST: 'a part of the path is a file; choose another state folder',
};

/** Turns the system's own error into one that says how to mend it; any other error stays as it is. */
export function asMendable(error: unknown, dir: string): unknown {
  if (error instanceof TestbedError || !(error instanceof Error)) return error;
  const remedy = REMEDIES[(error as NodeJS.ErrnoException).code ?? ''];
  return remedy === undefined
    ? error
    : new TestbedError('environment', `${dir}: ${remedy} (${error.message})`, { cause: error });
}
