import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { whyNotAvailable } from '../../../src/install/workloads';
import { FakeApi } from './fake-api';

const PODS = '/api/v1/namespaces/bmo/pods';

async function why(t: TestContext, status: object, pods: readonly object[] = [], more: Record<string, unknown> = {}) {
  const api = await FakeApi.start(t);
  api.put('/apis/apps/v1/namespaces/bmo/deployments/manager', {
    metadata: { generation: 2 },
    spec: { replicas: 1, selector: { matchLabels: { app: 'manager' } } },
    status: { observedGeneration: 2, ...status },
  });
  api.answers.set(`GET ${PODS}`, () => [200, { items: pods }]);
  for (const [path, body] of Object.entries(more)) api.answers.set(`GET ${path}`, () => [200, body]);
  return whyNotAvailable(api.client, { namespace: 'bmo', name: 'manager' });
}

const pod = (state: object, more: object = {}) => ({
  metadata: { name: 'manager-1', namespace: 'bmo' },
  status: { containerStatuses: [{ name: 'manager', ready: false, restartCount: 3, state }], ...more },
});

describe('why a Deployment is not available', () => {
  it('is an error where an answer says what no Deployment and no pod can, wherever it is wrong', async (t) => {
    const wrong = /says what no object of its kind can be/;
    const conditions = [7, 'x', [7], [{ type: {}, status: 'True' }], [{ type: 'Ready', status: 'True', message: {} }]];
    for (const each of conditions) await assert.rejects(why(t, { conditions: each }), wrong);
    for (const each of conditions) await assert.rejects(why(t, {}, [pod({}, { conditions: each })]), wrong);
    for (const containerStatuses of [
      7,
      [null],
      [{ name: 7 }],
      [{ name: 'a', state: 7 }],
      [{ name: 'a', state: { waiting: [] } }],
    ])
      await assert.rejects(why(t, {}, [pod({}, { containerStatuses })]), wrong);
    for (const object of [
      { spec: 7 },
      { spec: {} },
      { spec: { selector: { matchLabels: 'x' } } },
      { spec: { selector: {} }, status: 'x' },
    ]) {
      const api = await FakeApi.start(t);
      api.put('/apis/apps/v1/namespaces/bmo/deployments/manager', object);
      await assert.rejects(whyNotAvailable(api.client, { namespace: 'bmo', name: 'manager' }), wrong);
    }
  });

  it('is said of pods of which Go has written null', async (t) => {
    const nothing = { metadata: { name: 'manager-1', namespace: 'bmo' }, status: null };
    assert.match((await why(t, { conditions: null }, [nothing])) ?? '', /pod manager-1 is being started$/);
  });

  it('is nothing once its newest pods are available', async (t) => {
    assert.equal(await why(t, { replicas: 1, updatedReplicas: 1, availableReplicas: 1 }), undefined);
  });

  it('is old pods that are still there, though as many are available as are wanted', async (t) => {
    assert.match(
      (await why(t, { replicas: 2, updatedReplicas: 1, availableReplicas: 1 })) ?? '',
      /Deployment bmo\/manager/,
    );
  });

  it('is an image that cannot be pulled, by name', async (t) => {
    const waiting = { reason: 'ImagePullBackOff', message: 'Back-off pulling image "quay.io/nowhere:v1"' };
    assert.equal(
      await why(t, { replicas: 1 }, [pod({ waiting })]),
      'Deployment bmo/manager: pod manager-1 container manager: ImagePullBackOff: Back-off pulling image "quay.io/nowhere:v1"',
    );
  });

  it('is a container that crashes, with the end of its log', async (t) => {
    const crash = pod({ waiting: { reason: 'CrashLoopBackOff', message: 'back-off 10s' } });
    const log = { [`${PODS}/manager-1/log`]: 'starting\nunknown flag: --test-mode\n' };
    assert.match(
      (await why(t, { replicas: 1 }, [crash], log)) ?? '',
      /CrashLoopBackOff, 3 restarts; the end of its log: starting \| unknown flag: --test-mode$/,
    );
  });

  it('is a Secret that is not there, which only an event tells', async (t) => {
    const creating = pod({ waiting: { reason: 'ContainerCreating' } });
    const events = { items: [{ message: 'MountVolume.SetUp failed: secret "cert" not found' }] };
    assert.match(
      (await why(t, { replicas: 1 }, [creating], { '/api/v1/namespaces/bmo/events': events })) ?? '',
      /ContainerCreating: MountVolume\.SetUp failed: secret "cert" not found$/,
    );
  });

  it('is a pod that no node takes', async (t) => {
    const conditions = [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available: too many pods' }];
    assert.match(
      (await why(t, { replicas: 1 }, [pod({}, { conditions })])) ?? '',
      /pod manager-1 is not scheduled: 0\/1 nodes are available/,
    );
  });

  it('is a quota that lets no pod be made', async (t) => {
    const conditions = [{ type: 'ReplicaFailure', status: 'True', message: 'exceeded quota' }];
    assert.equal(await why(t, { conditions }), 'Deployment bmo/manager: exceeded quota');
  });
});
