import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { App, Chart, Lazy, Testing } from 'cdk8s';
import {
  BareMetalHostSet,
  Cluster,
  ClusterSet,
  IPPool,
  KubeadmConfigTemplate,
  KubeadmControlPlane,
  MachineDeployment,
  MachineHealthCheck,
  Metal3Cluster,
  Metal3DataTemplate,
  Metal3MachineTemplate,
  Metal3RemediationTemplate,
  Testbed,
} from '../../../../lib';
import { goldenFile, goldenYaml } from '../../../support/golden';
import { refuses } from '../../../support/refuses';
import type { KubernetesObject } from '../../../support/upstream';
import { machineImage as image, wholeCluster } from '../../../support/whole-cluster';
import { testApp, testChart } from '../../../support/charts';

describe('the objects of a cluster, one by one', () => {
  it('are what their golden file says', (t) => {
    const chart = new Chart(testApp(), 'test', { namespace: 'lab' });
    wholeCluster(chart);
    const objects = Testing.synth(chart) as KubernetesObject[];
    assert.equal(objects.length, 11);
    t.assert.fileSnapshot(goldenYaml(objects), goldenFile(__dirname, 'constructs.yaml'), {
      serializers: [(text: string) => text],
    });
  });

  it('have what cdk8s-plus knows of an object', () => {
    const chart = testChart();
    const cluster = new Metal3Cluster(chart, 'c', { controlPlaneEndpoint: { host: 'a.example', port: 6443 } });
    assert.deepEqual(
      [cluster.apiVersion, cluster.apiGroup, cluster.kind, cluster.resourceType, cluster.name, cluster.metadata.name],
      [
        'infrastructure.cluster.x-k8s.io/v1beta2',
        'infrastructure.cluster.x-k8s.io',
        'Metal3Cluster',
        'metal3clusters',
        'c',
        'c',
      ],
    );
    const known = Cluster.fromClusterName(chart, 'known', 'other');
    assert.deepEqual(
      [known.apiVersion, known.kind, known.name, known.resourceName],
      ['cluster.x-k8s.io/v1beta2', 'Cluster', 'other', 'other'],
    );
  });

  it('take any other field of their spec', () => {
    const chart = testChart();
    new Cluster(chart, 'c', { spec: { availabilityGates: [{ conditionType: 'Mine' }], topology: undefined } });
    const [object] = Testing.synth(chart) as { spec: object }[];
    assert.deepEqual(object?.spec, { availabilityGates: [{ conditionType: 'Mine' }] });
  });

  it('are refused where they are constructed', () => {
    const chart = testChart();
    let n = 0;
    const id = () => `id-${++n}`;
    const cluster = Cluster.fromClusterName(chart, 'known', 'c');
    const template = new Metal3MachineTemplate(chart, 'template', { image });
    const bootstrap = new KubeadmConfigTemplate(chart, 'bootstrap');
    refuses(
      () => new Cluster(chart, id(), { spec: { topolgy: {} } }),
      /spec\.topolgy: unknown field; did you mean 'topology'/,
    );
    refuses(
      () => new KubeadmControlPlane(chart, id(), { version: 'v1.35.0', replicas: 2, machineTemplate: template }),
      /replicas of KubeadmControlPlane .* is 2, .* use 1 or 3/,
    );
    refuses(
      () => new KubeadmControlPlane(chart, id(), { version: 'v1.20.0', machineTemplate: template }),
      /not supported by Cluster API v1\.13\.4/,
    );
    refuses(
      () =>
        new MachineDeployment(chart, id(), {
          cluster,
          version: 'v1.35.0',
          bootstrap,
          infrastructure: template,
          maxSurge: 0,
        }),
      /could ever be replaced/,
    );
    refuses(() => new Metal3MachineTemplate(chart, id(), { image: { url: 'http://a/b' } }), /checksum is missing/);
    refuses(
      () => new Metal3Cluster(chart, id(), { controlPlaneEndpoint: { host: 'a', port: 0 } }),
      /use a port from 1/,
    );
    refuses(
      () => new Metal3DataTemplate(chart, id(), { cluster, metaData: { fromHostInterfaces: [{ key: 'a' }] } }),
      /has neither/,
    );
    refuses(
      () => new Metal3RemediationTemplate(chart, id(), { timeoutSeconds: 5 }),
      /timeoutSeconds: must be at least 100/,
    );
    refuses(
      () => new MachineHealthCheck(chart, id(), { cluster, matchLabels: {}, unhealthyInRange: '3-5' }),
      /unhealthyInRange: must match/,
    );
    refuses(() => new IPPool(chart, id(), { pools: [{ subnet: 'all' }] }), /subnet: must match/);
    refuses(() => new KubeadmConfigTemplate(chart, id(), { kubeadmConfigSpec: { format: 'toml' } }), /format: must be/);
  });

  it('are checked when the app is synthesized where something comes later', () => {
    const app = new App();
    const chart = new Chart(app, 'test');
    const host = { host: 'a', port: Lazy.any({ produce: () => 70_000 }) as number };
    assert.throws(() => new Metal3Cluster(chart, 'now', { controlPlaneEndpoint: host }));
    new Metal3Cluster(chart, 'later', {
      controlPlaneEndpoint: { host: 'a', port: 1 },
      spec: { failureDomains: Lazy.any({ produce: () => [{ nme: 'a' }] }) },
    });
    assert.throws(() => app.synth(), /failureDomains\[0\]\.nme: unknown field; did you mean 'name'/);
  });
});

describe('a cluster set as constructs', () => {
  it('has its hosts below it, and in a testbed among all hosts', () => {
    const set = new ClusterSet(testChart(), 'clusters', { count: 2, clusterClass: {} });
    assert.ok(set.hosts instanceof BareMetalHostSet);
    assert.equal(set.hosts.count, 4);
    assert.deepEqual(set.namespaces, ['cluster', 'cluster-1', 'cluster-2']);
    assert.equal(set.apiObjects.filter(({ kind }) => kind === 'Cluster').length, 2);
    const app = testApp();
    const testbed = new Testbed(app, 'testbed', { clusterSets: [{ count: 2 }] });
    assert.equal(testbed.clusterSets[0]?.hosts, undefined);
    assert.deepEqual(
      testbed.hostSets.map(({ count }) => count),
      [4],
    );
    assert.match(testbed.charts.at(-1)?.node.id ?? '', /^\d-clusters$/);
    const ids = testbed.charts.map(({ node }) => node.id);
    assert.deepEqual(ids, [...ids].sort());
  });

  it('gives the same bytes for the same props', () => {
    const yaml = () => {
      const app = testApp();
      new Testbed(app, 'testbed', { clusterSets: [{ count: 3, keySeed: 'a', healthCheck: {} }] });
      return app.synthYaml();
    };
    assert.equal(yaml(), yaml());
  });
});
