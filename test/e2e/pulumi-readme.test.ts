/** What stacks/README.md tells a reader to type, typed. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { defaultVersion } from '../../lib/components/baremetal-operator/releases';
import { bareMetalHost } from '../../lib/kinds/bare-metal-host/schema';
import { Applier } from '../../src/apply/apply';
import { startLocalCluster } from '../../src/cluster/local/local-cluster';
import { KubernetesClient } from '../../src/kubernetes/client';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { collectionPath } from '../../src/kubernetes/rest-mapper';
import { root, runProgram } from '../support/cli';
import { providerDefinitions } from '../support/providers';
import { whyNoKind } from '../support/kind';
import { hasKubernetesPlugin, hasPulumi, LayersProject, removeLocalCluster } from '../support/pulumi-layers';
import { atEnd, tempDir } from '../support/temp-dir';

const nodeImage = process.env['METAL3_TESTBED_NODE_IMAGE'];
const images = process.env['METAL3_TESTBED_TEST_IMAGES']?.split(',').filter((image) => image !== '') ?? [];

/** The blocks of commands of a page; the package is installed and compiled already. */
function commandsIn(page: string): readonly string[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block.replace(/^npm ci( && |.*\n)/m, ''));
}

/** The one block of a page that has a text in it. */
function blockWith(page: string, part: string): string {
  const found = commandsIn(page).filter((block) => block.includes(part));
  assert.equal(found.length, 1, `${page} has ${found.length} blocks with ${part}`);
  return found[0] ?? '';
}

const START = blockWith('stacks/README.md', 'pulumi login');
/** The same in fewer lines. */
const HOW_TO = blockWith('docs/how-to/pulumi.md', 'pulumi login');
const LOCAL = blockWith('stacks/README.md', 'cluster: local');
const CHANGE = blockWith('stacks/README.md', 'lab.yaml');
const CLUSTERS = blockWith('stacks/README.md', 'stack init dev-clusters');
const NO_CLUSTERS = blockWith('stacks/README.md', 'destroy --yes --stack dev-clusters');
const END = blockWith('stacks/README.md', 'for layer in hosts');
/** What cannot be built from Go modules, and beside what is it that clusters become available. */
const METAL3 = ['METAL3_TESTBED_CAPM3', 'METAL3_TESTBED_IPAM'];

/** A reader with a home and a copy of the repository, in which they type. */
class Reader {
  readonly home: string;

  constructor(readonly dir: string) {
    this.home = join(dir, 'home');
    mkdirSync(this.home);
  }

  /** @returns what was printed @throws where a command fails */
  async type(commands: string): Promise<string> {
    const kept = ['PATH', 'XDG_CACHE_HOME', ...Object.keys(process.env).filter((name) => name.startsWith('METAL3_'))];
    const given = kept.map((name) => [name, process.env[name]] as const).filter(([, value]) => value !== undefined);
    const own = { HOME: this.home, XDG_CACHE_HOME: join(process.env['HOME'] ?? '', '.cache') };
    const quiet = { PULUMI_SKIP_UPDATE_CHECK: 'true', PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true' };
    const env = Object.entries({ ...own, ...quiet, ...Object.fromEntries(given) }).map(
      ([key, value]) => `${key}=${value}`,
    );
    // Each block in a shell of its own, as one goes on the next day: what the first exports is in the profile by then.
    // Pulumi asks the system, and not HOME, where somebody's home is.
    const script = `export PULUMI_CONFIG_PASSPHRASE='…'\n${commands.replaceAll('file://~', `file://${this.home}`)}`;
    const args = ['--ignore-environment', ...env, 'bash', '-e', '-c', script];
    const { code, stdout, stderr } = await runProgram('env', args, { cwd: this.dir });
    assert.equal(code, 0, `${commands}\n${stdout}\n${stderr}`);
    return stdout;
  }
}

function setUp(t: TestContext): Reader {
  const dir = tempDir(t);
  const project = new LayersProject(dir);
  // What the reader copies.
  rmSync(join(dir, 'stacks'), { recursive: true });
  const reader = new Reader(project.dir);
  const stateDir = join(reader.home, '.local/state/metal3-testbed/pulumi/metal3-testbed/dev-cluster/cluster');
  atEnd(t, () => removeLocalCluster(stateDir));
  return reader;
}

/** The start, with lines put before its loop. */
function startWith(lines: string, start = START): string {
  const [before, after] = start.split(/^(?=for layer)/m);
  assert.ok(before !== undefined && after !== undefined);
  return `${before}${lines}\n${after}`;
}

const hostsIn = (printed: string) => printed.split('\n').filter((line) => /^\S+ +worker-\d/.test(line));

describe('the words of stacks/README.md', { timeout: 1_800_000 }, async () => {
  const noEngine = (await hasPulumi()) ?? false;
  const skip = noEngine || ((await hasKubernetesPlugin()) ?? false);

  it('bring up, change and take down three stacks on an embedded control plane', { skip }, async (t) => {
    const reader = setUp(t);
    const hosts = hostsIn(await reader.type(startWith(LOCAL)));
    assert.equal(hosts.length, 10);
    assert.ok(
      hosts.every((line) => line.includes('available')),
      hosts.join('\n'),
    );
    const changed = await reader.type(CHANGE);
    assert.match(changed, /BareMetalHost: 1000 added/);
    const lookAgain = 'kubectl --kubeconfig dev.kubeconfig get bmh -A';
    const now = hostsIn(await reader.type(lookAgain));
    assert.equal(now.length, 1000);
    assert.ok(now.every((line) => line.includes('available')));
    await reader.type(END);
    assert.equal(existsSync(join(reader.home, '.local/state/metal3-testbed/pulumi')), false);
  });

  it('bring up and take down four stacks on an embedded control plane', { skip }, async (t) => {
    const missing = METAL3.filter((name) => process.env[name] === undefined);
    if (missing.length > 0) return t.skip(`${missing.join(' and ')} name no programs`);
    const reader = setUp(t);
    await reader.type(startWith(LOCAL, HOW_TO));
    await reader.type(CLUSTERS);
    const readiness = await reader.type('pulumi stack output --stack dev-clusters readiness');
    assert.deepEqual((JSON.parse(readiness) as Record<string, { states: object }>)['c']?.states, { available: 3 });
    await reader.type(NO_CLUSTERS);
    await reader.type(END);
    assert.equal(existsSync(join(reader.home, '.local/state/metal3-testbed/pulumi')), false);
  });

  it('bring up and take down three stacks on kind', { skip }, async (t) => {
    const why =
      (await whyNoKind(nodeImage)) ?? (images.length === 0 ? 'METAL3_TESTBED_TEST_IMAGES names no images' : '');
    if (why !== '') return t.skip(why);
    const reader = setUp(t);
    // What a machine needs that pulls no images.
    const file = 'stacks/config/Pulumi.dev-cluster.yaml';
    const name = `m3t-readme-${process.pid}`;
    atEnd(t, () => runProgram('docker', ['rm', '--force', '--volumes', `${name}-control-plane`]));
    const lines = [`metal3-testbed:name: ${name}`, `metal3-testbed:loadImages: ${JSON.stringify(images)}`];
    if (nodeImage !== undefined) lines.push(`metal3-testbed:nodeImage: ${nodeImage}`);
    const own = lines.map((line) => `echo '  ${line}' >> ${file}`).join('\n');
    assert.equal(hostsIn(await reader.type(startWith(own))).length, 10);
    await reader.type(END);
  });

  it('describe clusters on a testbed that is up', { skip: noEngine }, async (t) => {
    const reader = setUp(t);
    const testbed = join(reader.dir, '.metal3-testbed');
    atEnd(t, () => removeLocalCluster(testbed));
    // What the reader's own testbed has; there may be no managers here to be started.
    const { connection } = await startLocalCluster({ stateDir: testbed, controllerManager: false });
    const client = new KubernetesClient(await readKubeconfig(connection.kubeconfig));
    atEnd(t, () => client.close());
    const hosts = bareMetalHost(defaultVersion) as unknown as KubernetesObject;
    await new Applier(client).applyAll([hosts, ...providerDefinitions()], { task: 'CRDs' });
    const login = START.split('\n').find((line) => line.includes('pulumi login')) ?? '';
    const clusters = blockWith('stacks/README.md', 'stack init lab-clusters');
    const [before, after] = clusters.split(/^(?=pulumi up --yes --stack lab-clusters)/m);
    assert.ok(before !== undefined && after !== undefined);
    const said = await reader.type(`${login}\n${before}\npulumi config set waitFor none\n${after}`);
    assert.match(said, /Cluster: 3 added/);
    const { items } = await client.request<{ readonly items: readonly KubernetesObject[] }>(
      'GET',
      collectionPath('cluster.x-k8s.io/v1beta2', 'clusters'),
    );
    assert.deepEqual(items.map(({ metadata }) => metadata.name).sort(), ['c-1', 'c-2', 'c-3']);
  });

  it('configure other environments', { skip: noEngine }, async (t) => {
    const reader = setUp(t);
    const login = START.split('\n').find((line) => line.includes('pulumi login')) ?? '';
    const ci = blockWith('stacks/README.md', 'stack init ci-cluster');
    const existing = blockWith('stacks/README.md', 'config set context lab');
    await reader.type(`${login}\n${ci}\n${existing}`);
    const { code, stdout, stderr } = await runProgram(
      'pulumi',
      ['preview', '--stack', 'ci-hosts', '--non-interactive'],
      {
        cwd: reader.dir,
        env: { HOME: reader.home, PULUMI_CONFIG_PASSPHRASE: '…', PULUMI_SKIP_UPDATE_CHECK: 'true' },
      },
    );
    // Nothing is up yet, and it says what is to be brought up first.
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /run 'pulumi up --stack ci-platform' first/);
  });
});
