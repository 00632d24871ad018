/** What a testbed puts onto a cluster besides hosts, and takes off again; also one that an earlier version has set up. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bareMetalHost } from '../../lib/kinds/bare-metal-host/schema';
import { defaultVersion } from '../../lib/components/baremetal-operator/releases';
import { Fleet } from '../../lib/kinds/bare-metal-host/fleet';
import { Applier } from '../../src/apply/apply';
import { PART_OF_LABEL } from '../../src/apply/apply-set';
import { startLocalCluster, stopLocalCluster } from '../../src/cluster/local/local-cluster';
import { KubernetesClient } from '../../src/kubernetes/client';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig';
import { namespaceObject, type KubernetesObject } from '../../src/kubernetes/objects';
import { ignoreNotFound } from '../../src/kubernetes/ignore-not-found';
import { pagesOf } from '../../src/kubernetes/pages';
import { collectionPath } from '../../src/kubernetes/rest-mapper';
import { until } from '../../src/util/until';
import { objectsOf } from '../faults/support/hosts';
import { cli, type CliResult } from '../support/cli';

const CRDS = collectionPath('apiextensions.k8s.io/v1', 'customresourcedefinitions');
const HOSTS = collectionPath('metal3.io/v1alpha1', 'baremetalhosts');
const KINDS = [
  CRDS,
  ...['namespaces', 'configmaps', 'secrets', 'serviceaccounts'].map((plural) => collectionPath('v1', plural)),
  ...['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'].map((plural) =>
    collectionPath('rbac.authorization.k8s.io/v1', plural),
  ),
];

function succeeds(result: CliResult): CliResult {
  assert.equal(result.code, 0, result.stderr);
  return result;
}

describe('the platform of a testbed on a cluster of others, a real kube-apiserver', { timeout: 600_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-platform-'));
  const clusterDir = join(dir, 'cluster');
  const stateDir = join(dir, 'state');
  let client: KubernetesClient;
  let kubeconfig: string;
  const context = 'metal3-testbed';

  before(async () => {
    ({ kubeconfig } = (await startLocalCluster({ stateDir: clusterDir })).connection);
    client = new KubernetesClient(await readKubeconfig(kubeconfig));
  });
  after(async () => {
    await cli(['down', '--state-dir', stateDir]);
    await client.close();
    await stopLocalCluster(clusterDir, { delete: true });
    rmSync(dir, { recursive: true, force: true });
  });

  const up = (...more: string[]) =>
    cli(
      [
        ...['up', '--hosts', '3', '--simulator', 'kwok', '--cluster', 'existing', '--state-dir', stateDir],
        ...['--kubeconfig', kubeconfig, '--context', context, ...more],
      ],
      { cwd: dir },
    );
  const down = () => cli(['down', '--state-dir', stateDir]);
  async function everything(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const path of KINDS)
      for await (const { items } of pagesOf<KubernetesObject>(client, path, { metadataOnly: true }))
        for (const { metadata } of items)
          found[`${path} ${metadata.namespace ?? ''}/${metadata.name}`] = metadata.resourceVersion ?? '';
    return found;
  }
  const names = async (path: string) => {
    const found: string[] = [];
    for await (const { items } of pagesOf<KubernetesObject>(client, path, { metadataOnly: true }))
      for (const { metadata } of items) found.push(metadata.name);
    return found;
  };

  /** A definition goes a moment after it is deleted. */
  async function deleted(path: string): Promise<void> {
    await client.request('DELETE', path);
    const isGone = async () => (await ignoreNotFound(client.request('GET', path))) === undefined;
    assert.ok(await until(isGone, { deadlineMs: 30_000 }), `${path} is gone`);
  }

  it('is all taken off again: CRDs, roles, accounts, namespaces', async () => {
    const earlier = await everything();
    succeeds(await up());
    assert.equal((await names(CRDS)).length > 10, true);
    const later = await everything();
    for (const [name, version] of Object.entries(earlier)) assert.equal(later[name], version, name);
    const down_ = succeeds(await down());
    assert.match(down_.stderr, /^hosts deleted: done in .*6 removed/m);
    assert.deepEqual(await everything(), earlier);
    assert.equal(existsSync(stateDir), false);
  });

  it('keeps the definition of hosts of which others have some by then, and nothing else', async () => {
    const earlier = await everything();
    succeeds(await up());
    const theirs = new Fleet({ name: 'theirs', count: 2, firstIndex: 100 });
    await new Applier(client).apply(objectsOf(theirs), { task: 'theirs', set: { name: 'theirs' } });
    const { stderr } = succeeds(await down());
    assert.match(
      stderr,
      /CustomResourceDefinition baremetalhosts\.metal3\.io was kept: there are 2 baremetalhosts of others \(BareMetalHost default\/theirs-10[01], /,
    );
    assert.deepEqual(await names(CRDS), ['baremetalhosts.metal3.io']);
    assert.deepEqual((await names(HOSTS)).sort(), ['theirs-100', 'theirs-101']);
    const crd = await client.request<KubernetesObject>('GET', `${CRDS}/baremetalhosts.metal3.io`);
    assert.equal(crd.metadata.labels?.[PART_OF_LABEL], undefined);
    // What is there now is somebody else's: it is not written over.
    const refused = await up('--take-over-hosts');
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(
      refused.stderr,
      /CustomResourceDefinition baremetalhosts\.metal3\.io; .*set operators\[\]\.crds: false/,
    );
    // And nothing is left of it in its folder either.
    assert.equal(existsSync(stateDir), false);
    // The simulator that gave them their finalizers is gone.
    for (const name of ['theirs-100', 'theirs-101'])
      await client.request('PATCH', `${collectionPath('metal3.io/v1alpha1', 'baremetalhosts', 'default')}/${name}`, {
        contentType: 'application/merge-patch+json',
        body: { metadata: { finalizers: null } },
      });
    await new Applier(client).prune([], { task: 'theirs', set: { name: 'theirs' }, pruneAll: true });
    for (const path of [`${CRDS}/baremetalhosts.metal3.io`, '/api/v1/namespaces/default/configmaps/theirs'])
      await deleted(path);
    assert.deepEqual(await everything(), earlier);
  });

  it('is known where an earlier version has put it there, and written down what', async () => {
    const earlier = await everything();
    const applier = new Applier(client);
    // As it did: no label but on hosts and Secrets, which were in one set for all testbeds.
    const crd = bareMetalHost(defaultVersion) as unknown as KubernetesObject;
    await applier.applyAll([crd, namespaceObject('farm'), namespaceObject('others')], { task: 'before' });
    const [own, others] = ['farm', 'others'].map((namespace) => new Fleet({ name: namespace, namespace, count: 2 }));
    assert.ok(own && others);
    const former = { name: 'testbed-hosts' };
    await applier.apply([...objectsOf(own), ...objectsOf(others)], { task: 'before', set: former });
    mkdirSync(stateDir, { mode: 0o700 });
    const copy = join(stateDir, 'kubeconfig');
    copyFileSync(kubeconfig, copy);
    const { metadata } = await client.request<KubernetesObject>('GET', '/api/v1/namespaces/kube-system');
    const state = { cluster: 'existing', kubeconfig: copy, context, simulator: 'kwok', clusterId: metadata.uid };
    writeFileSync(join(stateDir, 'testbed.json'), JSON.stringify(state));
    const configMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'testbed-hosts', namespace: 'default' },
    };
    const objects = [{ ...crd, spec: undefined }, namespaceObject('farm'), configMap];
    writeFileSync(join(stateDir, 'inventory.json'), JSON.stringify({ objects, hostNamespaces: ['farm'] }));

    const { stderr } = succeeds(await down());
    assert.match(stderr, /baremetalhosts\.metal3\.io was kept: there are 2 baremetalhosts of others/);
    assert.equal(existsSync(stateDir), false);
    // Another testbed's of that version, in the set that it knows.
    assert.deepEqual((await names(HOSTS)).sort(), ['others-1', 'others-2']);
    assert.equal((await names(collectionPath('v1', 'namespaces'))).includes('farm'), false);
    await applier.prune([], { task: 'others', set: former, pruneAll: true });
    for (const path of [`${CRDS}/baremetalhosts.metal3.io`, '/api/v1/namespaces/default/configmaps/testbed-hosts'])
      await deleted(path);
    await client.request('DELETE', '/api/v1/namespaces/others');
    const later = await everything();
    for (const [name, version] of Object.entries(earlier)) assert.equal(later[name], version, name);
  });
});
