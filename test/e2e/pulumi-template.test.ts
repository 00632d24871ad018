/** templates/pulumi, as `pulumi new` and `metal3-testbed init` make a project of it, with a real engine. */
import assert from 'node:assert/strict';
import { existsSync, globSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { cli, root, runProgram } from '../support/cli';
import { linkPackages } from '../support/pulumi';
import { hasKubernetesPlugin, hasPulumi, removeLocalCluster } from '../support/pulumi-layers';
import { atEnd, tempDir } from '../support/temp-dir';

const template = join(root, 'templates', 'pulumi');

/** Somebody with an empty home, who types `pulumi` in a folder called lab. */
function reader(t: TestContext) {
  const dir = tempDir(t);
  const lab = join(dir, 'lab');
  mkdirSync(join(dir, 'state'));
  mkdirSync(lab);
  const env = {
    PULUMI_HOME: join(dir, 'home'),
    PULUMI_BACKEND_URL: `file://${join(dir, 'state')}`,
    PULUMI_CONFIG_PASSPHRASE: 'test',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    XDG_STATE_HOME: join(dir, 'xdg'),
  };
  atEnd(t, async () => {
    for (const mark of globSync(join(dir, 'xdg', '**', '.metal3-testbed'))) await removeLocalCluster(dirname(mark));
  });
  const pulumi = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await runProgram('pulumi', [...args, '--non-interactive'], { cwd: lab, env });
    assert.equal(code, 0, `pulumi ${args.join(' ')}\n${stdout}\n${stderr}`);
    return stdout;
  };
  return { lab, pulumi };
}

describe('the template of a Pulumi project', { timeout: 600_000 }, () => {
  it('is made into a project by pulumi new, like by init', async (t) => {
    const missing = await hasPulumi();
    if (missing !== undefined) return t.skip(missing);
    const { lab, pulumi } = reader(t);
    await pulumi('new', template, '--generate-only', '--yes', '--name', 'lab');
    const made = join(tempDir(t), 'lab');
    assert.equal((await cli(['init', made, '--template', 'pulumi'])).code, 0);
    for (const file of ['.gitignore', 'README.md', 'index.ts', 'package.json'])
      assert.ok(existsSync(join(lab, file)) && existsSync(join(made, file)), file);
    for (const file of ['index.ts', 'package.json'])
      assert.equal(readFileSync(join(lab, file), 'utf8'), readFileSync(join(made, file), 'utf8'), file);
  });

  it('brings hosts up, more of them once it is told to, and takes them away', async (t) => {
    const missing = (await hasPulumi()) ?? (await hasKubernetesPlugin());
    if (missing !== undefined) return t.skip(missing);
    const { lab, pulumi } = reader(t);
    await pulumi('new', template, '--generate-only', '--yes', '--name', 'lab');
    linkPackages(lab);
    await pulumi('stack', 'init', 'dev');
    const count = async () =>
      (JSON.parse(await pulumi('stack', 'output', 'names', '--json')) as { readonly count: number }).count;
    await pulumi('up', '--yes');
    assert.equal(await count(), 10);
    await pulumi('config', 'set', 'hosts', '12');
    await pulumi('up', '--yes');
    assert.equal(await count(), 12);
    await pulumi('destroy', '--yes');
  });
});
