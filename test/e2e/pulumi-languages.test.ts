/** The resources of this package in programs of other languages: YAML, by its real language host, with a real engine. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { stringify } from 'yaml';
import { clusterKind } from '../../lib/kinds/cluster/kind';
import { Applier } from '../../src/apply/apply';
import { KubernetesClient } from '../../src/kubernetes/client';
import { parseKubeconfig } from '../../src/kubernetes/kubeconfig';
import { objectsPath } from '../../src/watch/paths';
import { until } from '../../src/util/until';
import { version } from '../../src/util/version';
import { listMetadata } from '../../src/install/metadata';
import { Lab } from '../faults/support/lab';
import { isOnPath, root, runProgram } from '../support/cli';
import { HOSTS_PATH } from '../support/hosts';
import { whyNoKind } from '../support/kind';
import { providerDefinitions } from '../support/providers';
import { PulumiProject } from '../support/pulumi';

const CANARY = 'canary-Xq7-never-in-the-clear';
const PROVIDER = 'pulumi-resource-metal3-testbed';

describe('a program in YAML, with a real Pulumi engine', { timeout: 1_200_000 }, async () => {
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
    project.linkProvider();
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

  it('ends soon after Ctrl-C, is recorded, and goes on', async (t) => {
    // Nothing simulates them here.
    fleet({ count: 1_020, waitFor: 'settled' });
    const child = project.begin(up);
    const gone = once(child, 'close');
    assert.ok(await until(async () => (await hosts()) === 1_020, { deadlineMs: 120_000 }));
    const start = performance.now();
    child.kill('SIGINT');
    await gone;
    t.diagnostic(`interrupted in ${((performance.now() - start) / 1000).toFixed(1)} s`);
    // Long before it would have given up waiting.
    assert.ok(performance.now() - start < 60_000);
    assert.notEqual(child.exitCode, 0);
    fleet({ count: 1_020 });
    await project.must(up);
    await project.must(['up', '--yes', '--expect-no-changes']);
  });

  it('is replaced and changed by no other version of the provider', async () => {
    fleet({ count: 1_020 });
    const later = join(dir, 'later');
    for (const part of ['build/lib', 'build/src', 'build/stacks', 'testbed.schema.json'])
      cpSync(join(root, part), join(later, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(later, 'node_modules'));
    const about = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as object;
    writeFileSync(join(later, 'package.json'), JSON.stringify({ ...about, version: '99.1.0' }));
    project.linkProvider(later);
    const schema = await project.must(['package', 'get-schema', `./node_modules/.bin/${PROVIDER}`]);
    assert.match(schema, /"version": "99\.1\.0"/);
    await project.must(['up', '--yes', '--expect-no-changes']);
    await project.must(['refresh', '--yes', '--expect-no-changes']);
    project.linkProvider();
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

  it('makes clusters, and changes nothing the second time', async () => {
    await new Applier(lab.client).applyAll(providerDefinitions(), { task: 'CRDs' });
    const properties = { kubeconfig: lab.kubeconfig, name: 'c', count: 3, keySeed: CANARY };
    const outputs = { names: '${clusters.clusterNames}', machines: '${clusters.machines}' };
    write({ clusters: { type: 'metal3-testbed:ClusterFleet', properties } }, outputs);
    assert.match(await project.must(['up', '--yes']), /Cluster: 3 added/);
    assert.deepEqual(JSON.parse(await project.must(['stack', 'output', '--json'])), {
      names: { pattern: 'c-{index}', firstIndex: 1, count: 3 },
      machines: 6,
    });
    await project.must(['up', '--yes', '--expect-no-changes']);
    const metadata = await listMetadata(lab.client, objectsPath(clusterKind));
    assert.deepEqual(metadata.map(({ metadata: { name } }) => name).sort(), ['c-1', 'c-2', 'c-3']);
    await project.must(['destroy', '--yes', '--skip-preview']);
    assert.deepEqual(await listMetadata(lab.client, objectsPath(clusterKind)), []);
    for (const { file, text } of project.written())
      assert.ok(!text.includes(CANARY), `${file} has the key seed in the clear`);
  });

  it('makes a kind cluster', async (t) => {
    const nodeImage = process.env['METAL3_TESTBED_NODE_IMAGE'];
    const why = await whyNoKind(nodeImage);
    if (why !== undefined) return t.skip(why);
    const name = `m3t-yaml-${process.pid}`;
    t.after(() => runProgram('docker', ['rm', '--force', '--volumes', `${name}-control-plane`]));
    const cluster = { type: 'metal3-testbed:KindCluster', properties: { name, nodeImage } };
    write({ cluster }, { kubeconfig: '${cluster.kubeconfig}' });
    await project.must(['up', '--yes']);
    await project.must(['up', '--yes', '--expect-no-changes']);
    const shown = await project.must(['stack', 'output', '--show-secrets', 'kubeconfig']);
    const client = new KubernetesClient(await parseKubeconfig(shown));
    t.after(() => client.close());
    await client.request('GET', '/api/v1/namespaces/default');
    await project.must(['destroy', '--yes', '--skip-preview']);
    await assert.rejects(client.request('GET', '/api/v1/namespaces/default'));
  });

  it('has a schema of which SDKs of typed languages can be made', async () => {
    const plugin = join(dir, 'node_modules', '.bin', PROVIDER);
    await project.must(['package', 'gen-sdk', plugin, '--language', 'nodejs', '--out', join(dir, 'sdk')]);
    const sdk = readFileSync(join(dir, 'sdk', 'nodejs', 'hostFleet.ts'), 'utf8');
    const parts = ['* How many hosts. From 0 to', 'credentials?: pulumi.Input<inputs.HostFleetCredentialsArgs'];
    for (const part of parts) assert.ok(sdk.includes(part), part);
  });
});
