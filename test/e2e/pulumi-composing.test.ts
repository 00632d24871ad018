/** What programs that compose larger environments do with the resources of this package, with a real engine. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bareMetalHostKind } from '../../lib/kinds/bare-metal-host/kind';
import { clusterKind } from '../../lib/kinds/cluster/kind';
import type { Kind } from '../../lib/kinds/kind';
import { Applier } from '../../src/apply/apply';
import { KubernetesClient } from '../../src/kubernetes/client';
import { parseKubeconfig } from '../../src/kubernetes/kubeconfig';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { objectsPath } from '../../src/watch/paths';
import { root } from '../support/cli';
import { providerDefinitions } from '../support/providers';
import { PulumiProject } from '../support/pulumi';
import { hasKubernetesPlugin, hasPulumi, removeLocalCluster } from '../support/pulumi-layers';

const built = (...path: readonly string[]) => JSON.stringify(join(root, 'build', ...path));

/** Two control planes, and fleets on both, each told in another way where it goes. */
const PROGRAM = `
const pulumi = require('@pulumi/pulumi');
const kubernetes = require('@pulumi/kubernetes');
const { ClusterFleet, HostFleet, LocalCluster, hostsOutputs } = require('metal3-testbed/pulumi');
const { bareMetalHost } = require(${built('lib', 'kinds', 'bare-metal-host', 'schema.js')});
const { defaultVersion } = require(${built('lib', 'components', 'baremetal-operator', 'releases.js')});
const { LAB_NAME = 'one', LAB_OTHERS = 'clusters', LAB_CLUSTER, LAB_SET, LAB_PROTECT, LAB_CLUSTERS, LAB_READS } = process.env;

/** What a resource has been called at other times. */
const called = (...names) => names.map((name) => ({ name }));

function controlPlane(id, name = id) {
  const aliases = id === 'a' ? called('a', 'main') : [];
  const { kubeconfig } = new LocalCluster(name, { controllerManager: false }, { aliases });
  const provider = new kubernetes.Provider(id, { kubeconfig, enableServerSideApply: true });
  const crd = new kubernetes.apiextensions.v1.CustomResourceDefinition(id, bareMetalHost(defaultVersion), { provider });
  return { kubeconfig, provider, crd };
}

function main() {
  const a = controlPlane('a', LAB_CLUSTER);
  const b = controlPlane('b');

  const label = ({ type, props, opts }) =>
    type.endsWith('metal3-testbed:HostFleet') && props.hostSet
      ? { props: { ...props, hostSet: { ...props.hostSet, labels: { by: 'transform' } } }, opts }
      : undefined;
  const one = new HostFleet(
    LAB_NAME,
    { kubeconfig: a.kubeconfig, set: LAB_SET, name: 'one', namespace: 'one', count: 3 },
    { dependsOn: a.crd, aliases: called('one', 'first'), protect: LAB_PROTECT === 'yes', transforms: [label] },
  );
  const made = one.objects.apply((objects) => objects['BareMetalHost.metal3.io']);

  const rack = new pulumi.ComponentResource('lab:index:Rack', 'rack', {}, { providers: { kubernetes: b.provider } });
  const two = new HostFleet(
    'two',
    {
      name: 'two',
      namespace: 'two',
      count: made,
      labels: { others: made.apply(String) },
      overrides: [{ hosts: 2, online: made.apply((count) => count > 100), labels: { rack: pulumi.interpolate\`rack-\${made}\` } }],
    },
    { parent: rack, dependsOn: b.crd },
  );
  const three = new HostFleet('three', { provider: b.provider, name: 'three', namespace: 'three', count: 1 }, { dependsOn: two });
  if (LAB_CLUSTERS === 'yes') {
    const clusters = { name: 'c', count: 2, workers: 0, overrides: [{ clusters: 2, workers: three.count }] };
    const transforms = [
      ({ type, props, opts }) =>
        type.endsWith('metal3-testbed:ClusterFleet') && props.clusterSet
          ? { props: { ...props, clusterSet: { ...props.clusterSet, labels: { by: 'transform' } } }, opts }
          : undefined,
    ];
    const options = { aliases: called('clusters', 'others'), protect: LAB_PROTECT === 'yes', transforms };
    new ClusterFleet(LAB_OTHERS, clusters, { provider: b.provider, dependsOn: [three], ...options });
  }
  return {
    other: b.kubeconfig,
    kubeconfig: one.kubeconfig,
    set: one.set,
    hosts: one.count,
    hostNames: { one: one.hostNames },
    namespaces: { one: one.namespaces, two: two.namespaces },
    objects: { one: one.objects, two: two.objects },
    readiness: {},
  };
}

/** Another stack, which reads what the first one has put out. */
async function reader() {
  const { hosts, hostNames, namespaces } = await hostsOutputs(LAB_READS);
  return { last: hostNames.one.pattern.replace('{index}', String(hosts)), where: namespaces.two };
}
module.exports = LAB_READS ? reader : main;
`;

type Uids = ReadonlyMap<string, string | undefined>;
interface Host extends KubernetesObject {
  readonly spec: { readonly online: boolean };
}

describe('a program with several clusters and fleets, with a real Pulumi engine', { timeout: 900_000 }, async () => {
  const skip = (await hasPulumi()) ?? (await hasKubernetesPlugin());
  if (skip !== undefined) {
    it('is brought up', { skip }, () => undefined);
    return;
  }
  let dir: string;
  let project: PulumiProject;
  const clients: Record<string, KubernetesClient> = {};
  const client = (name: string) => clients[name] ?? assert.fail(`there is no cluster ${name}`);
  const folderOf = (name: string) => join(dir, 'xdg', 'metal3-testbed', 'pulumi', 'fleet', 'dev', name);
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-composing-'));
    project = new PulumiProject(dir, PROGRAM, { XDG_STATE_HOME: join(dir, 'xdg') });
    await project.must(['stack', 'init', 'dev']);
  });
  after(async () => {
    for (const each of Object.values(clients)) await each.close();
    for (const name of ['a', 'b']) await removeLocalCluster(folderOf(name));
    rmSync(dir, { recursive: true, force: true });
  });

  const list = async <T extends KubernetesObject>(name: string, kind: Kind = bareMetalHostKind) =>
    (await client(name).request<{ readonly items: readonly T[] }>('GET', objectsPath(kind))).items;
  const uids = async (name: string, kind?: Kind): Promise<Uids> =>
    new Map((await list(name, kind)).map(({ metadata }) => [metadata.name, metadata.uid]));
  const output = async (key: string, stack: string) =>
    (await project.must(['stack', 'output', '--show-secrets', key, '--stack', stack])).trim();
  const up = (env: Record<string, string> = {}, ...more: string[]) =>
    project.must(['up', '--yes', '--skip-preview', ...more], env);

  it('is announced while next to nothing is known, and brought up', async () => {
    assert.match(await project.must(['preview']), /HostFleet two create/);
    await up();
    for (const [name, key] of [
      ['a', 'kubeconfig'],
      ['b', 'other'],
    ] as const)
      clients[name] = new KubernetesClient(await parseKubeconfig(await output(key, 'dev')));
    await project.must(['up', '--yes', '--expect-no-changes']);
    assert.deepEqual([...(await uids('a')).keys()], ['one-1', 'one-2', 'one-3']);
    assert.deepEqual([...(await uids('b')).keys()], ['three-1', 'two-1', 'two-2', 'two-3']);
  });

  it('hands on what it knows only then, nested values too, and heeds transforms', async () => {
    for (const { metadata } of await list('a')) assert.equal(metadata.labels?.['by'], 'transform');
    const [, first, second] = await list<Host>('b');
    assert.equal(first?.metadata.labels?.['others'], '3');
    assert.deepEqual([second?.metadata.labels?.['rack'], second?.spec.online], ['rack-3', false]);
  });

  it('makes what depends on a fleet once that is there, clusters too', async () => {
    await new Applier(client('b')).applyAll(providerDefinitions(), { task: 'CRDs' });
    await up({ LAB_CLUSTERS: 'yes' });
    await project.must(['up', '--yes', '--expect-no-changes'], { LAB_CLUSTERS: 'yes' });
    const clusters = await list('b', clusterKind);
    for (const { metadata } of clusters) assert.equal(metadata.labels?.['by'], 'transform');
    assert.deepEqual(
      clusters.map(({ metadata }) => metadata.name),
      ['c-1', 'c-2'],
    );
    const made = (objects: readonly KubernetesObject[]) =>
      objects.map(({ metadata }) => Date.parse(String(metadata['creationTimestamp'])));
    const before = (await list('b')).filter(({ metadata }) => /^(two|three)-/.test(metadata.name));
    assert.ok(Math.max(...made(before)) <= Math.min(...made(clusters)));
  });

  it('changes nothing where fleet, cluster and stack are renamed', async () => {
    const all = async () => [await uids('a'), await uids('b'), await uids('b', clusterKind)];
    const before = await all();
    await project.must(['stack', 'rename', 'prod']);
    const renamed = { LAB_NAME: 'first', LAB_OTHERS: 'others', LAB_CLUSTER: 'main', LAB_CLUSTERS: 'yes' };
    await project.must(['up', '--yes', '--expect-no-changes'], renamed);
    assert.deepEqual(await all(), before);
    assert.equal(await output('set', 'prod'), 'fleet.dev.one');
    await project.must(['stack', 'rename', 'dev']);
    await project.must(['up', '--yes', '--expect-no-changes'], { LAB_CLUSTERS: 'yes' });
  });

  it('is read by another stack, with types', async () => {
    await project.must(['stack', 'init', 'reader']);
    await up({ LAB_READS: 'dev' }, '--stack', 'reader');
    assert.equal(await output('last', 'reader'), 'one-3');
    assert.deepEqual(JSON.parse(await output('where', 'reader')), ['two']);
    await project.must(['stack', 'select', 'dev']);
  });

  it('deletes a fleet before the one that replaces it: both have the same hosts', async () => {
    const before = await uids('a');
    const said = await up({ LAB_SET: 'mine', LAB_CLUSTERS: 'yes' });
    const place = (word: RegExp) => said.search(word);
    assert.ok(place(/HostFleet one deleted original/) < place(/HostFleet one created replacement/), said);
    const now = await uids('a');
    assert.deepEqual([...now.keys()], [...before.keys()]);
    for (const [name, uid] of now) assert.notEqual(uid, before.get(name), name);
  });

  it('keeps what is protected', async () => {
    const before = [await uids('a'), await uids('b', clusterKind)];
    const env = { LAB_SET: 'mine', LAB_PROTECT: 'yes', LAB_CLUSTERS: 'yes' };
    await up(env);
    const { code, stdout, stderr } = await project.run(['destroy', '--yes', '--skip-preview'], { env });
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /protected/);
    // What was not protected may be gone by then.
    assert.deepEqual([await uids('a'), await uids('b', clusterKind)], before);
    await project.must(['state', 'unprotect', '--all', '--yes']);
  });

  it('is taken down, and leaves nothing', async () => {
    await project.must(['destroy', '--yes', '--skip-preview'], { LAB_SET: 'mine', LAB_CLUSTERS: 'yes' });
    for (const name of ['a', 'b']) await assert.rejects(list(name), /ECONNREFUSED|cannot be reached|connect/);
  });
});
