import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { packageProvider } from '../../../stacks/resources/package-provider';
import { tempDir } from '../../support/temp-dir';
import { root, runProgram } from '../../support/cli';

/** What Pulumi keeps of a provider in the state. */
async function serialized(name: string): Promise<string> {
  const provider = packageProvider(name);
  return (await pulumi.runtime.serializeFunction(() => provider, { allowSecrets: true })).text;
}

describe('the provider of a resource of this package', () => {
  it('is the same text for each, but for the name of what it loads: nothing of what that does', async () => {
    const names = readdirSync(join(root, 'build', 'stacks', 'resources'))
      .map((file) => /^(.*)-plugin\.js$/.exec(file)?.[1])
      .filter((name) => name !== undefined);
    assert.ok(names.includes('kind-cluster') && names.includes('host-fleet'), names.join());
    const template = await serialized('NAME');
    for (const name of names) assert.equal((await serialized(name)).replaceAll(name, 'NAME'), template);
    assert.ok(template.length < 4096, `${template.length} characters`);
    // What it does name is from outside of the package, or the package as a whole.
    const required = [...template.matchAll(/require(?:\.resolve)?\(([^)]*)\)/g)].map(([, what]) => what);
    assert.deepEqual(required, ['`metal3-testbed/pulumi/plugins/${name}`', 'file']);
  });

  it('is found from the program’s folder, whatever version is installed there by then', async (t) => {
    const dir = tempDir(t);
    const plugins = join(dir, 'node_modules', 'metal3-testbed', 'pulumi', 'plugins');
    mkdirSync(plugins, { recursive: true });
    writeFileSync(
      join(plugins, 'kind-cluster.js'),
      'exports.operations = { create: async ({ name }) => ({ id: `${name} of the next version` }) };',
    );
    // As Pulumi's process for dynamic resources does it: from text, in the program's folder.
    const text = await serialized('kind-cluster');
    const program = `${text}\nexports.handler().create({ name: 'lab' }).then(({ id }) => process.stdout.write(id));`;
    const { stdout, stderr } = await runProgram(process.execPath, ['-e', program], { cwd: dir });
    assert.equal(stdout, 'lab of the next version', stderr);
  });

  it('is found in the package’s own repository', async () => {
    const text = await serialized('kind-cluster');
    const check = "exports.handler().check({}, { workers: 'many', owner: 'a' })";
    const program = `${text}\n${check}.then(({ failures }) => process.stdout.write(failures[0].reason));`;
    const { stdout, stderr } = await runProgram(process.execPath, ['-e', program], { cwd: __dirname });
    assert.match(stdout, /workers: must be a number; given 'many'/, stderr);
  });

  it('says where it has looked for a package that is not installed', async (t) => {
    const dir = tempDir(t);
    const program = `${await serialized('kind-cluster')}\nexports.handler().create({});`;
    const { code, stderr } = await runProgram(process.execPath, ['-e', program], { cwd: dir });
    assert.equal(code, 1);
    assert.match(stderr, /metal3-testbed is not found from .*: install it where the program is/);
  });
});
