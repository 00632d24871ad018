import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveTestbed } from '../../../lib/testbed/resolve';
import { installationOf } from '../../../src/install/installation';
import { stepsBesideManagers } from '../../../src/install/steps';
import { managersOf } from '../../../src/managers/manager-programs';
import type { KubernetesObject } from '../../../src/kubernetes/objects';
import { besideManager } from '../../../src/managers/webhook-urls';

const installation = installationOf(resolveTestbed({ clusterApi: {}, hostSets: [] }));
const managers = managersOf(installation);
const server = { port: 12_345, ca: 'PEM' };
const caBundle = Buffer.from('PEM').toString('base64');

describe('the objects of a manager beside its cluster', () => {
  it('ask for its webhooks and conversions by URL, with our CA, and no Service of pods that are not there', () => {
    const all = managers.flatMap(({ objects }) => besideManager(objects, server));
    assert.ok(!JSON.stringify(all).includes('inject-ca-from'));
    const configs = all.flatMap(clientConfigs);
    assert.equal(configs.length, managers.flatMap(({ objects }) => objects.flatMap(clientConfigs)).length);
    assert.ok(configs.length > 60, String(configs.length));
    for (const { url, ...rest } of configs) {
      assert.match(url, /^https:\/\/127\.0\.0\.1:12345\/(convert|(mutate|validate)-[a-z0-9-]+)$/);
      assert.deepEqual(rest, { caBundle });
    }
    const kinds = new Set(all.map(({ kind }) => kind));
    for (const kind of ['Deployment', 'Service', 'Certificate', 'Issuer']) assert.ok(!kinds.has(kind), kind);
    for (const kind of ['ClusterRole', 'MutatingWebhookConfiguration', 'Provider']) assert.ok(kinds.has(kind), kind);
  });

  it('are applied before it is started, its webhooks after that, and the inventory once they answer', () => {
    const started: string[] = [];
    const steps = stepsBesideManagers(installation, ({ component: { name } }) => {
      const manager = managers.find(({ component }) => component.name === name);
      const start = () => Promise.resolve(void started.push(name));
      return manager && { objects: besideManager(manager.objects, server), start };
    });
    const said = steps.map(({ kind, task }) => `${kind} ${task}`);
    assert.deepEqual(said.slice(0, 4), [
      ...['apply namespaces and CRDs', 'wait CRDs established', 'apply cert-manager', 'apply baremetal-operator'],
    ]);
    assert.deepEqual(said.slice(4, 10), [
      ...['apply cluster-api', 'start cluster-api', 'apply cluster-api webhooks', 'wait CA of cluster-api'],
      ...['wait Cluster accepted', "apply cluster-api in clusterctl's inventory"],
    ]);
    assert.equal(said.length, 4 + 5 * 6);
    assert.deepEqual(
      steps.flatMap(({ kind, task }) => (kind === 'start' ? [task] : [])),
      ['cluster-api', 'kubeadm-bootstrap', 'kubeadm-control-plane', 'ip-address-manager', 'metal3-provider'],
    );
    const applied = steps.flatMap((step) => (step.kind === 'apply' ? step.objects : []));
    assert.deepEqual(
      applied.filter(({ kind }) => kind === 'Deployment' || kind === 'Service'),
      [],
    );
  });
});

interface ClientConfig {
  readonly url: string;
}

/** How the API server asks the webhooks of an object: those of a configuration, or the conversion of a CRD. */
function clientConfigs({ webhooks = [], spec }: KubernetesObject): readonly ClientConfig[] {
  const { conversion } = (spec ?? {}) as { conversion?: { webhook?: { clientConfig: ClientConfig } } };
  const ofConversion = conversion?.webhook === undefined ? [] : [conversion.webhook.clientConfig];
  return [...(webhooks as { clientConfig: ClientConfig }[]).map(({ clientConfig }) => clientConfig), ...ofConversion];
}
