import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { parseAllDocuments } from 'yaml';
import { Fleet } from '../../lib/kinds/bare-metal-host/fleet';
import type { HostSetProps } from '../../lib/kinds/bare-metal-host/host-set-props';
import { requireUniqueHosts } from '../../lib/testbed/resolve';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { tempDir } from '../support/temp-dir';
import { root, runProgram } from '../support/cli';
import { record, secretValue, type Registered } from '../support/pulumi-recorder';

const kubeconfig = JSON.stringify({
  'current-context': 'lab',
  clusters: [{ name: 'lab', cluster: { server: 'https://lab.example' } }],
  users: [{ name: 'lab', user: { token: 'token-of-lab' } }],
  contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab' } }],
});

/** What a Pulumi program of the examples registers. */
async function run(name: string, config: Readonly<Record<string, string>> = {}): Promise<readonly Registered[]> {
  const program = async () => {
    const own = Object.entries(config).map(([key, value]) => [`metal3-testbed:${key}`, value]);
    pulumi.runtime.setAllConfig(Object.fromEntries(own) as Record<string, string>);
    await import(join(root, 'build', 'examples', 'pulumi', `${name}.js`));
  };
  const outputsOf = ({ type }: { type: string }) =>
    /:(Kind|Local)Cluster$/.test(type)
      ? { kubeconfig, folder: '/nowhere' }
      : type.endsWith(':HostFleet')
        ? { objects: {} }
        : {};
  return (await record(program, { outputsOf })).resources;
}

const ofType = (resources: readonly Registered[], type: string) =>
  resources.filter((each) => each.type.endsWith(`:${type}`));
const objects = (resources: readonly Registered[], kind: string) =>
  resources.filter(({ inputs }) => inputs['kind'] === kind).map(({ inputs }) => inputs as unknown as KubernetesObject);
/** The host set of each fleet. */
const hostSets = (resources: readonly Registered[]) =>
  resources.filter(({ inputs }) => 'hostSet' in inputs).map(({ inputs }) => inputs['hostSet'] as HostSetProps);

describe('the Pulumi examples', () => {
  it('two-releases: each cluster has an operator of its release, and the same hosts', async () => {
    const made = await run('two-releases');
    const clusters = ofType(made, 'KindCluster').map(({ inputs }) => inputs['name']);
    assert.deepEqual(clusters, ['metal3-stable', 'metal3-next']);
    const images = objects(made, 'Deployment').flatMap(
      (each) => /baremetal-operator:v[\w.-]+/.exec(JSON.stringify(each)) ?? [],
    );
    assert.deepEqual(images, ['baremetal-operator:v0.13.2', 'baremetal-operator:v0.14.0-rc.0']);
    const [stable, next] = hostSets(made);
    assert.deepEqual(stable, next);
    assert.equal(stable?.count, 100);
  });

  it('many-operators: every set has one operator that watches it, and no host is there twice', async () => {
    const made = await run('many-operators', { hostsPerSet: '7' });
    const fleets = hostSets(made).map((set) => new Fleet(set));
    assert.equal(fleets.length, 10);
    requireUniqueHosts(fleets);
    const operators = objects(made, 'Deployment').filter(({ metadata }) => metadata.namespace?.startsWith('operator-'));
    assert.equal(operators.length, 5);
    const hostNamespaces = fleets.flatMap((fleet) => fleet.namespaces());
    const watched = operators.map((each) => hostNamespaces.filter((name) => watches(each, name)));
    assert.deepEqual(
      watched.map(({ length }) => length),
      [2, 2, 2, 2, 2],
    );
    assert.deepEqual(new Set(watched.flat()), new Set(hostNamespaces));
  });

  it('management-clusters: each has a control plane, a simulator and hosts of its own', async () => {
    const made = await run('management-clusters');
    for (const type of ['LocalCluster', 'MetalPlatform', 'LocalSimulators'])
      assert.deepEqual(
        ofType(made, type).map(({ name }) => name),
        ['east', 'west'],
        type,
      );
    assert.deepEqual(
      hostSets(made).map(({ count }) => count),
      [100, 300],
    );
    assert.equal(objects(made, 'CustomResourceDefinition').length % 2, 0);
  });

  it('own-objects: its own objects are on the same cluster, and no secret is in the clear', async () => {
    const made = await run('own-objects', { kubeconfig, bmcPassword: 'hunter-2-canary' });
    const provider = ofType(made, 'kubernetes').find(({ type }) => type === 'pulumi:providers:kubernetes');
    assert.equal(secretValue(provider?.inputs['kubeconfig']), kubeconfig);
    const own = made.find(({ name }) => name === 'user-data');
    assert.match(own?.provider ?? '', /::platform::platform-id$/);
    assert.ok(own?.dependsOn.includes('platform/host accepted'));
    const inTheClear = JSON.stringify(made, (_, value: unknown) => (secretValue(value) === undefined ? value : null));
    assert.doesNotMatch(inTheClear, /hunter-2-canary|token-of-lab|cloud-config/);
    assert.deepEqual(hostSets(made)[0]?.userData, { name: 'user-data', namespace: 'lab' });
    assert.equal(objects(made, 'Deployment').length, 1);
  });
});

/** Whether an operator is told to watch a namespace. */
function watches(deployment: KubernetesObject, namespace: string): boolean {
  return new RegExp(`[",=]${namespace}[",]`).test(JSON.stringify(deployment['spec']));
}

describe('the cdk8s examples', () => {
  /** The objects that a program writes, by file. */
  async function synth(t: TestContext, name: string): Promise<ReadonlyMap<string, readonly KubernetesObject[]>> {
    const dir = tempDir(t);
    const { code, stderr } = await runProgram(process.execPath, [join(root, 'build', 'examples', 'cdk8s', name)], {
      cwd: dir,
    });
    assert.equal(code, 0, stderr);
    const files = readdirSync(join(dir, 'dist')).sort();
    return new Map(
      files.map((file) => {
        const documents = parseAllDocuments(readFileSync(join(dir, 'dist', file), 'utf8'));
        return [file, (documents as { toJSON(): unknown }[]).map((each) => each.toJSON() as KubernetesObject)];
      }),
    );
  }
  const count = (files: ReadonlyMap<string, readonly KubernetesObject[]>, kind: string) =>
    [...files.values()].flat().filter((each) => each.kind === kind).length;

  it('rack-of-hosts: 103 hosts, with an operator for those that are off', async (t) => {
    const files = await synth(t, 'rack-of-hosts.js');
    assert.equal(count(files, 'BareMetalHost'), 103);
    const off = [...files.values()].flat().filter(({ spec }) => (spec as { online?: boolean })?.online === false);
    assert.deepEqual([...new Set(off.map(({ metadata }) => metadata.namespace))], ['spare']);
  });

  it('own-chart: the operator, a host, and a set that take their credentials from one Secret', async (t) => {
    const files = await synth(t, 'own-chart.js');
    assert.deepEqual([...files.keys()], ['1-operator.k8s.yaml', '2-lab.k8s.yaml']);
    assert.equal(count(files, 'BareMetalHost'), 21);
    assert.equal(count(files, 'Secret'), 0);
  });
});
