import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Writes a whole file or nothing: a reader sees the old content or the new, and a full disk leaves the old.
 *
 * It takes the place of whatever is there: for state files. A path that a user named is written by `writeUserFile`.
 *
 * @param mode permissions; files here hold keys more often than not @default 0600
 * @param keepMode whether the mode is a file's own, which the umask does not narrow @default false
 */
export function writeFileAtomicSync(
  file: string,
  content: string | Uint8Array,
  mode = 0o600,
  { keepMode = false }: { readonly keepMode?: boolean } = {},
): void {
  const partial = `${file}.${process.pid}.partial`;
  try {
    writeFileSync(partial, content, { mode, flush: true });
    if (keepMode) chmodSync(partial, mode);
    renameSync(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}
