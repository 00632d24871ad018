/** What cluster sets are made of, against a real kube-apiserver with the CRDs of the built-in releases. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Testing } from 'cdk8s';
import { ClusterPlan } from '../../lib/kinds/cluster/cluster-plan';
import { toBeMade } from '../../lib/testbed/resolve';
import { Applier } from '../../src/apply/apply';
import { crdsEstablished } from '../../src/install/waits';
import { namespaceObject, type KubernetesObject } from '../../src/kubernetes/objects';
import { collectionPath, RESTMapper } from '../../src/kubernetes/rest-mapper';
import { until } from '../../src/util/until';
import { Lab } from '../faults/support/lab';
import { clusterSetSamples } from '../support/cluster-sets';
import { providerDefinitions } from '../support/providers';
import { wholeCluster } from '../support/whole-cluster';
import { testChart } from '../support/charts';

describe('what clusters are made of, on a real API server', { timeout: 240_000 }, () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.start();
    const crds = providerDefinitions();
    await new Applier(lab.client).applyAll(crds, { task: 'CRDs' });
    await until(async () => (await crdsEstablished(lab.client, crds)) === undefined, { deadlineMs: 60_000 });
  });
  after(() => lab.stop());

  /** Creates them, and asserts that all that is described is there. */
  async function createWhole(objects: readonly KubernetesObject[]): Promise<void> {
    const mapper = new RESTMapper(lab.client);
    for (const object of objects) {
      const path = (await mapper.pathOf(object)).replace(/\/[^/]+$/, '');
      const stored = await lab.client.request<KubernetesObject>('POST', `${path}?fieldValidation=Strict`, {
        body: object,
      });
      assertHas(stored, JSON.parse(JSON.stringify(object)), `${object.kind} ${object.metadata.name}`);
    }
  }

  it('is taken whole where it comes of constructs', async () => {
    const chart = testChart();
    wholeCluster(chart);
    await createWhole(Testing.synth(chart) as KubernetesObject[]);
  });

  for (const [what, props] of Object.entries(clusterSetSamples)) {
    it(`is taken whole, of a set ${what}`, async () => {
      const plan = new ClusterPlan(props);
      plan.check();
      for (const name of toBeMade(plan.namespaces(), []))
        await lab.client.request('POST', collectionPath('v1', 'namespaces'), { body: namespaceObject(name) });
      const objects = [...plan.sharedObjects(), ...[...plan.clusters()].flatMap((cluster) => plan.objectsOf(cluster))];
      await createWhole(objects);
      assert.ok(objects.length >= 8);
    });
  }
});

/** That all that is described is there; an API server adds to it, and never takes from it. */
function assertHas(stored: unknown, described: unknown, path: string): void {
  if (typeof described !== 'object' || described === null) return assert.equal(stored, described, path);
  if (Array.isArray(described)) assert.equal((stored as unknown[]).length, described.length, path);
  for (const [name, value] of Object.entries(described))
    assertHas((stored as Record<string, unknown> | undefined)?.[name], value, `${path}.${name}`);
}
