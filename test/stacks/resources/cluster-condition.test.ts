import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { stringify } from 'yaml';
import { clusterCondition } from '../../../stacks/resources/cluster-condition-operations';
import { FakeApi } from '../../src/install/fake-api';
import { rejects } from '../../support/rejects';

const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/hosts.example.org';

async function setUp(t: TestContext, timeoutSeconds: number) {
  const api = await FakeApi.start(t);
  const inputs = {
    kubeconfig: stringify({
      'current-context': 'fake',
      clusters: [{ name: 'fake', cluster: { server: api.client.server } }],
      users: [{ name: 'fake', user: { token: 'none' } }],
      contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
    }),
    condition: 'crds-established' as const,
    task: 'CRDs established',
    of: 'one',
    timeoutSeconds,
    objects: [
      {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'hosts.example.org' },
      },
    ],
  };
  const establish = (status: 'True' | 'False') =>
    api.put(CRD, {
      spec: { group: 'example.org', scope: 'Namespaced', names: { kind: 'Host', plural: 'hosts' }, versions: [] },
      status: { conditions: [{ type: 'Established', status }] },
    });
  return { inputs, establish };
}

describe('ClusterCondition', () => {
  it('is made once the condition holds', async (t) => {
    const { inputs, establish } = await setUp(t, 10);
    establish('False');
    const made = clusterCondition.create(inputs);
    establish('True');
    assert.deepEqual(await made, { id: 'crds-established', outs: inputs });
  });

  it('is not made where it does not hold in time, and says what is missing', async (t) => {
    const { inputs, establish } = await setUp(t, 0.1);
    establish('False');
    const missing = /CRDs established: timed out after 0.1 s; missing: CustomResourceDefinition hosts\.example\.org/;
    await rejects(clusterCondition.create(inputs), missing, 'timeout');
    await rejects(clusterCondition.update('', inputs, inputs), missing, 'timeout');
  });

  it('is waited for again where what it is about is another, and not for another deadline', async (t) => {
    const { inputs } = await setUp(t, 1);
    const changes = async (news: object) => (await clusterCondition.diff('', inputs, { ...inputs, ...news })).changes;
    assert.equal(await changes({}), false);
    assert.equal(await changes({ timeoutSeconds: 2 }), false);
    assert.equal(await changes({ of: 'another' }), true);
    assert.equal(await changes({ objects: [] }), true);
  });
});
