import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { root, runProgram } from '../support/cli';

/** The packages that a module loads before anything of it is used. */
async function loadedBy(module: string): Promise<ReadonlySet<string>> {
  const program = `require(process.argv[1]); process.stdout.write(JSON.stringify(Object.keys(require.cache)));`;
  const { stdout, stderr } = await runProgram(process.execPath, ['-e', program, join(root, 'build', 'stacks', module)]);
  assert.equal(stderr, '');
  const files = JSON.parse(stdout) as readonly string[];
  return new Set(files.map((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? ''));
}

describe('programs of Pulumi', () => {
  for (const module of [
    'pulumi.js',
    'index.js',
    'provider/testbed-provider.js',
    ...readdirSync(join(root, 'build', 'stacks', 'resources'))
      .filter((file) => file.endsWith('-plugin.js'))
      .map((file) => `resources/${file}`),
  ])
    it(`load cdk8s and @pulumi/kubernetes only where they use them: not with ${module}`, async () => {
      const loaded = await loadedBy(module);
      // Files of this package, which are in none.
      assert.ok(loaded.has(''));
      for (const name of ['cdk8s', 'cdk8s-plus-27', 'constructs', '@pulumi/kubernetes'])
        assert.ok(!loaded.has(name), name);
    });
});
