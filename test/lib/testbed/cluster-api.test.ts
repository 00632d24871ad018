import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Testing } from 'cdk8s';
import { resolveTestbed, Testbed, type TestbedProps } from '../../../lib';
import { requireTestbedShape } from '../../../lib/testbed/schema';
import { managerArgumentsOf } from '../../support/providers';
import { refuses } from '../../support/refuses';
import type { KubernetesObject } from '../../support/upstream';
import { testApp } from '../../support/charts';

const built = (props: TestbedProps) => new Testbed(testApp(), 'testbed', { hostSets: [{ count: 1 }], ...props });
const objectsOf = (testbed: Testbed, chart: string) =>
  Testing.synth(testbed.charts.find(({ node }) => node.id === chart)!) as KubernetesObject[];

describe('a testbed with Cluster API', () => {
  it('has a chart for each provider, and the others where they are without it', () => {
    const testbed = built({ clusterApi: {} });
    const charts = ['1-cert-manager', '2-baremetal-operator', '3-hosts'];
    assert.deepEqual(
      testbed.charts.map(({ node }) => node.id),
      [
        ...charts,
        ...['4-cluster-api', '5-kubeadm-bootstrap', '6-kubeadm-control-plane', '7-ip-address-manager'],
        '8-metal3-provider',
      ],
    );
    assert.deepEqual(
      testbed.clusterApi.map(({ namespaceName, version, clusterctl }) => [namespaceName, version, clusterctl]),
      [
        ['capi-system', 'v1.13.4', true],
        ['capi-kubeadm-bootstrap-system', 'v1.13.4', true],
        ['capi-kubeadm-control-plane-system', 'v1.13.4', true],
        ['metal3-ipam-system', 'v1.13.2', true],
        ['capm3-system', 'v1.13.2', true],
      ],
    );
    assert.deepEqual(
      built({}).charts.map(({ node }) => node.id),
      charts,
    );
    assert.deepEqual(built({}).clusterApi, []);
  });

  it('gives the managers what makes them fast, unless that is set', () => {
    const testbed = built({
      clusterApi: {
        core: { kubeApiQps: 50, kubeApiBurst: 60 },
        metal3Provider: { concurrency: { metal3DataTemplate: 4, metal3Data: 20 } },
      },
    });
    const tuned = (chart: string) =>
      managerArgumentsOf(objectsOf(testbed, chart)).filter((arg) => /qps|burst|concurrency/.test(arg));
    assert.deepEqual(tuned('4-cluster-api'), ['--kube-api-qps=50', '--kube-api-burst=60']);
    assert.deepEqual(tuned('5-kubeadm-bootstrap'), ['--kube-api-qps=1000', '--kube-api-burst=2000']);
    assert.deepEqual(tuned('8-metal3-provider'), [
      ...['--kube-api-qps=1000', '--kube-api-burst=2000', '--metal3cluster-concurrency=1'],
      ...['--metal3datatemplate-concurrency=4', '--metal3machine-concurrency=50', '--metal3data-concurrency=20'],
    ]);
  });

  it('lets clusterctl move the hosts, which it does without Cluster API only where it is asked', () => {
    const labels = (testbed: Testbed, name: string) =>
      objectsOf(testbed, '2-baremetal-operator').find(({ metadata }) => metadata.name === name)?.metadata['labels'];
    const [hosts, data] = ['baremetalhosts.metal3.io', 'hardwaredata.metal3.io'];
    const label = 'clusterctl.cluster.x-k8s.io';
    assert.deepEqual(labels(built({ clusterApi: {} }), hosts), { [label]: '', [`${label}/move-hierarchy`]: '' });
    assert.deepEqual(labels(built({ clusterApi: {} }), data), { [label]: '' });
    assert.equal(labels(built({}), hosts), undefined);
    assert.deepEqual(labels(built({ operators: [{ clusterctl: true }] }), data), { [label]: '' });
  });

  it('brings cert-manager, whatever the operators need', () => {
    const of = (props: TestbedProps) => resolveTestbed({ hostSets: [], operators: [{ webhook: false }], ...props });
    assert.equal(of({}).certManager, undefined);
    assert.deepEqual(of({ clusterApi: {} }).certManager, {});
    assert.equal(of({ clusterApi: {}, installCertManager: false }).certManager, undefined);
  });

  it('makes no namespace twice, and those that managers watch', () => {
    const hostSets = [{ count: 1, namespace: 'capm3-system' }];
    assert.deepEqual(resolveTestbed({ clusterApi: {}, hostSets }).namespaces, []);
    const watching = { core: { watchedNamespace: 'lab' }, metal3Provider: { watchedNamespace: 'lab' } };
    assert.deepEqual(resolveTestbed({ clusterApi: watching, hostSets }).namespaces, ['lab']);
  });

  it('names the provider, as the description has it, of which something is not allowed', () => {
    refuses(
      () => built({ clusterApi: { kubeadmControlPlane: { featureGates: { RuntimeSdk: true } } } }),
      /^clusterApi\.kubeadmControlPlane\.featureGates\.RuntimeSdk: no gate .*; did you mean 'RuntimeSDK'\?$/,
    );
    refuses(
      () => built({ clusterApi: { metal3Provider: { version: 'v1.12.0' } } }),
      /^clusterApi\.metal3Provider\.version: must be one of v1\.13\.2, or come with its manifests/,
    );
  });

  it('may be said in testbed.yaml, where a misspelt word is refused', () => {
    const shape = (clusterApi: object) => requireTestbedShape({ clusterApi }, 'testbed.yaml');
    shape({
      core: { manifests: 'capi', version: 'v1.12.1' },
      ipAddressManager: { concurrency: { ipPool: 20 } },
      without: [],
    });
    refuses(() => shape({ coer: {} }), /clusterApi\.coer: unknown field; did you mean 'core'\?/);
    refuses(() => shape({ without: ['capm3'] }), /clusterApi\.without\[0\]: /);
    refuses(() => shape({ metal3Provider: { featureGates: {} } }), /metal3Provider\.featureGates: unknown field/);
  });
});
