import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hostProbe } from '../../../lib/components/baremetal-operator/component';
import { accepted, caBundlesInjected, certificatesReady, crdsEstablished } from '../../../src/install/waits';
import { waitFor } from '../../../src/util/wait-for';
import { FakeApi } from './fake-api';

const object = (kind: string, name: string, apiVersion: string, more: object = {}) => ({
  apiVersion,
  kind,
  metadata: { name, ...more },
});

describe('the waits of an install', () => {
  it('name the CRD that the API server does not serve, and why', async (t) => {
    const api = await FakeApi.start(t);
    const crd = object('CustomResourceDefinition', 'hosts.example.org', 'apiextensions.k8s.io/v1');
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/hosts.example.org';
    const spec = { group: 'example.org', names: { kind: 'Host', plural: 'hosts' }, versions: [] };
    const refused = { type: 'NamesAccepted', status: 'False', message: 'plural is taken' };
    api.put(path, { spec, status: { conditions: [refused] } });
    assert.equal(
      await crdsEstablished(api.client, [crd]),
      'CustomResourceDefinition hosts.example.org (plural is taken)',
    );
    api.put(path, { spec, status: { conditions: [{ type: 'Established', status: 'True' }] } });
    assert.equal(await crdsEstablished(api.client, [crd]), undefined);
  });

  it('fail where the API server says of a CRD what none can be', async (t) => {
    const api = await FakeApi.start(t);
    const crd = object('CustomResourceDefinition', 'hosts.example.org', 'apiextensions.k8s.io/v1');
    const spec = { group: 'example.org', names: { kind: 'Host', plural: 'hosts' }, versions: [] };
    for (const wrong of [{}, { spec: 'x' }, { spec: { ...spec, versions: 7 } }, { spec, status: { conditions: {} } }]) {
      api.put('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/hosts.example.org', wrong);
      await assert.rejects(crdsEstablished(api.client, [crd]), /says what no object of its kind can be/);
    }
  });

  it('name the Certificate that is not ready, in the words of cert-manager', async (t) => {
    const api = await FakeApi.start(t);
    const certificate = object('Certificate', 'serving', 'cert-manager.io/v1', { namespace: 'bmo' });
    const path = '/apis/cert-manager.io/v1/namespaces/bmo/certificates/serving';
    api.put(path);
    assert.match((await certificatesReady(api.client, [certificate])) ?? '', /cert-manager has not looked at it yet/);
    api.put(path, { status: { conditions: [{ type: 'Ready', status: 'False', message: 'issuer not found' }] } });
    assert.equal(await certificatesReady(api.client, [certificate]), 'Certificate bmo/serving (issuer not found)');
    api.put(path, { status: { conditions: [{ type: 'Ready', status: 'True' }] } });
    assert.equal(await certificatesReady(api.client, [certificate]), undefined);
  });

  it('name each webhook without a CA, of those that ask for one', async (t) => {
    const api = await FakeApi.start(t);
    const root = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
    const configuration = (name: string, annotations: object) =>
      object('ValidatingWebhookConfiguration', name, 'admissionregistration.k8s.io/v1', { annotations });
    const asked = [configuration('asks', { 'cert-manager.io/inject-ca-from': 'bmo/serving' }), configuration('no', {})];
    api.put(`${root}/asks`, {
      webhooks: [
        { name: 'a', clientConfig: { caBundle: 'eA==' } },
        { name: 'b', clientConfig: {} },
      ],
    });
    api.put(`${root}/no`, { webhooks: [{ name: 'c', clientConfig: {} }] });
    assert.equal(await caBundlesInjected(api.client, asked), 'caBundle of ValidatingWebhookConfiguration asks (b)');
    api.put(`${root}/asks`, { webhooks: [{ name: 'b', clientConfig: { caBundle: 'eA==' } }] });
    assert.equal(await caBundlesInjected(api.client, asked), undefined);
  });

  it('wait for a webhook that cannot be asked yet, and not for one that refuses', async (t) => {
    const api = await FakeApi.start(t);
    const path = 'POST /apis/metal3.io/v1alpha1/namespaces/default/baremetalhosts';
    api.answers.set(path, () => [500, { message: 'failed calling webhook: connection refused' }]);
    assert.match((await accepted(api.client, [hostProbe('default')])) ?? '', /not accepted yet: .*connection refused/);
    api.answers.set(path, () => [403, { message: 'admission webhook "x" denied the request' }]);
    await assert.rejects(accepted(api.client, [hostProbe('default')]), /denied the request/);
    api.answers.set(path, () => [201, {}]);
    assert.equal(await accepted(api.client, [hostProbe('default')]), undefined);
  });

  it('end at their deadline with what is missing by then', async () => {
    const reasons = ['no pod has been made yet', 'ImagePullBackOff'];
    const events: string[] = [];
    await assert.rejects(
      waitFor(
        {
          task: 'operator available',
          deadlineMs: 50,
          everyMs: 5,
          listener: (event) => events.push(`${event.type} ${event.type === 'progress' ? event.detail : ''}`.trim()),
        },
        () => Promise.resolve(reasons.length > 1 ? reasons.shift() : reasons[0]),
      ),
      { code: 'timeout', message: 'operator available: timed out after 0.05 s; missing: ImagePullBackOff' },
    );
    assert.deepEqual(events, ['start', 'progress no pod has been made yet', 'progress ImagePullBackOff']);
  });
});
