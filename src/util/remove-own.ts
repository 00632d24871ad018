import { lstatSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Removes of a folder what has a name that this package gives, and the folder itself where nothing else is in it. A link in
 * its place is removed, and what it leads to stays.
 */
export function removeOwn(dir: string, names: RegExp): void {
  const found = lstatSync(dir, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isDirectory()) {
    rmSync(dir, { force: true });
    return;
  }
  const all = readdirSync(dir);
  const own = all.filter((name) => names.test(name));
  for (const name of own) rmSync(join(dir, name), { recursive: true, force: true });
  if (own.length === all.length) rmdirSync(dir);
}
