/** The built-in releases of Cluster API's providers against a real kube-apiserver: what their objects become there. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Testing } from 'cdk8s';
import { CertManager } from '../../lib/components/cert-manager';
import { Applier } from '../../src/apply/apply';
import { crdsEstablished } from '../../src/install/waits';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { until } from '../../src/util/until';
import { Lab } from '../faults/support/lab';
import { providers, synthesizedProvider } from '../support/providers';
import { resourceVersions, withoutTexts } from '../support/stored';
import { skipWithout, upstreamObjects } from '../support/upstream';
import { testChart } from '../support/charts';

const DEADLINE_MS = 60_000;

describe("the releases of Cluster API's providers, on a real API server", { timeout: 240_000 }, () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.start();
    const chart = testChart();
    new CertManager(chart, 'cert-manager');
    await new Applier(lab.client).applyAll(onlyCrds(Testing.synth(chart) as KubernetesObject[]), { task: 'CRDs' });
  });
  after(() => lab.stop());

  it('have CRDs that are all accepted and established, with the inventory of clusterctl', async () => {
    const crds = providers.flatMap((provider) => onlyCrds(synthesized(provider, { clusterctl: true })));
    assert.equal(crds.length, 13 + 1 + 2 + 2 + 9 + 3);
    await new Applier(lab.client).applyAll(crds, { task: 'CRDs' });
    await until(async () => (await crdsEstablished(lab.client, crds)) === undefined, { deadlineMs: DEADLINE_MS });
    assert.equal(await crdsEstablished(lab.client, crds), undefined);
  });

  it('take entries of the inventory', async () => {
    const entries = providers.flatMap((provider) =>
      synthesized(provider, { clusterctl: true }).filter(({ kind }) => kind === 'Provider' || kind === 'Namespace'),
    );
    await new Applier(lab.client).applyAll(entries, { task: 'inventory' });
    const path = '/apis/clusterctl.cluster.x-k8s.io/v1alpha3/providers';
    const { items } = await lab.client.request<{ items: { type: string; version: string }[] }>('GET', path);
    assert.deepEqual(items.map(({ type, version }) => `${type} ${version}`).sort(), [
      ...['BootstrapProvider v1.13.4', 'ControlPlaneProvider v1.13.4', 'CoreProvider v1.13.4'],
      ...['IPAMProvider v1.13.2', 'InfrastructureProvider v1.13.2'],
    ]);
  });

  for (const provider of providers) {
    const { name, defaultVersion } = provider.spec;
    const manifest = provider.manifest(defaultVersion);
    it(
      `changes nothing where the objects of ${name} ${defaultVersion} are applied over the release's own`,
      { skip: skipWithout(manifest) },
      async () => {
        const applier = new Applier(lab.client);
        const theirs = upstreamObjects(manifest).map((object) => ofText(withoutTexts(object) as KubernetesObject));
        const ours = synthesized(provider).map((object) => withoutTexts(object) as KubernetesObject);
        await applier.applyAll(theirs, { task: 'theirs' });
        const before = await resourceVersions(lab.client, theirs);
        await applier.applyAll(ours, { task: 'ours' });
        assert.deepEqual(await resourceVersions(lab.client, ours), before);
        assert.equal(before.size, theirs.length);
      },
    );
  }
});

function synthesized(...of: Parameters<typeof synthesizedProvider>): readonly KubernetesObject[] {
  return synthesizedProvider(...of) as unknown as readonly KubernetesObject[];
}

function onlyCrds(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  return objects.filter(({ kind }) => kind === 'CustomResourceDefinition');
}

/** A rendering that has lost the quotes of a variable's default has a ConfigMap that no API server takes. */
function ofText(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'ConfigMap') return object;
  const data = Object.entries(object['data'] as object).map(([key, value]) => [key, String(value)]);
  return { ...object, data: Object.fromEntries(data) as object };
}
