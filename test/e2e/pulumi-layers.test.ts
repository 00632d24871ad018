/** The layers with a real Pulumi engine. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { KubernetesClient } from '../../src/kubernetes/client';
import { parseKubeconfig } from '../../src/kubernetes/kubeconfig';
import { waitFor } from '../../src/util/wait-for';
import { TestbedStacks } from '../../stacks/automation';
import { root, runProgram } from '../support/cli';
import { whyNoKind } from '../support/kind';
import { hasKubernetesPlugin, hasPulumi, LayersProject, removeLocalCluster } from '../support/pulumi-layers';

const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-layers-'));
/** Of this run alone: another may be under way on the same engine. */
const prefix = `m3t-pulumi-${process.pid}`;
const nodeImage = process.env['METAL3_TESTBED_NODE_IMAGE'];
const images = process.env['METAL3_TESTBED_TEST_IMAGES']?.split(',').filter((image) => image !== '') ?? [];
const HOST_COUNT = 10;

async function docker(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram('docker', args);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

const containersOf = (cluster: string) =>
  docker('ps', '--all', '--quiet', '--filter', `label=io.x-k8s.kind.cluster=${cluster}`);

describe('the stacks of the layers', { timeout: 1_800_000 }, () => {
  let reason: string | undefined;
  before(async () => {
    reason = await hasPulumi();
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  it('cluster makes, finds, changes, replaces and deletes a kind cluster', async (t) => {
    const skipped = reason ?? (await whyNoKind(nodeImage));
    if (skipped !== undefined) return t.skip(skipped);
    const [name, image, stack] = [`${prefix}-a`, `${prefix}:one`, 'dev-cluster'];
    const project = new LayersProject(mkdtempSync(join(dir, 'cluster-')));
    t.after(async () => {
      await runProgram('docker', ['rm', '--force', '--volumes', `${name}-control-plane`]);
      await runProgram('docker', ['rmi', '--force', image]);
    });
    await project.must(['stack', 'init', stack]);
    const stateDir = join(project.dir, 'cluster');
    await project.configure(stack, { name, stateDir, ...(nodeImage !== undefined && { nodeImage }) });
    assert.match(await project.up(stack), /KindCluster cluster created/);
    assert.match(await project.up(stack, '--expect-no-changes'), /2 unchanged/);
    await project.must(['refresh', '--yes', '--expect-no-changes', '--stack', stack]);

    const kubeconfig = await project.output(stack, 'kubeconfig');
    const client = new KubernetesClient(await parseKubeconfig(kubeconfig));
    t.after(() => client.close());
    await client.request('GET', '/api/v1/namespaces/default');
    const { users } = parse(kubeconfig) as { users: { user: Record<string, string> }[] };
    const key = users[0]?.user['client-key-data'] ?? assert.fail('the kubeconfig has no key');
    for (const { file, text } of project.written()) assert.ok(!text.includes(key), `${file} has the key in the clear`);

    // What kind can do is done to the cluster as it is.
    const file = join(project.dir, 'empty.tar');
    writeFileSync(file, Buffer.alloc(1024));
    await docker('import', file, image);
    const node = await containersOf(name);
    await project.configure(stack, { 'loadImages[0]': image });
    assert.match(await project.up(stack), /KindCluster cluster updated/);
    assert.equal(await containersOf(name), node);
    const onNode = await docker('exec', `${name}-control-plane`, 'ctr', '--namespace', 'k8s.io', 'images', 'ls', '-q');
    assert.match(onNode, new RegExp(`/${image}$`, 'm'));

    // As after a restart of the machine, and as where somebody has deleted it.
    await docker('stop', `${name}-control-plane`);
    assert.match(await project.up(stack), /KindCluster cluster updated/);
    await docker('rm', '--force', '--volumes', `${name}-control-plane`);
    assert.match(await project.must(['preview', '--stack', stack]), /KindCluster cluster replace/);
    assert.match(await project.up(stack), /KindCluster cluster created replacement/);

    await project.must(['destroy', '--yes', '--stack', stack]);
    assert.equal(await containersOf(name), '');
    assert.equal(existsSync(stateDir), false);
  });

  it('cluster refuses a kind cluster of somebody else, and takes it over when asked', async (t) => {
    const skipped = reason ?? (await whyNoKind(nodeImage));
    if (skipped !== undefined) return t.skip(skipped);
    // A node that no kind has made: enough for a name that is taken.
    const [name, stack] = [`${prefix}-b`, 'dev-cluster'];
    const project = new LayersProject(mkdtempSync(join(dir, 'adopt-')));
    const labels = ['--label', `io.x-k8s.kind.cluster=${name}`, '--label', 'io.x-k8s.kind.role=control-plane'];
    const image = nodeImage ?? (await docker('images', '--quiet', 'kindest/node')).split('\n')[0] ?? '';
    await docker('create', ...labels, '--name', `${name}-control-plane`, image);
    t.after(() => runProgram('docker', ['rm', '--force', '--volumes', `${name}-control-plane`]));
    await project.must(['stack', 'init', stack]);
    await project.configure(stack, { name, workers: '1', stateDir: join(project.dir, 'cluster') });
    const refused = await project.run(['up', '--yes', '--skip-preview', '--stack', stack]);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stdout + refused.stderr, new RegExp(`a kind cluster '${name}' exists that was not made from`));
    await project.configure(stack, { adopt: 'true' });
    const different = await project.run(['up', '--yes', '--skip-preview', '--stack', stack]);
    assert.match(different.stdout + different.stderr, /cannot be adopted: it has 0 workers, not 1/);
    assert.notEqual(await containersOf(name), '');
    await project.must(['destroy', '--yes', '--stack', stack]);
    assert.notEqual(await containersOf(name), '');
  });

  it('a program brings the three layers up on an embedded control plane, changes them and takes them down', async (t) => {
    const skipped = reason ?? (await hasKubernetesPlugin());
    if (skipped !== undefined) return t.skip(skipped);
    const stateDir = join(dir, 'local');
    t.after(() => removeLocalCluster(stateDir));
    const open = (count: number) =>
      openStacks('local', {
        cluster: { kind: 'local', stateDir },
        platform: { simulator: 'kwok' },
        hosts: { hostSets: [{ name: 'worker', count, namespace: 'lab' }], deleteTimeoutSeconds: 60 },
      });
    const stacks = await open(HOST_COUNT);
    t.after(() => removeWorkDir('local'));
    const up = await stacks.up();
    assert.equal(up.cluster.outputs.hasPods, false);
    assert.equal(up.hosts.outputs.hosts, HOST_COUNT);
    assert.deepEqual(up.hosts.outputs.readiness['worker']?.states, { available: HOST_COUNT });
    assert.equal(up.hosts.outputs.objects['worker']?.['BareMetalHost.metal3.io'], HOST_COUNT);
    assert.ok((up.platform.changes.create ?? 0) > 30);
    const again = await stacks.up();
    for (const { changes } of [again.platform, again.hosts]) assert.deepEqual(Object.keys(changes), ['same']);
    const more = await (await open(HOST_COUNT + 5)).up();
    assert.equal(more.hosts.outputs.objects['worker']?.['BareMetalHost.metal3.io'], HOST_COUNT + 5);
    assert.deepEqual(Object.keys(more.platform.changes), ['same']);
    const client = new KubernetesClient(await parseKubeconfig(up.cluster.outputs.kubeconfig));
    t.after(() => client.close());
    const namespaces = await client.request<{ items: { metadata: { name: string } }[] }>('GET', '/api/v1/namespaces');
    assert.ok(namespaces.items.some(({ metadata }) => metadata.name === 'lab'));
    const destroyed = await stacks.destroy();
    assert.deepEqual(Object.keys(destroyed), ['hosts', 'platform', 'cluster']);
    assert.equal(existsSync(stateDir), false);
    assert.deepEqual(await stacks.destroy(), {});
  });

  it('hosts that are resources each, and their namespaces, come and go on an embedded control plane', async (t) => {
    const skipped = reason ?? (await hasKubernetesPlugin());
    if (skipped !== undefined) return t.skip(skipped);
    const stateDir = join(dir, 'resources');
    t.after(() => removeLocalCluster(stateDir));
    const stacks = await openStacks('resources', {
      cluster: { kind: 'local', stateDir },
      platform: { simulator: 'none' },
      hosts: { asResources: true, hostSets: [{ name: 'worker', count: 5, namespace: 'lab', hostsPerNamespace: 2 }] },
    });
    t.after(() => removeWorkDir('resources'));
    const { hosts } = await stacks.up();
    const objects = { 'BareMetalHost.metal3.io': 5, Namespace: 3, Secret: 5 };
    assert.deepEqual(hosts.outputs.objects['worker'], objects);
    assert.deepEqual(Object.keys(await stacks.destroy()), ['hosts', 'platform', 'cluster']);
  });

  it('three stacks make a kind cluster with webhooks on and hosts available, find no drift, and leave nothing', async (t) => {
    const skipped =
      reason ??
      (await hasKubernetesPlugin()) ??
      (await whyNoKind(nodeImage)) ??
      (images.length === 0 ? 'METAL3_TESTBED_TEST_IMAGES names no images of cert-manager and the operator' : undefined);
    if (skipped !== undefined) return t.skip(skipped);
    const name = `${prefix}-c`;
    const project = new LayersProject(mkdtempSync(join(dir, 'kind-')));
    t.after(() => runProgram('docker', ['rm', '--force', '--volumes', `${name}-control-plane`]));
    const stacks = ['dev-cluster', 'dev-platform', 'dev-hosts'];
    for (const stack of stacks) await project.must(['stack', 'init', stack]);
    const shape = { name, stateDir: join(project.dir, 'cluster'), ...(nodeImage !== undefined && { nodeImage }) };
    const loaded = Object.fromEntries(images.map((image, i) => [`loadImages[${i}]`, image]));
    await project.configure('dev-cluster', { ...shape, ...loaded });
    for (const stack of stacks) await project.up(stack);

    const client = new KubernetesClient(await parseKubeconfig(await project.output('dev-cluster', 'kubeconfig')));
    t.after(() => client.close());
    await available(client, HOST_COUNT);
    // The webhook is really asked: a changed MAC is what it refuses.
    await assert.rejects(
      client.request('PATCH', `${HOSTS}/worker-1`, {
        contentType: 'application/merge-patch+json',
        body: { spec: { bootMACAddress: '00:00:5e:00:53:99' } },
      }),
      /admission webhook .*denied the request/,
    );
    // What BMO and cert-manager have written since is no change, whether Pulumi looks at it or not.
    for (const stack of ['dev-platform', 'dev-hosts']) {
      await project.up(stack, '--expect-no-changes');
      await project.must(['refresh', '--yes', '--stack', stack]);
      await project.up(stack, '--expect-no-changes');
    }
    for (const stack of stacks.toReversed()) await project.must(['destroy', '--yes', '--stack', stack]);
    assert.equal(await containersOf(name), '');
  });
});

const HOSTS = '/apis/metal3.io/v1alpha1/namespaces/default/baremetalhosts';

/** Waits until as many hosts are available. */
async function available(client: KubernetesClient, count: number): Promise<void> {
  interface Host {
    readonly status?: { readonly provisioning?: { readonly state?: string } };
  }
  await waitFor({ task: `${count} hosts available`, deadlineMs: 120_000 }, async () => {
    const { items } = await client.request<{ readonly items: readonly Host[] }>('GET', HOSTS);
    const ready = items.filter(({ status }) => status?.provisioning?.state === 'available').length;
    return ready === count ? undefined : `${ready} of ${count}`;
  });
}

type Layers = Pick<Parameters<typeof TestbedStacks.open>[0], 'cluster' | 'platform' | 'hosts'>;

/** Below the repository, since the resources of the package are looked for from there. */
const workDirOf = (name: string) => join(root, '.metal3-testbed', `${prefix}-${name}`);

function openStacks(name: string, layers: Layers): Promise<TestbedStacks> {
  const env = { PULUMI_CONFIG_PASSPHRASE: 'test', PULUMI_BACKEND_URL: `file://${join(workDirOf(name), 'state')}` };
  return TestbedStacks.open({ name, workDir: workDirOf(name), env, ...layers });
}

function removeWorkDir(name: string): void {
  rmSync(workDirOf(name), { recursive: true, force: true });
}
