/** Every order in which layers can be destroyed, and every layer whose cluster has gone, with a real engine. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it, type TestContext } from 'node:test';
import { Applier } from '../../src/apply/apply';
import { KubernetesClient } from '../../src/kubernetes/client';
import { parseKubeconfig } from '../../src/kubernetes/kubeconfig';
import { providerDefinitions } from '../support/providers';
import { assertPlain } from '../support/pulumi-diagnostics';
import { hasKubernetesPlugin, hasPulumi, LayersProject, removeLocalCluster } from '../support/pulumi-layers';

const FORGET = { PULUMI_K8S_DELETE_UNREACHABLE: 'true' };
const VARIABLE = /PULUMI_K8S_DELETE_UNREACHABLE/;
const STILL_THERE =
  /(\d+ (hosts|clusters) (are|and|such)[^:]*, )+and would be deleted with the platform, [^:]*: run 'pulumi destroy' for the stacks that have them first/;

/** From below to above, though `clusters` needs no `hosts`. */
const LAYERS = ['cluster', 'platform', 'hosts', 'clusters'] as const;
type Layer = (typeof LAYERS)[number];

/** One in which something is in the way, and one in which the cluster is gone; all of them by the variable. */
const isLong = process.env['METAL3_TESTBED_ORDERS'] === 'all';
const ORDERS: readonly (readonly Layer[])[] = isLong
  ? permutations(LAYERS)
  : [
      ['platform', 'hosts', 'clusters', 'cluster'],
      ['cluster', 'clusters', 'platform', 'hosts'],
    ];

describe('layers that are destroyed in any order', { timeout: 7_200_000 }, async () => {
  const skip = (await hasPulumi()) ?? (await hasKubernetesPlugin());
  if (skip !== undefined) {
    it('end', { skip }, () => undefined);
    return;
  }
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-gone-'));
  let project: LayersProject;
  after(() => rmSync(dir, { recursive: true, force: true }));
  beforeEach(() => {
    project = new LayersProject(mkdtempSync(join(dir, 'project-')));
  });

  const stateDir = () => join(project.dir, 'cluster');
  /** As when somebody has removed it from the machine. */
  const removeCluster = async () => {
    await removeLocalCluster(stateDir());
    rmSync(stateDir(), { recursive: true, force: true });
  };
  /** Clusters need no more than their kinds to be described. */
  const acceptClusters = async () => {
    const client = new KubernetesClient(await parseKubeconfig(await project.output('dev-cluster', 'kubeconfig')));
    try {
      await new Applier(client).applyAll(providerDefinitions(), { task: 'CRDs' });
    } finally {
      await client.close();
    }
  };
  const init = async (t: TestContext) => {
    t.after(removeCluster);
    for (const layer of LAYERS) await project.must(['stack', 'init', `dev-${layer}`]);
    await project.configure('dev-cluster', { cluster: 'local', stateDir: stateDir() });
    await project.configure('dev-platform', { simulator: 'kwok' });
  };
  const allUp = async (t: TestContext) => {
    await init(t);
    writeFileSync(join(project.dir, 'clusters.yaml'), 'clusterSets: [{ count: 2, name: c, workers: 0 }]\n');
    await project.configure('dev-clusters', { description: 'clusters.yaml', waitFor: 'none' });
    for (const layer of LAYERS) {
      if (layer === 'clusters') await acceptClusters();
      await project.up(`dev-${layer}`);
    }
  };
  const run = (command: string, layer: Layer) =>
    project.run([command, '--yes', '--skip-preview', '--stack', `dev-${layer}`]);
  /** Destroys a layer, which has to fail. */
  const refused = async (layer: Layer, why: RegExp) => {
    const result = await run('destroy', layer);
    // Of each object on a cluster that is gone somebody else tells.
    if (layer !== 'platform') assertPlain(result, why);
    assert.notEqual(result.code, 0, `${layer} was destroyed`);
    assert.match(result.stdout + result.stderr, why);
  };
  const allGone = async () => {
    for (const layer of LAYERS) {
      const { deployment } = JSON.parse(await project.must(['stack', 'export', '--stack', `dev-${layer}`])) as {
        readonly deployment: { readonly resources?: readonly object[] };
      };
      assert.deepEqual(deployment.resources ?? [], [], `${layer} is not empty`);
    }
  };
  /** Each layer by one command, or by that which the first one recommends. */
  const takeDown = async (order: readonly Layer[]) => {
    const left = new Set<Layer>(order);
    const held: Layer[] = [];
    const forget = () => (left.has('cluster') ? {} : FORGET);
    for (const layer of order) {
      if (layer === 'cluster' || (layer !== 'platform' && left.has('cluster'))) await project.destroy(`dev-${layer}`);
      else if (!left.has('cluster')) {
        await refused(layer, VARIABLE);
        await project.destroy(`dev-${layer}`, FORGET);
      } else if (left.has('hosts') || left.has('clusters')) {
        await refused(layer, STILL_THERE);
        held.push(layer);
        continue;
      } else await project.destroy(`dev-${layer}`);
      left.delete(layer);
    }
    for (const layer of held) await project.destroy(`dev-${layer}`, forget());
    await allGone();
  };

  for (const order of ORDERS)
    it(`${order.join(', ')}: each ends by one command, or by the one that is recommended`, async (t) => {
      await allUp(t);
      await takeDown(order);
    });

  it('hosts before the clusters whose machines are on them: all of it goes', async (t) => {
    const missing = ['METAL3_TESTBED_CAPM3', 'METAL3_TESTBED_IPAM'].filter((name) => process.env[name] === undefined);
    if (missing.length > 0) return t.skip(`${missing.join(' and ')} name no programs`);
    if (!isLong) return t.skip('METAL3_TESTBED_ORDERS is not all');
    await init(t);
    const descriptions = {
      platform: { clusterApi: {} },
      hosts: { hostSets: [{ count: 3, labels: { rack: 'a' } }] },
      clusters: {
        clusterSets: [{ count: 1, name: 'c', namespace: 'default', hostSelector: { matchLabels: { rack: 'a' } } }],
      },
    };
    for (const [layer, description] of Object.entries(descriptions)) {
      writeFileSync(join(project.dir, `${layer}.yaml`), JSON.stringify(description));
      await project.configure(`dev-${layer}`, { description: `${layer}.yaml` });
    }
    await project.must(['config', 'rm', 'platformStack', '--stack', 'dev-clusters']);
    await project.configure('dev-clusters', { hostsStack: 'dev-hosts' });
    for (const layer of LAYERS) await project.up(`dev-${layer}`);
    assert.match(await project.output('dev-clusters', 'readiness'), /"available":1/);
    await takeDown(['hosts', 'clusters', 'platform', 'cluster']);
  });

  it('a cluster that somebody has removed: all of it goes, also where that is said by the configuration', async (t) => {
    await allUp(t);
    await removeCluster();
    for (const layer of ['hosts', 'clusters'] as const) assertPlain(await run('refresh', layer), VARIABLE);
    for (const layer of ['clusters', 'hosts', 'platform'] as const) {
      await project.configure(`dev-${layer}`, { onClusterGone: 'forget' });
      await project.up(`dev-${layer}`);
      await project.destroy(`dev-${layer}`);
    }
    await project.destroy('dev-cluster');
    await allGone();
  });

  it('a cluster that somebody has removed is made anew, and the others go onto it', async (t) => {
    await allUp(t);
    await removeCluster();
    assert.match(await project.up('dev-cluster'), /LocalCluster cluster created replacement/);
    for (const layer of ['platform', 'hosts', 'clusters'] as const) {
      if (layer === 'clusters') await acceptClusters();
      await project.must(['up', '--yes', '--skip-preview', '--stack', `dev-${layer}`], FORGET);
    }
    assert.match(await project.output('dev-hosts', 'objects'), /"BareMetalHost.metal3.io":10/);
    assert.match(await project.output('dev-clusters', 'objects'), /"Cluster.cluster.x-k8s.io":2/);
    await takeDown(LAYERS.toReversed());
  });
});

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}
