import { rmdirSync } from 'node:fs';

/** Removes a folder that nobody has put anything else into; a link to one stays. */
export function removeIfEmpty(dir: string): void {
  try {
    rmdirSync(dir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
  }
}
