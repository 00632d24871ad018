/** The packed package in a program of Pulumi that has nothing of cdk8s. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isOnPath, root, runProgram } from '../support/cli';
import { install, pack, succeeds } from '../support/packed';
import { PulumiProject } from '../support/pulumi';
import { removeLocalCluster } from '../support/pulumi-layers';

const CONSTRUCTS = /needs cdk8s, cdk8s-plus-27, constructs where metal3-testbed is installed, .*: npm install cdk8s/;
const KUBERNETES = /needs @pulumi\/kubernetes where metal3-testbed is installed, .*: npm install @pulumi\/kubernetes/;

/** Everything that does without constructs, on Pulumi's mocks, and what does not. */
const PROGRAM = `
const pulumi = require('@pulumi/pulumi');
const testbed = require('metal3-testbed/pulumi');
const registered = [];
async function main() {
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => (registered.push(type), { id: name, state: inputs }),
    call: ({ inputs }) => inputs,
  });
  const { kubeconfig } = new testbed.LocalCluster('local');
  new testbed.KindCluster('kind');
  new testbed.HostFleet('hosts', { kubeconfig, count: 3 });
  new testbed.ClusterFleet('clusters', { kubeconfig, count: 3 });
  await testbed.hostsLayer({ kubeconfig, hostSets: [{ count: 1, name: 'other' }] });
  await pulumi.runtime.disconnect();
  const refused = [
    () => new testbed.MetalPlatform('platform', { kubeconfig }),
    () => new testbed.HostFleet('each', { kubeconfig, count: 3, name: 'each', asResources: true }),
  ].map((make) => {
    try {
      make();
    } catch (error) {
      return error.message;
    }
  });
  const { operations } = require('metal3-testbed/pulumi/plugins/local-managers');
  refused.push(await operations.create({ folder: '/nowhere' }).catch(({ message }) => message));
  process.stdout.write(JSON.stringify({ registered, refused, loaded: Object.keys(require.cache) }));
}
void main();
`;

const TYPED = `
import { ClusterFleet, HostFleet, MetalPlatform, type HostFleetArgs } from 'metal3-testbed/pulumi';
export const args: HostFleetArgs = { count: 1 };
new HostFleet('a', args);
// @ts-expect-error -- there is no such argument
new HostFleet('b', { ...args, cuont: 1 });
new ClusterFleet('c', { count: 3, controlPlanes: 3 });
// @ts-expect-error -- nor is there one of an operator
new MetalPlatform('d', { operators: [{ watch: 'lab' }] });
`;

/** What a real engine does with it: a control plane, and a fleet on it, which has no hosts as there is no CRD. */
const STACK = `
const { HostFleet, LocalCluster } = require('metal3-testbed/pulumi');
const { kubeconfig } = new LocalCluster('cluster', { stateDir: 'cluster', controllerManager: false });
exports.objects = new HostFleet('hosts', { kubeconfig, count: 0 }).objects;
`;

describe('the packed package in a program of Pulumi', { timeout: 600_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-package-'));
  const project = join(dir, 'project');
  before(async () => {
    mkdirSync(project);
    const { tarball } = await pack(dir);
    writeFileSync(join(project, 'package.json'), '{"private": true, "name": "fleet", "main": "index.js"}');
    await install(project, [tarball, '@pulumi/pulumi']);
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  it('needs nothing of cdk8s, and no @pulumi/kubernetes, unless it makes what is made of them', async () => {
    for (const name of ['cdk8s', 'cdk8s-plus-27', 'constructs', '@pulumi/kubernetes'])
      assert.equal(existsSync(join(project, 'node_modules', name)), false, name);
    writeFileSync(join(project, 'mocked.js'), PROGRAM);
    const { stdout } = await succeeds(process.execPath, ['mocked.js'], project);
    const { registered, refused } = JSON.parse(stdout) as Record<'registered' | 'refused', readonly string[]>;
    const of = (name: string) => registered.filter((type) => type === `pulumi-nodejs:dynamic/metal3-testbed:${name}`);
    assert.deepEqual(
      ['LocalCluster', 'KindCluster', 'HostFleet', 'ClusterFleet'].map((name) => of(name).length),
      [...[1, 1, 2, 1]],
    );
    const [platform = '', each = '', managers = ''] = refused;
    assert.match(platform, /^MetalPlatform needs /);
    assert.match(each, KUBERNETES);
    assert.match(managers, CONSTRUCTS);
  });

  it('has its types there', async () => {
    writeFileSync(join(project, 'typed.ts'), TYPED);
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const flags = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022'];
    await succeeds(process.execPath, [tsc, ...flags, '--module', 'node16', 'typed.ts'], project);
    // As the projects have it that `pulumi new` makes.
    const old = ['--module', 'commonjs', '--moduleResolution', 'node10', '--ignoreDeprecations', '6.0'];
    await succeeds(process.execPath, [tsc, ...flags, ...old, 'typed.ts'], project);
  });

  it('has a command, which says what it needs where it needs it', async () => {
    const main = join(project, 'node_modules', 'metal3-testbed', 'build', 'src', 'cli', 'main.js');
    await succeeds(process.execPath, [main, 'generate', '--count', '1'], project);
    const { code, stderr } = await runProgram(process.execPath, [main, 'up', '--hosts', '1'], { cwd: project });
    assert.equal(code, 3);
    assert.match(stderr.replaceAll(/\s+/g, ' '), CONSTRUCTS);
  });

  it('is brought up and taken down by a real engine', async (t) => {
    if (!(await isOnPath('pulumi'))) return t.skip('pulumi is not on PATH');
    const stack = new PulumiProject(project, STACK, {}, { isInstalled: true });
    t.after(() => removeLocalCluster(join(project, 'cluster')));
    await stack.must(['stack', 'init', 'dev']);
    await stack.must(['up', '--yes']);
    await stack.must(['up', '--yes', '--expect-no-changes']);
    await stack.must(['destroy', '--yes']);
  });
});
