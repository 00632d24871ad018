/** The resources of this package in programs of other languages: YAML, by its real language host, with a real engine. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { stringify } from 'yaml';
import { until } from '../../src/util/until';
import { version } from '../../src/util/version';
import { listMetadata } from '../../src/install/metadata';
import { Lab } from '../faults/support/lab';
import { isOnPath, root } from '../support/cli';
import { HOSTS_PATH } from '../support/hosts';
import { PulumiProject } from '../support/pulumi';

const CANARY = 'canary-Xq7-never-in-the-clear';
const PROVIDER = 'pulumi-resource-metal3-testbed';

describe('a program in YAML, with a real Pulumi engine', { timeout: 600_000 }, async () => {
  const missing = [];
  for (const name of ['pulumi', 'pulumi-language-yaml']) if (!(await isOnPath(name))) missing.push(name);
  if (missing.length > 0) {
    it('manages a fleet', { skip: `${missing.join(' and ')} not on PATH` }, () => undefined);
    return;
  }
  let lab: Lab;
  let dir: string;
  let project: PulumiProject;

  before(async () => {
    lab = await Lab.start();
    dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-languages-'));
    project = new PulumiProject(dir, '', { XDG_STATE_HOME: join(dir, 'xdg') });
    // As npm has it, which also makes it executable.
    const bin = join(dir, 'node_modules', '.bin');
    const main = join(root, 'build', 'stacks', 'provider', 'main.js');
    mkdirSync(bin);
    chmodSync(main, 0o755);
    symlinkSync(main, join(bin, PROVIDER));
    write({});
    await project.must(['stack', 'init', 'dev']);
  });
  after(async () => {
    await lab.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  /** Puts another program in the place of the last one. */
  const write = (resources: object, outputs: object = {}) => {
    const plugins = { providers: [{ name: 'metal3-testbed', path: 'node_modules/.bin' }] };
    const program = { name: 'fleet', runtime: 'yaml', plugins, resources, outputs };
    writeFileSync(join(dir, 'Pulumi.yaml'), stringify(program));
  };
  const fleet = (more: object) =>
    write(
      {
        hosts: {
          type: 'metal3-testbed:HostFleet',
          properties: {
            kubeconfig: lab.kubeconfig,
            namespace: 'lab',
            hostsPerNamespace: 500,
            credentials: { username: 'admin', password: CANARY },
            ...more,
          },
        },
      },
      { names: '${hosts.hostNames}', namespaces: '${hosts.hostNamespaces}', objects: '${hosts.objects}' },
    );
  const hosts = async () => (await listMetadata(lab.client, HOSTS_PATH)).length;
  const up = ['up', '--yes', '--skip-preview'];

  it('is told what would be done, makes hosts by the thousand, and changes nothing the second time', async () => {
    fleet({ count: 1_000 });
    assert.match(await project.must(['preview']), /HostFleet fleet.dev.hosts: BareMetalHost: 1000 added/);
    assert.equal(await hosts(), 0);
    await project.must(up);
    assert.equal(await hosts(), 1_000);
    const outputs = JSON.parse(await project.must(['stack', 'output', '--json'])) as Record<string, unknown>;
    assert.deepEqual(outputs, {
      names: { pattern: 'worker-{index}', firstIndex: 1, count: 1_000 },
      namespaces: ['lab', 'lab-2'],
      objects: { 'BareMetalHost.metal3.io': 1_000, Namespace: 2, Secret: 1_000 },
    });
    await project.must(['up', '--yes', '--expect-no-changes']);
    await project.must(['refresh', '--yes', '--expect-no-changes']);
  });

  it('has a state of a few thousand bytes, with no code, no credential, and no version that an upgrade would change', () => {
    const state = readFileSync(project.stateFile, 'utf8');
    assert.ok(state.length < 12_000, `${state.length} bytes`);
    for (const text of ['__provider', 'function', `"version":"${version}"`])
      assert.ok(!state.includes(text), `${text} is in the state`);
    for (const { file, text } of project.written())
      assert.ok(!text.includes(CANARY), `${file} has the password in the clear`);
  });

  it('says in one message what is wrong with an argument, before anything is done', async () => {
    fleet({ count: 1_010, bmcProtocol: 'libvrit' });
    const { code, stdout, stderr } = await project.run(['preview']);
    assert.notEqual(code, 0);
    const [, diagnostics = ''] = (stdout + stderr).split('Diagnostics:');
    assert.equal(diagnostics.split('libvrit').length - 1, 1, diagnostics);
    assert.doesNotMatch(diagnostics, /\n\s+at /);
    assert.equal(await hosts(), 1_000);
  });

  it('says what would have been done of a resource that is to be imported', async () => {
    fleet({ count: 1_000 });
    const { code, stdout, stderr } = await project.run([
      ...['import', 'metal3-testbed:index:HostFleet', 'other', 'an-id', '--yes'],
    ]);
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /a HostFleet cannot be imported: describe it/);
  });

  it('ends soon after Ctrl-C, is recorded, and goes on', async () => {
    // Nothing simulates them here.
    fleet({ count: 1_020, waitFor: 'settled' });
    const child = project.begin(up);
    const gone = once(child, 'close');
    assert.ok(await until(async () => (await hosts()) === 1_020, { deadlineMs: 120_000 }));
    const start = performance.now();
    child.kill('SIGINT');
    await gone;
    assert.ok(performance.now() - start < 20_000, `${performance.now() - start} ms`);
    assert.notEqual(child.exitCode, 0);
    fleet({ count: 1_020 });
    await project.must(up);
    await project.must(['up', '--yes', '--expect-no-changes']);
  });

  it('starts a control plane and puts hosts onto it, which are known only then, and leaves nothing', async () => {
    write({
      cluster: { type: 'metal3-testbed:LocalCluster', properties: { controllerManager: false } },
      none: {
        type: 'metal3-testbed:HostFleet',
        properties: { kubeconfig: '${cluster.kubeconfig}', count: 0 },
      },
    });
    await project.must(['up', '--yes']);
    // The fleet of the last program is gone, and the other is there.
    assert.equal(await hosts(), 0);
    await project.must(['up', '--yes', '--expect-no-changes']);
    await project.must(['destroy', '--yes', '--skip-preview']);
    assert.equal(existsSync(join(dir, 'xdg', 'metal3-testbed', 'pulumi')), false);
  });

  it('has a schema of which SDKs of typed languages can be made', async () => {
    const plugin = join(dir, 'node_modules', '.bin', PROVIDER);
    await project.must(['package', 'gen-sdk', plugin, '--language', 'nodejs', '--out', join(dir, 'sdk')]);
    const sdk = readFileSync(join(dir, 'sdk', 'nodejs', 'hostFleet.ts'), 'utf8');
    const parts = ['* How many hosts. From 0 to', 'credentials?: pulumi.Input<inputs.HostFleetCredentialsArgs'];
    for (const part of parts) assert.ok(sdk.includes(part), part);
  });
});
