import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { TestbedEvent } from '../../../src/events';
import { remove } from '../../../src/install/remove';
import { FakeApi, ours, theirs } from './fake-api';

const HOSTS = '/apis/metal3.io/v1alpha1/namespaces/farm/baremetalhosts';
const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/baremetalhosts.metal3.io';
const DEPLOYMENT = '/apis/apps/v1/namespaces/bmo/deployments/manager';
const WEBHOOK = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/validating';

const inventory = {
  hostNamespaces: ['farm'],
  objects: [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'farm' } },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bmo' } },
    {
      ...{ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
      metadata: { name: 'baremetalhosts.metal3.io' },
      spec: {
        group: 'metal3.io',
        names: { kind: 'BareMetalHost', plural: 'baremetalhosts' },
        versions: [{ name: 'v1alpha1' }],
      },
    },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'manager', namespace: 'bmo' } },
    {
      ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration' },
      metadata: { name: 'validating' },
    },
  ],
};

/** A cluster on which all of the inventory is, with one host and its Secret. */
async function installed(t: TestContext): Promise<FakeApi> {
  const api = await FakeApi.start(t);
  // Applied without a field of its own, a namespace keeps no record of who wrote it.
  api.put('/api/v1/namespaces/farm');
  api.put('/api/v1/namespaces/bmo');
  api.put(`${HOSTS}/worker-1`, { metadata: { ...ours, finalizers: ['baremetalhost.metal3.io'] } });
  api.put('/api/v1/namespaces/farm/secrets/worker-1-bmc-secret', {
    metadata: { ...ours, finalizers: ['baremetalhost.metal3.io/secret'] },
  });
  for (const path of [CRD, DEPLOYMENT, WEBHOOK]) api.put(path, { metadata: ours });
  return api;
}

async function removeFrom(api: FakeApi, problem: string | undefined) {
  const warnings: string[] = [];
  const listener = (event: TestbedEvent) => {
    if (event.type === 'warning') warnings.push(event.detail);
  };
  await remove(api.client, inventory, { playerProblem: () => Promise.resolve(problem), timeoutMs: 500, listener });
  return warnings;
}

describe('taking an installation off a cluster', () => {
  it('deletes hosts, Secrets, their namespaces, the operator and CRDs in this order', async (t) => {
    const api = await installed(t);
    await removeFrom(api, 'the operator is gone');
    assert.deepEqual(api.sent('DELETE'), [
      `${HOSTS}/worker-1`,
      '/api/v1/namespaces/farm/secrets/worker-1-bmc-secret',
      '/api/v1/namespaces/farm',
      WEBHOOK,
      DEPLOYMENT,
      '/api/v1/namespaces/bmo',
      CRD,
    ]);
    assert.equal(api.objects.size, 0);
  });

  it('leaves the finalizers to whoever plays the hosts, and deletes nothing else before the hosts are gone', async (t) => {
    const api = await installed(t);
    const host = `${HOSTS}/worker-1`;
    // The operator, which lets go of the host when it is asked for the second time.
    let asked = 0;
    const lists = '/apis/metal3.io/v1alpha1/baremetalhosts';
    api.answers.set(`GET ${lists}`, () => {
      if (++asked > 2) api.objects.delete(host);
      const items = [api.objects.get(host)].filter((each) => each !== undefined);
      assert.ok(items.length === 0 || api.objects.has(DEPLOYMENT));
      return [200, { metadata: {}, items }];
    });
    assert.deepEqual(await removeFrom(api, undefined), []);
    assert.equal(api.sent('PATCH').includes(host), false);
    assert.equal(api.objects.size, 0);
  });

  it('takes the finalizers off itself where the operator is gone, and says so', async (t) => {
    const warnings = await removeFrom(await installed(t), 'the operator bmo/manager is gone');
    assert.deepEqual(warnings, [
      'the operator bmo/manager is gone; metal3-testbed takes the finalizers off 1 hosts itself',
    ]);
  });

  it('does the same where the operator is there and does nothing', async (t) => {
    const [warning] = await removeFrom(await installed(t), undefined);
    assert.match(warning ?? '', /missing: 1 hosts still there: farm\/worker-1; .*takes the finalizers off/);
  });

  it('keeps what others have made: a host and its CRD, and an object of the same name', async (t) => {
    const api = await installed(t);
    api.put(`${HOSTS}/real`, { metadata: theirs });
    api.put(DEPLOYMENT, { metadata: theirs });
    const warnings = await removeFrom(api, 'kwok has stopped');
    assert.ok(warnings.some((each) => /Deployment bmo\/manager stays: it is not the one/.test(each)));
    assert.ok(
      warnings.some((each) => /baremetalhosts.metal3.io stays: there are 1 baremetalhosts of others/.test(each)),
    );
    assert.deepEqual([...api.objects.keys()].sort(), [CRD, DEPLOYMENT, `${HOSTS}/real`].sort());
  });

  it('goes on where it was interrupted, and is fine with nothing left', async (t) => {
    const api = await installed(t);
    api.answers.set(`DELETE ${WEBHOOK}`, () => [403, { message: 'not now' }]);
    await assert.rejects(removeFrom(api, 'kwok has stopped'), /not now/);
    assert.ok(api.objects.has(DEPLOYMENT));
    api.answers.clear();
    await removeFrom(api, 'kwok has stopped');
    assert.equal(api.objects.size, 0);
    await removeFrom(api, 'kwok has stopped');
  });
});
