import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A folder of a test's own, gone when the test is over. */
export function tempDir(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
