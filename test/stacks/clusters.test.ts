import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clustersLayer, type ClustersLayerConfig } from '../../stacks/clusters';
import { clustersOutputs } from '../../stacks/layer-outputs';
import { isSecretOutput, record, secretValue, valueOf } from '../support/pulumi-recorder';
import { rejects } from '../support/rejects';

const fleetsOf = async (config: ClustersLayerConfig, stacks = {}) => {
  const { resources } = await record(() => clustersLayer(config), { project: 'lab', stacks });
  return resources.filter(({ type }) => type.startsWith('pulumi-nodejs:dynamic'));
};

describe('the layer clusters', () => {
  it('makes a fleet of each cluster set, with what is said of all of them', async () => {
    const fleets = await fleetsOf({
      kubeconfig: '/nowhere',
      onClusterGone: 'forget',
      releases: { clusterApi: 'v1.13.4' },
      clusterSets: [
        { name: 'a', count: 5 },
        {
          count: 2,
          namespace: 'lab',
          endpointPort: 30_000,
          hosts: { macPrefix: '02:00:01', bmcAddresses: ['fd01::/64'] },
          set: 'mine',
        },
      ],
    });
    assert.deepEqual(
      fleets.map(({ name, inputs }) => [
        name,
        inputs['set'] ?? inputs['defaultSet'],
        inputs['onClusterGone'],
        inputs['waitFor'],
        inputs['releases'],
      ]),
      [
        ['a', 'lab.dev.a', 'forget', 'settled', { clusterApi: 'v1.13.4' }],
        ['cluster', 'mine', 'forget', 'settled', { clusterApi: 'v1.13.4' }],
      ],
    );
  });

  it('makes one cluster where none is described, and waits for nothing where it is told so', async () => {
    const [fleet] = await fleetsOf({ kubeconfig: '/nowhere', waitFor: 'none' });
    assert.deepEqual(fleet?.inputs['clusterSet'], { count: 1 });
    assert.equal(fleet?.inputs['waitFor'], 'none');
  });

  it('takes the kubeconfig from the stack of the layer below, and keeps it secret', async () => {
    const stacks = { 'organization/lab/dev-hosts': { kubeconfig: 'apiVersion: v1' } };
    const [fleet] = await fleetsOf({ clusterStack: 'dev-hosts' }, stacks);
    assert.equal(secretValue(fleet?.inputs['kubeconfig']), 'apiVersion: v1');
    const missing = fleetsOf({ clusterStack: 'dev-platform' });
    await rejects(missing, /run 'pulumi up --stack dev-platform' first/, 'invalid-input');
  });

  it('puts out by fleet how clusters are called, where they are and what they have come to', async () => {
    const readiness = { states: { available: 2 }, seconds: 1 };
    const { result } = await record(
      () => clustersLayer({ kubeconfig: '/nowhere', clusterSets: [{ name: 'a', count: 2, workers: 3 }] }),
      { project: 'lab', outputsOf: () => ({ objects: {}, readiness }) },
    );
    assert.equal(await valueOf(result.clusters), 2);
    assert.equal(await valueOf(result.machines), 8);
    assert.deepEqual(await valueOf(result.clusterNames), { a: { pattern: 'a-{index}', firstIndex: 1, count: 2 } });
    assert.deepEqual(await valueOf(result.namespaces), { a: ['a-1', 'a-2'] });
    assert.deepEqual(await valueOf(result.readiness), { a: readiness });
    assert.equal(await isSecretOutput(result.kubeconfig), true);
  });

  it('refuses a set, a cluster, an endpoint or a host that is described twice, and registers nothing', async () => {
    const refused = async (config: ClustersLayerConfig, message: RegExp) => {
      const { resources } = await record(() => rejects(clustersLayer(config), message, 'invalid-input'));
      assert.deepEqual(resources, []);
    };
    const kubeconfig = '/nowhere';
    await refused({ kubeconfig, clusterSets: [{ count: 1 }, { count: 1 }] }, /two cluster sets are named 'cluster'/);
    const endpoints = [{ count: 1 }, { name: 'b', count: 1 }];
    await refused({ kubeconfig, clusterSets: endpoints }, /127\.0\.0\.1:20000/);
    const hosts = [{ count: 1 }, { name: 'b', count: 1, endpointPort: 30_000 }];
    await refused({ kubeconfig, clusterSets: hosts }, /host .* of host set/);
    await refused({ clusterSets: [{ count: 1 }] }, /the layer clusters has neither clusterStack and kubeconfig/);
  });

  it('is read by others with types', async () => {
    const outputs = {
      ...{ kubeconfig: 'apiVersion: v1', clusters: 2, machines: 4, namespaces: {}, objects: {}, readiness: {} },
      clusterNames: { a: { pattern: 'a-{index}', firstIndex: 1, count: 2 } },
    };
    const stacks = { 'organization/lab/dev-clusters': outputs };
    const { result } = await record(() => clustersOutputs('dev-clusters'), { project: 'lab', stacks });
    assert.equal(result.machines, 4);
    assert.equal(result.clusterNames['a']?.pattern, 'a-{index}');
    assert.equal(await isSecretOutput(result.kubeconfig), true);
  });
});
