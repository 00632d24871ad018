import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { atEnd } from './temp-dir';

/** Why a test of full disks cannot run here; false where it can. */
export const withoutTmpfs =
  process.platform === 'linux' && process.getuid?.() === 0 ? false : 'mounting a small disk needs root on Linux';

/** A disk of a few megabytes, for one test. */
export function tinyDisk(t: TestContext, megabytes: number): string {
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', dir], { encoding: 'utf8' });
  atEnd(t, () => {
    spawnSync('umount', ['-l', dir]);
    rmdirSync(dir);
  });
  if (mounted.status !== 0) throw new Error(`mount: ${mounted.stderr}`);
  return dir;
}
