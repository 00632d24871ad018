/** What a reader is told by each resource that cannot be had, with a real engine. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { root } from '../support/cli';
import { PulumiProject } from '../support/pulumi';
import { assertPlain } from '../support/pulumi-diagnostics';
import { hasKubernetesPlugin, hasPulumi, LayersProject } from '../support/pulumi-layers';
import { tempDir } from '../support/temp-dir';

/** A resource of a type, whose arguments are known only while the program runs. */
const PROGRAM = `
const pulumi = require('@pulumi/pulumi');
const program = require(${JSON.stringify(join(root, 'build', 'stacks', 'pulumi.js'))});
const { LAB_TYPE, LAB_ARGS } = process.env;
const later = (value) => pulumi.output(Promise.resolve(value));
const args = Object.fromEntries(Object.entries(JSON.parse(LAB_ARGS)).map(([key, value]) => [key, later(value)]));
module.exports = () => void new program[LAB_TYPE]('lab', args);
`;

function setUp(t: TestContext) {
  const project = new PulumiProject(tempDir(t), PROGRAM);
  const run = (command: readonly string[], type: string, args: object) =>
    project.run(command, { env: { LAB_TYPE: type, LAB_ARGS: JSON.stringify(args) } });
  return { project, run };
}

describe('a resource that cannot be had', { timeout: 600_000 }, async () => {
  const skip = (await hasPulumi()) ?? false;
  const kubeconfig = 'no-such-kubeconfig';

  it('is refused in a preview by one message, where its arguments are known only then', { skip }, async (t) => {
    const { project, run } = setUp(t);
    await project.must(['stack', 'init', 'dev']);
    const refused: readonly (readonly [string, object, RegExp])[] = [
      ['HostFleet', { kubeconfig, count: -4 }, /hostSets\[0\]\.count: must be at least 0; given -4/],
      ['ClusterFleet', { kubeconfig, count: 1, controlPlanes: 2 }, /controlPlanes of cluster .* is 2, and .*odd/],
      [
        'KindCluster',
        { workers: -1 },
        /KindCluster fleet\/dev\/lab is refused:\s+workers: must be at least 0; given -1/,
      ],
      ['LocalCluster', { timeoutSeconds: 'soon' }, /timeoutSeconds: must be a number; given 'soon'/],
      ['LocalManagers', { folder: '/none', clusterApi: { corse: {} } }, /clusterApi\.corse: .*did you mean 'core'/],
      ['LocalSimulators', { folder: '/none', kind: 'player' }, /kind: must be one of 'bmo', 'kwok'; given 'player'/],
    ];
    for (const [type, args, why] of refused) {
      const said = assertPlain(await run(['preview'], type, args), why);
      // What the engine shows of a property is all of its value.
      assert.doesNotMatch(said, /property \S+ value/);
    }
  });

  const needsPlugin = skip || ((await hasKubernetesPlugin()) ?? false);
  it('is refused so where it is a platform', { skip: needsPlugin }, async (t) => {
    const { project, run } = setUp(t);
    await project.must(['stack', 'init', 'dev']);
    assertPlain(await run(['preview'], 'MetalPlatform', { kubeconfig }), /is not a kubeconfig/);
  });

  it(
    'is refused so where a stack is configured as no layer reads it, or its cluster does not answer',
    { skip },
    async (t) => {
      const project = new LayersProject(tempDir(t));
      const stack = 'lab-cluster';
      const preview = () => project.run(['preview', '--stack', stack]);
      await project.must(['stack', 'init', stack]);
      await project.configure(stack, { layer: 'cluster', clutser: 'local' });
      assertPlain(await preview(), /clutser.*did you mean '?cluster/);
      await project.must(['config', 'rm', 'clutser', '--stack', stack]);
      writeFileSync(join(project.dir, 'kubeconfig'), kubeconfigOf('https://127.0.0.1:9'));
      await project.configure(stack, { cluster: 'existing', kubeconfig: 'kubeconfig', context: 'lab' });
      assertPlain(await preview(), /context lab of \S*kubeconfig: .*127\.0\.0\.1:9/);
      // All of that went into a file that git ignores.
      const examples = join('examples', 'stacks');
      for (const file of ['Pulumi.yaml', ...readdirSync(join(root, examples)).map((name) => join(examples, name))])
        assert.equal(readFileSync(join(project.dir, file), 'utf8'), readFileSync(join(root, file), 'utf8'), file);
      assert.match(readFileSync(join(project.dir, 'stacks', 'config', `Pulumi.${stack}.yaml`), 'utf8'), /context: lab/);
    },
  );

  it('fails so where it is made, in the words of the program', { skip }, async (t) => {
    const { project, run } = setUp(t);
    await project.must(['stack', 'init', 'dev']);
    const taken = join(project.dir, 'taken');
    mkdirSync(taken);
    writeFileSync(join(taken, 'mine'), '');
    const failing: readonly (readonly [string, object, RegExp])[] = [
      ['HostFleet', { kubeconfig, count: 1 }, /error: the kubeconfig file no-such-kubeconfig does not exist/],
      ['LocalCluster', { stateDir: taken }, /is not empty and holds no testbed \(mine\): name .* with stateDir/],
      ['LocalSimulators', { folder: taken, kind: 'kwok' }, /taken\/kubeconfig does not exist/],
    ];
    for (const [type, args, why] of failing)
      assert.doesNotMatch(assertPlain(await run(['up', '--yes', '--skip-preview'], type, args), why), /--[a-z]+-dir/);
  });
});

/** @param server which needs no credentials */
function kubeconfigOf(server: string): string {
  const named = { name: 'lab' };
  return JSON.stringify({
    contexts: [{ ...named, context: { cluster: 'lab', user: 'lab' } }],
    clusters: [{ ...named, cluster: { server } }],
    users: [{ ...named, user: { token: 'none' } }],
  });
}
