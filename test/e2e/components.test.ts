/** Components, those of the package and one that it does not know, installed on a real API server. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { certManagerComponent } from '../../lib/components/cert-manager/component';
import { installOrder } from '../../lib/components/install-order';
import { Applier } from '../../src/apply/apply';
import { install } from '../../src/install/install';
import { installationOfComponents } from '../../src/install/installation';
import { installSteps } from '../../src/install/steps';
import { ignoreNotFound } from '../../src/kubernetes/ignore-not-found';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { until } from '../../src/util/until';
import type { TestbedEvent } from '../../src/util/events';
import { Lab } from '../faults/support/lab';
import { gadgetComponent } from '../support/gadget-component';

const DEADLINE_MS = 30_000;
const CERT_MANAGER = '/apis/apps/v1/namespaces/cert-manager/deployments';
const GADGET = '/apis/apps/v1/namespaces/default/deployments/gadget';
const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1';

describe('components, on a real API server', { timeout: 120_000 }, () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.start();
  });
  after(() => lab.stop());

  const get = (path: string) => ignoreNotFound(lab.client.request<KubernetesObject>('GET', path));
  const comes = (path: string) => until(() => get(path), { deadlineMs: DEADLINE_MS, everyMs: 50 });
  const patch = (path: string, body: object) =>
    lab.client.request('PATCH', path, { contentType: 'application/merge-patch+json', body });
  /** What a controller would say, which this cluster has none of. */
  const makeAvailable = async (path: string) => {
    assert.ok(await comes(path), `${path} was not made`);
    const counts = { replicas: 1, updatedReplicas: 1, availableReplicas: 1, readyReplicas: 1 };
    await patch(`${path}/status`, { status: { observedGeneration: 1, ...counts } });
  };
  const injectCa = async (plural: string) => {
    const path = `${WEBHOOKS}/${plural}/cert-manager-webhook`;
    const { webhooks } = (await comes(path)) as unknown as { webhooks: { name: string; clientConfig: object }[] };
    // A certificate is not looked at before it is used; PEM it has to be.
    const caBundle = Buffer.from(lab.credentials.ca ?? '').toString('base64');
    await patch(path, {
      webhooks: webhooks.map((each) => ({ ...each, clientConfig: { ...each.clientConfig, caBundle } })),
    });
  };

  it('are put on in the order of their needs, each once what it needs is ready', async () => {
    const components = installOrder([gadgetComponent, certManagerComponent({})]);
    const events: string[] = [];
    const installing = install(
      lab.client,
      new Applier(lab.client),
      installSteps(installationOfComponents(components)),
      {
        set: { name: 'components' },
        timeoutMs: DEADLINE_MS,
        listener: (event: TestbedEvent) => void (event.type === 'done' && events.push(event.task)),
      },
    );
    const deployments = ['cert-manager-cainjector', 'cert-manager'].map((name) => `${CERT_MANAGER}/${name}`);
    for (const path of deployments) await makeAvailable(path);
    assert.equal(await get(GADGET), undefined, 'before cert-manager is available');
    await makeAvailable(`${CERT_MANAGER}/cert-manager-webhook`);
    await injectCa('mutatingwebhookconfigurations');
    assert.equal(await get(GADGET), undefined, "before cert-manager's webhooks have their CA");
    await injectCa('validatingwebhookconfigurations');
    await makeAvailable(GADGET);
    await installing;
    assert.deepEqual(events, [
      ...['namespaces and CRDs', 'CRDs established'],
      ...['cert-manager', 'cert-manager available', 'CA of cert-manager'],
      ...['gadget', 'gadget available', 'ConfigMap accepted'],
    ]);
    assert.deepEqual((await get('/api/v1/namespaces/default/configmaps/gadget'))?.['data'], { size: '9' });
  });

  it('end with what is missing of one that does not come to be ready', async () => {
    const steps = installSteps(installationOfComponents(installOrder([{ ...gadgetComponent, needs: [] }])));
    await patch(`${GADGET}/status`, { status: { availableReplicas: 0, readyReplicas: 0 } });
    await assert.rejects(
      install(lab.client, new Applier(lab.client), steps, { set: { name: 'components' }, timeoutMs: 500 }),
      { code: 'timeout', message: /^gadget available: timed out after 0\.5 s; missing: .*default\/gadget/ },
    );
  });
});
