import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse, stringify } from 'yaml';
import { Fleet } from '../../../../lib/baremetal-host/fleet';
import { extractContext } from '../../../../src/cluster/existing/context';
import { requireSameCluster } from '../../../../src/cluster/existing/existing-cluster';
import { guardCluster } from '../../../../src/cluster/existing/guard';
import { planInventory } from '../../../../src/install/inventory';
import { FakeApi, ours, theirs } from '../../install/fake-api';
import { tempDir } from '../../temp-dir';

const fleets = [new Fleet({ count: 3 })];
const guard = (api: FakeApi, context = 'kind-lab', confirmed?: string) =>
  guardCluster(api.client, { context, confirmed, fleets });

describe('the guard of clusters that others have made', () => {
  it('lets a small cluster pass that has nothing of others', async (t) => {
    const api = await FakeApi.start(t);
    api.put('/api/v1/nodes/one');
    api.put('/api/v1/namespaces/default/secrets/unrelated', { metadata: theirs });
    await guard(api);
    await guard(api, 'product-demo');
  });

  for (const context of ['prod', 'eu-production-1', 'LIVE.example', 'k8s_prd']) {
    it(`takes '${context}' for production until its name is repeated`, async (t) => {
      const api = await FakeApi.start(t);
      await assert.rejects(guard(api, context), new RegExp(`looks like production.*--yes-this-cluster ${context}$`));
      await guard(api, context, context);
    });
  }

  it('wants the name repeated for more nodes than a test takes', async (t) => {
    const api = await FakeApi.start(t);
    for (let i = 0; i < 6; i++) api.put(`/api/v1/nodes/${i}`);
    await assert.rejects(guard(api), /it has 6 nodes, more than 5/);
    await guard(api, 'kind-lab', 'kind-lab');
  });

  it('wants the name repeated where it may not see how large the cluster is', async (t) => {
    const api = await FakeApi.start(t);
    api.answers.set('GET /api/v1/nodes', () => [403, { message: 'nodes is forbidden' }]);
    await assert.rejects(guard(api), /its nodes may not be listed/);
  });

  it('refuses a confirmation that names another cluster', async (t) => {
    await assert.rejects(guard(await FakeApi.start(t), 'kind-lab', 'kind-other'), /says 'kind-other'.*'kind-lab'/);
  });

  it('refuses hosts of others, whatever is confirmed, and not those of its own', async (t) => {
    const api = await FakeApi.start(t);
    const host = '/apis/metal3.io/v1alpha1/namespaces/default/baremetalhosts';
    api.put(`${host}/worker-1`, { metadata: ours });
    await guard(api);
    api.put(`${host}/real`, { metadata: theirs });
    await assert.rejects(guard(api, 'kind-lab', 'kind-lab'), /has 1 BareMetalHosts of others \(default\/real\)/);
  });

  it('refuses to write into a Secret of somebody else', async (t) => {
    const api = await FakeApi.start(t);
    api.put('/api/v1/namespaces/default/secrets/worker-2-bmc-secret', { metadata: theirs });
    await assert.rejects(guard(api), /a Secret default\/worker-2-bmc-secret of somebody else's/);
  });

  it('knows a cluster by more than its address', async (t) => {
    const api = await FakeApi.start(t);
    api.put('/api/v1/namespaces/kube-system', { metadata: { uid: 'second' } });
    await requireSameCluster(api.client, undefined);
    await requireSameCluster(api.client, 'second');
    await assert.rejects(requireSameCluster(api.client, 'first'), /is not the cluster that 'up' was run on/);
  });
});

describe('what is written down before anything is put onto such a cluster', () => {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'cert-manager' } };
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'm', namespace: 'cert-manager' } };
  const none = { objects: [], hostNamespaces: [] };

  it('is all that is not there yet; a namespace that exists is used and stays', async (t) => {
    const api = await FakeApi.start(t);
    api.put('/api/v1/namespaces/cert-manager', { metadata: theirs });
    const plan = await planInventory(api.client, [namespace, deployment], ['default'], none);
    assert.deepEqual(plan, { objects: [deployment], hostNamespaces: ['default'] });
    assert.deepEqual(
      api.requests.filter((each) => !each.startsWith('GET')),
      [],
    );
  });

  it('has the leases that its controllers will make, but for those that are there', async (t) => {
    const api = await FakeApi.start(t);
    api.put('/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kept', { metadata: theirs });
    const metadata = { name: 'r', namespace: 'kube-system' };
    const rules = [{ resources: ['leases'], resourceNames: ['made', 'kept'] }, { resources: ['leases'] }];
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules };
    const { leases } = await planInventory(api.client, [role], [], none);
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
    assert.deepEqual(leases, [{ ...lease, metadata: { name: 'made', namespace: 'kube-system' } }]);
  });

  it("is refused where an object of the testbed's is somebody else's", async (t) => {
    const api = await FakeApi.start(t);
    api.put('/apis/apps/v1/namespaces/cert-manager/deployments/m', { metadata: theirs });
    await assert.rejects(
      planInventory(api.client, [namespace, deployment], [], none),
      /has 1 objects already .*Deployment cert-manager\/m; .*set installCertManager: false/,
    );
  });

  it('keeps what an earlier description had until it is taken off', async (t) => {
    const api = await FakeApi.start(t);
    api.put('/apis/apps/v1/namespaces/cert-manager/deployments/m', { metadata: ours });
    const known = { objects: [deployment], hostNamespaces: ['farm'] };
    const plan = await planInventory(api.client, [namespace], ['default'], known);
    assert.deepEqual(plan, { objects: [namespace, deployment], hostNamespaces: ['default', 'farm'] });
    await planInventory(api.client, [namespace, deployment], [], known);
  });
});

describe('the kubeconfig that a testbed on such a cluster keeps', () => {
  it('has the one context alone, as its current one, and files by their full path', async (t) => {
    const dir = tempDir(t);
    mkdirSync(join(dir, 'pki'));
    const file = join(dir, 'config');
    const entry = (name: string) => ({
      cluster: { name, cluster: { server: `https://${name}`, 'certificate-authority': 'pki/ca.crt' } },
      user: { name: `${name}-admin`, user: { token: `token-of-${name}` } },
      context: { name, context: { cluster: name, user: `${name}-admin`, namespace: 'x' } },
    });
    const both = [entry('lab'), entry('production')];
    writeFileSync(
      file,
      stringify({
        'current-context': 'production',
        clusters: both.map((each) => each.cluster),
        users: both.map((each) => each.user),
        contexts: both.map((each) => each.context),
      }),
    );
    const text = await extractContext(file, 'lab');
    const copy = parse(text) as Record<string, unknown>;
    assert.equal(copy['current-context'], 'lab');
    assert.deepEqual(copy['clusters'], [
      { name: 'lab', cluster: { server: 'https://lab', 'certificate-authority': join(dir, 'pki', 'ca.crt') } },
    ]);
    assert.doesNotMatch(text, /production/);
  });
});
