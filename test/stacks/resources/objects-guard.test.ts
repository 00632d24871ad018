import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { objectsGuard } from '../../../stacks/resources/objects-guard-operations';
import { FakeApi } from '../../src/install/fake-api';
import { rejects } from '../../support/rejects';

const HOSTS = 'GET /apis/metal3.io/v1alpha1/baremetalhosts';
const CLUSTERS = 'GET /apis/cluster.x-k8s.io/v1beta2/clusters';

async function cluster(t: TestContext) {
  const api = await FakeApi.start(t);
  api.put('/api/v1/namespaces/kube-system', { metadata: { uid: 'cluster-1' } });
  const kubeconfig = JSON.stringify({
    'current-context': 'fake',
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
    clusters: [{ name: 'fake', cluster: { server: api.client.server } }],
    users: [{ name: 'fake', user: { token: 'none' } }],
  });
  return { api, remove: () => objectsGuard.delete('objects', { kubeconfig }) };
}

describe('the guard of a platform', () => {
  it('keeps the platform while there are hosts, whoever made them, and says what goes first', async (t) => {
    const { api, remove } = await cluster(t);
    const items = [{ metadata: { namespace: 'lab', name: 'worker-1' } }];
    api.answers.set(HOSTS, () => [200, { metadata: { remainingItemCount: 41 }, items }]);
    const message = /42 hosts are still on the cluster, such as lab\/worker-1, .*run 'pulumi destroy' for the stacks/;
    await rejects(remove(), message, 'cluster');
    // All of it at once: whoever has destroyed one stack is not sent to the next.
    api.answers.set(CLUSTERS, () => [200, { metadata: {}, items: [{ metadata: { namespace: 'c', name: 'c-1' } }] }]);
    await rejects(
      remove(),
      /42 hosts are still on the cluster, such as lab\/worker-1, and 1 cluster, such as c\/c-1, and .*baremetalhosts,clusters --all/,
      'cluster',
    );
  });

  it('lets it go where there is none, or no CRD any more', async (t) => {
    const { api, remove } = await cluster(t);
    await remove();
    api.answers.set(HOSTS, () => [200, { metadata: {}, items: [] }]);
    await remove();
    assert.ok(api.requests.every((request) => request.startsWith('GET ')));
  });

  it('lets it go where the cluster is gone, and with it its hosts', async () => {
    await objectsGuard.delete('objects', { kubeconfig: '/nowhere/kubeconfig' });
  });
});
