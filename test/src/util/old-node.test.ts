import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { root, runProgram } from '../../support/cli';
import { tempDir } from '../../support/temp-dir';

const ENTRIES = [
  'src/cli/main.js',
  'src/app.js',
  'src/scenario/index.js',
  'stacks/pulumi.js',
  'stacks/provider/main.js',
];

describe('an older Node.js', () => {
  for (const entry of ENTRIES)
    it(`is told which one is needed, before anything fails to load: ${entry}`, async (t) => {
      const hook = join(tempDir(t), 'hook.cjs');
      writeFileSync(hook, "Object.defineProperty(process.versions, 'node', { value: '20.20.2' });\n");
      const { code, stderr } = await runProgram(process.execPath, ['--require', hook, join(root, 'build', entry)]);
      assert.equal(code, 3);
      assert.match(stderr, /^error: metal3-testbed needs Node\.js 22\.19 or later, and this is v/);
    });
});
