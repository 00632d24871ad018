import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

const actions = new WeakMap<TestContext, (() => unknown)[]>();

/**
 * Runs an action when a test is over, the last one given first: what was made in a folder ends before the folder
 * goes. (`t.after` runs the first one first.)
 */
export function atEnd(t: TestContext, action: () => unknown): void {
  const stack = actions.get(t);
  if (stack) {
    stack.push(action);
    return;
  }
  const first = [action];
  actions.set(t, first);
  t.after(async () => {
    for (const each of first.reverse()) await each();
  });
}

/** A folder of a test's own, gone when the test is over. */
export function tempDir(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-'));
  atEnd(t, () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
