import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse, stringify } from 'yaml';
import { Fleet } from '../../../../lib/kinds/bare-metal-host/fleet';
import type { TestbedEvent } from '../../../../src/util/events';
import { extractContext } from '../../../../src/cluster/existing/context';
import { requireSameCluster } from '../../../../src/cluster/existing/existing-cluster';
import { guardCluster } from '../../../../src/cluster/existing/guard';
import { leasesNamedBy } from '../../../../src/install/installation';
import { describedClusters } from '../../../../src/testbed/described';
import { setsOf } from '../../../../src/testbed/sets';
import type { GuardOptions } from '../../../../src/cluster/existing/guard';
import { FakeApi, memberOf, othersOfOurs, sets, theirs } from '../../install/fake-api';
import { clusterSet } from '../../../support/cluster-doubles';
import { tempDir } from '../../../support/temp-dir';

const fleets = [new Fleet({ count: 3 })];
const guard = (api: FakeApi, options: Partial<GuardOptions> = {}) =>
  guardCluster(api.client, {
    context: 'kind-lab',
    confirmed: undefined,
    fleets,
    platform: [],
    sets,
    takeOverHosts: false,
    ...options,
  });

describe('the guard of clusters that others have made', () => {
  it('lets a small cluster pass that has nothing of others', async (t) => {
    const api = await FakeApi.start(t);
    api.put('/api/v1/nodes/one');
    api.put('/api/v1/namespaces/default/secrets/unrelated', { metadata: theirs });
    await guard(api);
    await guard(api, { context: 'product-demo' });
  });

  for (const context of ['prod', 'eu-production-1', 'LIVE.example', 'k8s_prd']) {
    it(`takes '${context}' for production until its name is repeated`, async (t) => {
      const api = await FakeApi.start(t);
      await assert.rejects(
        guard(api, { context }),
        new RegExp(`looks like production.*--yes-this-cluster ${context}$`),
      );
      await guard(api, { context, confirmed: context });
    });
  }

  it('wants the name repeated for more nodes than a test takes', async (t) => {
    const api = await FakeApi.start(t);
    for (let i = 0; i < 6; i++) api.put(`/api/v1/nodes/${i}`);
    await assert.rejects(guard(api), /it has 6 nodes, more than 5/);
    await guard(api, { confirmed: 'kind-lab' });
  });

  it('wants the name repeated where it may not see how large the cluster is', async (t) => {
    const api = await FakeApi.start(t);
    api.answers.set('GET /api/v1/nodes', () => [403, { message: 'nodes is forbidden' }]);
    await assert.rejects(guard(api), /its nodes may not be listed/);
  });

  it('refuses a confirmation that names another cluster', async (t) => {
    await assert.rejects(guard(await FakeApi.start(t), { confirmed: 'kind-other' }), /says 'kind-other'.*'kind-lab'/);
  });

  const hosts = '/apis/metal3.io/v1alpha1/namespaces/elsewhere/baremetalhosts';

  for (const [whose, metadata] of [
    ['somebody else', theirs],
    ['the command apply, with a set of its own', { ...othersOfOurs, ...memberOf({ name: 'real' }) }],
    ['another testbed', memberOf(setsOf('existing', 'ffffffff').hosts)],
    ['this package, in no set', othersOfOurs],
  ] as const) {
    it(`refuses hosts of ${whose}, unless they may be taken over, and not those of its own`, async (t) => {
      const api = await FakeApi.start(t);
      api.put(`${hosts}/worker-1`, { metadata: memberOf(sets.hosts) });
      await guard(api);
      for (let i = 1; i <= 4; i++) api.put(`${hosts}/real-${i}`, { metadata });
      const expected =
        /has 4 BareMetalHosts that this testbed did not make \(elsewhere\/real-1, elsewhere\/real-2, elsewhere\/real-3, …\).*--take-over-hosts/;
      await assert.rejects(guard(api), expected);
      await assert.rejects(guard(api, { confirmed: 'kind-lab' }), expected);
      const warnings: string[] = [];
      const listener = (event: TestbedEvent) => void (event.type === 'warning' && warnings.push(event.detail));
      await guard(api, { takeOverHosts: true, listener });
      assert.match(warnings.join(), /4 BareMetalHosts .* are simulated too, and never deleted by this testbed/);
      assert.deepEqual(
        api.requests.filter((each) => !each.startsWith('GET')),
        [],
      );
    });
  }

  it('refuses to write over a host or Secret of somebody else, whatever may be taken over', async (t) => {
    const api = await FakeApi.start(t);
    api.put('/api/v1/namespaces/default/secrets/worker-2-bmc-secret', { metadata: othersOfOurs });
    await assert.rejects(
      guard(api, { takeOverHosts: true }),
      /a Secret default\/worker-2-bmc-secret that this testbed did not create/,
    );
    api.put('/api/v1/namespaces/default/secrets/worker-2-bmc-secret', { metadata: memberOf(sets.hosts) });
    await guard(api);
    api.put('/apis/metal3.io/v1alpha1/namespaces/default/baremetalhosts/worker-3', { metadata: theirs });
    await assert.rejects(
      guard(api, { takeOverHosts: true }),
      /a BareMetalHost default\/worker-3 that this testbed did not create/,
    );
  });

  it('refuses to write over a Cluster of somebody else, or a Secret in the place of one of its clusters', async (t) => {
    const api = await FakeApi.start(t);
    const clusters = describedClusters([clusterSet(3, 'lab')]);
    await guard(api, { clusters });
    api.put('/apis/cluster.x-k8s.io/v1beta2/namespaces/lab/clusters/c-2', { metadata: memberOf(sets.clusters) });
    api.put('/apis/cluster.x-k8s.io/v1beta2/namespaces/other/clusters/c-1', { metadata: theirs });
    await guard(api, { clusters });
    api.put('/apis/cluster.x-k8s.io/v1beta2/namespaces/lab/clusters/c-3', { metadata: theirs });
    await assert.rejects(guard(api, { clusters }), /a Cluster lab\/c-3 that this testbed did not create/);
    api.put('/apis/cluster.x-k8s.io/v1beta2/namespaces/lab/clusters/c-3', { metadata: memberOf(sets.clusters) });
    api.put('/api/v1/namespaces/lab/secrets/c-1-ca', { metadata: othersOfOurs });
    await assert.rejects(
      guard(api, { clusters, confirmed: 'kind-lab' }),
      /a Secret lab\/c-1-ca that this testbed did not/,
    );
    assert.deepEqual(
      api.requests.filter((each) => !each.startsWith('GET')),
      [],
    );
  });

  it('knows a cluster by more than its address', async (t) => {
    const api = await FakeApi.start(t);
    api.put('/api/v1/namespaces/kube-system', { metadata: { uid: 'second' } });
    await requireSameCluster(api.client, undefined);
    await requireSameCluster(api.client, 'second');
    await assert.rejects(requireSameCluster(api.client, 'first'), /is not the cluster that 'up' was run on/);
  });
});

describe('the platform of a testbed on such a cluster', () => {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'cert-manager' } };
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'm', namespace: 'cert-manager' } };
  const path = '/apis/apps/v1/namespaces/cert-manager/deployments/m';

  it('may find its own objects, and namespaces and leases of others, which are shared', async (t) => {
    const api = await FakeApi.start(t);
    api.put('/api/v1/namespaces/cert-manager', { metadata: theirs });
    api.put(path, { metadata: memberOf(sets.platform) });
    await guard(api, { platform: [namespace, deployment] });
    assert.deepEqual(
      api.requests.filter((each) => !each.startsWith('GET')),
      [],
    );
  });

  for (const [whose, metadata] of [
    ["somebody else's", theirs],
    ["another testbed's", memberOf(setsOf('existing', 'ffffffff').platform)],
    ['written by this package, of no set', othersOfOurs],
  ] as const) {
    it(`is refused where an object of its own is ${whose}`, async (t) => {
      const api = await FakeApi.start(t);
      api.put(path, { metadata });
      await assert.rejects(
        guard(api, { platform: [namespace, deployment] }),
        /has 1 objects already .*Deployment cert-manager\/m; .*set installCertManager: false/,
      );
    });
  }

  it('has the leases that its controllers name in their Roles', () => {
    const metadata = { name: 'r', namespace: 'kube-system' };
    const rules = [{ resources: ['leases'], resourceNames: ['made'] }, { resources: ['leases'] }];
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules };
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
    assert.deepEqual(leasesNamedBy([role]), [{ ...lease, metadata: { name: 'made', namespace: 'kube-system' } }]);
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
