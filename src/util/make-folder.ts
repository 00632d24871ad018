import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { TestbedError, invalidInput } from '../../lib/errors';

/** Says what a folder cannot be used for, in one sentence. */
export function folderError(stateDir: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof TestbedError || typeof code !== 'string') return error;
  const why = REASONS[code];
  const shown = stateDir.length > 100 ? `${stateDir.slice(0, 100)}…` : stateDir;
  const remedy = 'name another with --state-dir';
  if (why !== undefined) return invalidInput(`state folder ${shown} cannot be used, since ${why} (${code}): ${remedy}`);
  return new TestbedError('environment', `state folder ${shown} cannot be read and written (${code}): ${remedy}`, {
    cause: error,
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENAMETOOLONG: 'its path is too long',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a part of the path is a file',
  ELOOP: 'its path leads in a circle',
  ENOENT: 'no folder can be made there',
};

/**
 * Makes a folder and those above it, one by one: Node.js's own way never ends where the system says of a folder that is
 * there that it cannot be found, as it does below /proc.
 *
 * @param dir full path
 * @throws as {@link folderError} says it
 */
export function makeFolder(dir: string): void {
  try {
    make(dir);
  } catch (error) {
    throw folderError(dir, error);
  }
}

function make(dir: string): void {
  if (existsFolder(dir)) return;
  const above = dirname(dir);
  if (above !== dir) make(above);
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !existsFolder(dir)) throw error;
  }
}

function existsFolder(dir: string): boolean {
  return statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true;
}
