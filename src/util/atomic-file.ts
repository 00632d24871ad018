import { renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Writes a whole file or nothing: a reader sees the old content or the new, and a full disk leaves the old.
 *
 * @param mode permissions; files here hold keys more often than not @default 0600
 */
export function writeFileAtomicSync(file: string, content: string | Uint8Array, mode = 0o600): void {
  const partial = `${file}.${process.pid}.partial`;
  try {
    writeFileSync(partial, content, { mode, flush: true });
    renameSync(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}
