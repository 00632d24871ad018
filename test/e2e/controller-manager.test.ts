/** What the two controllers of the embedded control plane do for a testbed, and how it does without them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findLocalCluster } from '../../src/cluster/local/local-cluster';
import { KubernetesClient } from '../../src/kubernetes/client';
import { ignoreNotFound } from '../../src/kubernetes/ignore-not-found';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { until } from '../../src/util/until';
import { cli, type CliResult } from '../support/cli';
import { HOSTS_PATH } from '../support/hosts';
import { atEnd, tempDir } from '../support/temp-dir';

const DEADLINE_MS = 120_000;

function succeeds(result: CliResult): CliResult {
  assert.equal(result.code, 0, result.stdout + result.stderr);
  return result;
}

describe('a testbed with its controller manager', { timeout: 600_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-controllers-'));
  const state = join(dir, 'state');
  let client: KubernetesClient;
  before(async () => {
    const file = join(dir, 'testbed.yaml');
    writeFileSync(file, 'hostSets: [{ count: 100, namespace: lab }]\n');
    succeeds(await cli(['up', file, '--simulator', 'kwok', '--state-dir', state]));
    client = new KubernetesClient(await readKubeconfig(join(state, 'kubeconfig')));
  });
  after(async () => {
    await client.close();
    await cli(['down', '--delete', '--state-dir', state]);
    rmSync(dir, { recursive: true, force: true });
  });

  const goes = async (path: string) => {
    const isGone = async () => (await ignoreNotFound(client.request('GET', path))) === undefined;
    assert.ok(await until(isGone, { deadlineMs: DEADLINE_MS }), `${path} is still there`);
  };

  it('deletes what a deleted object owned', async () => {
    const configMaps = '/api/v1/namespaces/default/configmaps';
    const secrets = '/api/v1/namespaces/default/secrets';
    const make = (path: string, kind: string, metadata: object) =>
      client.request<KubernetesObject>('POST', path, { body: { apiVersion: 'v1', kind, metadata } });
    const owner = await make(secrets, 'Secret', { name: 'owner' });
    const reference = { apiVersion: 'v1', kind: 'Secret', name: 'owner', uid: owner.metadata.uid };
    await make(configMaps, 'ConfigMap', { name: 'owned', ownerReferences: [reference] });
    await make(configMaps, 'ConfigMap', { name: 'other' });
    await client.request('DELETE', `${secrets}/owner`);
    await goes(`${configMaps}/owned`);
    await client.request('GET', `${configMaps}/other`);
  });

  it('ends a deleted namespace with 100 hosts, and up makes both anew', async () => {
    const hosts = async () => (await client.request<{ items: unknown[] }>('GET', HOSTS_PATH)).items.length;
    assert.equal(await hosts(), 100);
    await client.request('DELETE', '/api/v1/namespaces/lab');
    await goes('/api/v1/namespaces/lab');
    assert.equal(await hosts(), 0);
    succeeds(await cli(['up', join(dir, 'testbed.yaml'), '--simulator', 'kwok', '--state-dir', state]));
    assert.equal(await hosts(), 100);
  });
});

describe('a testbed without a controller manager', { timeout: 300_000 }, () => {
  it('has none, says nothing of it, and gets one once it is no longer left out', async (t) => {
    const state = join(tempDir(t), 'state');
    const at = ['--state-dir', state];
    atEnd(t, () => cli(['down', '--delete', ...at]));
    const up = (...args: string[]) => cli(['up', '--hosts', '1', '--simulator', 'kwok', ...args, ...at]);
    const names = async () => (await findLocalCluster(state))?.processes.map(({ name }) => name);
    succeeds(await up('--without-controller-manager'));
    assert.deepEqual(await names(), ['etcd', 'kube-apiserver']);
    assert.equal(succeeds(await cli(['status', ...at])).stderr, '');
    succeeds(await up());
    assert.deepEqual(await names(), ['etcd', 'kube-apiserver', 'kube-controller-manager']);
    succeeds(await up('--without-controller-manager'));
    assert.deepEqual(await names(), ['etcd', 'kube-apiserver']);
  });

  it('is a matter of the embedded control plane', async () => {
    const { code, stderr } = await cli(['up', '--cluster', 'kind', '--without-controller-manager']);
    assert.equal(code, 2);
    assert.match(stderr, /--without-controller-manager goes with --cluster local/);
  });
});
