import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { App, Chart, Testing, Yaml } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import {
  BareMetalOperator,
  releases,
  type BareMetalOperatorProps,
} from '../../../../lib/components/baremetal-operator';
import { TestbedError } from '../../../../lib/errors';
import { objectName, type KubernetesObject } from '../../../support/upstream';
import { testChart } from '../../../support/charts';

function synth(...all: readonly BareMetalOperatorProps[]): KubernetesObject[] {
  const chart = testChart();
  all.forEach((props, index) => new BareMetalOperator(chart, `bmo-${index}`, props));
  return Testing.synth(chart) as KubernetesObject[];
}

function only<T>(objects: readonly KubernetesObject[], kind: string): T {
  const found = objects.filter((object) => object.kind === kind);
  assert.equal(found.length, 1, `one ${kind}`);
  return found[0] as T;
}

function pod(props: BareMetalOperatorProps): k8s.PodSpec {
  return only<k8s.KubeDeploymentProps>(synth(props), 'Deployment').spec!.template.spec!;
}

function manager(props: BareMetalOperatorProps): k8s.Container {
  const container = pod(props).containers.find(({ name }) => name === 'manager');
  assert.ok(container);
  return container;
}

function refused(props: BareMetalOperatorProps, message: RegExp): void {
  assert.throws(
    () => new BareMetalOperator(testChart(), 'bmo', props),
    (error) => {
      assert.ok(error instanceof TestbedError, String(error));
      assert.match(error.message, message);
      return true;
    },
  );
}

describe('BareMetalOperator', () => {
  it('gives the same bytes for the same props', () => {
    assert.equal(Yaml.stringify(...synth({ testMode: true })), Yaml.stringify(...synth({ testMode: true })));
    assert.doesNotMatch(Yaml.stringify(...synth({})), /[&*]a\d+\b/, 'no YAML anchors: schemas share their parts');
  });

  it('puts test mode and tuning on the container named manager', () => {
    const { args } = manager({ testMode: true, kubeApiQps: 100, kubeApiBurst: 200, concurrency: 16 });
    assert.deepEqual(args, [
      '--enable-leader-election',
      '--test-mode',
      '--kube-api-qps=100',
      '--kube-api-burst=200',
      '--controller-concurrency=16',
    ]);
  });

  it('is not in test mode unless it is asked to be', () => {
    assert.deepEqual(manager({}).args, ['--enable-leader-election']);
    assert.deepEqual(manager({ leaderElection: false }).args, []);
  });

  it('says which defaults it took', () => {
    const operator = new BareMetalOperator(testChart(), 'bmo');
    const { version, testMode, kubeApiQps, kubeApiBurst, concurrency, watchedNamespaces, image } = operator;
    assert.deepEqual(
      { version, testMode, kubeApiQps, kubeApiBurst, concurrency, watchedNamespaces, image },
      {
        version: 'v0.13.2',
        testMode: false,
        kubeApiQps: 20,
        kubeApiBurst: 30,
        concurrency: undefined,
        watchedNamespaces: [],
        image: 'quay.io/metal3-io/baremetal-operator:v0.13.2',
      },
    );
    assert.equal(operator.namespaceName, 'baremetal-operator-system');
    assert.equal(operator.deploymentName, 'baremetal-operator-controller-manager');
    assert.equal(operator.containerName, 'manager');
    assert.equal(operator.apiObjects.length, 27);
  });

  it('works without cert-manager once its webhook is off', () => {
    const objects = synth({ webhook: false });
    const kinds = objects.map(({ kind }) => kind);
    for (const kind of ['Certificate', 'Issuer', 'ValidatingWebhookConfiguration']) assert.ok(!kinds.includes(kind));
    assert.equal(kinds.filter((kind) => kind === 'Service').length, 1);
    assert.equal(kinds.filter((kind) => kind === 'CustomResourceDefinition').length, 11);
    assert.doesNotMatch(JSON.stringify(objects), /cert-manager|bmo-webhook-server-cert|webhook-server|9443/);
    assert.equal(pod({ webhook: false }).volumes, undefined);
    const { args, ports, volumeMounts } = manager({ webhook: false });
    assert.deepEqual(args, ['--enable-leader-election', '--webhook-port=0']);
    assert.deepEqual(
      ports?.map(({ name }) => name),
      ['https'],
    );
    assert.equal(volumeMounts, undefined);
  });

  it('has its rights in the namespaces that it watches, and in no others', () => {
    const objects = synth({ watchedNamespaces: ['hosts-1', 'hosts-2'] });
    const bindings = objects.filter(({ kind }) => kind === 'RoleBinding').map(objectName);
    assert.deepEqual(bindings, [
      'RoleBinding baremetal-operator-system/baremetal-operator-leader-election-rolebinding',
      'RoleBinding hosts-1/baremetal-operator-manager-rolebinding',
      'RoleBinding hosts-2/baremetal-operator-manager-rolebinding',
    ]);
    assert.deepEqual(objects.filter(({ kind }) => kind === 'ClusterRoleBinding').map(objectName), [
      'ClusterRoleBinding baremetal-operator-metrics-auth-rolebinding',
    ]);
    const { webhooks } = only<k8s.KubeValidatingWebhookConfigurationProps>(objects, 'ValidatingWebhookConfiguration');
    for (const { namespaceSelector } of webhooks!) {
      assert.deepEqual(namespaceSelector, {
        matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['hosts-1', 'hosts-2'] }],
      });
    }
  });

  it('lets HostClaims see all namespaces where it watches only some', () => {
    const clusterRoles = (props: BareMetalOperatorProps) =>
      synth({ version: 'v0.14.0-rc.0', ...props })
        .filter(({ kind }) => kind === 'ClusterRoleBinding')
        .map(objectName);
    const metrics = 'ClusterRoleBinding baremetal-operator-metrics-auth-rolebinding';
    const watchedNamespaces = ['hosts-1'];
    assert.deepEqual(clusterRoles({ watchedNamespaces }), [
      'ClusterRoleBinding baremetal-operator-hostclaim-rolebinding',
      metrics,
    ]);
    assert.deepEqual(clusterRoles({ watchedNamespaces, hostClaims: false }), [metrics]);
    assert.deepEqual(manager({ version: 'v0.14.0-rc.0', hostClaims: false }).args, ['--enable-leader-election']);
    assert.deepEqual(manager({ version: 'v0.14.0-rc.0', testMode: true }).args, [
      '--enable-leader-election',
      '--hostclaims',
      '--provisioner=fixture',
    ]);
  });

  it('stands beside another operator in the same cluster', () => {
    const names = synth(
      { watchedNamespaces: ['hosts-1'] },
      { watchedNamespaces: ['hosts-2'], namespace: 'bmo-b-system', crds: false },
      { watchedNamespaces: ['hosts-3'], namespace: 'shared', createNamespace: false, namePrefix: 'bmo-c', crds: false },
    ).map(objectName);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.includes('ClusterRole bmo-b-manager-role'));
    assert.ok(names.includes('ClusterRole bmo-c-manager-role'));
    assert.ok(names.includes('RoleBinding hosts-2/bmo-b-manager-rolebinding'));
    assert.ok(!names.includes('Namespace shared'));
    assert.equal(names.filter((name) => name.startsWith('CustomResourceDefinition ')).length, 11);
  });

  it('asks for a certificate for the Service that its webhook is reached by', () => {
    const objects = synth({ namespace: 'bmo-b-system' });
    const { spec } = only<{ spec: { dnsNames: string[]; secretName: string } }>(objects, 'Certificate');
    assert.ok(spec.dnsNames.includes('bmo-b-webhook-service.bmo-b-system.svc'));
    const { webhooks, metadata } = only<k8s.KubeValidatingWebhookConfigurationProps>(
      objects,
      'ValidatingWebhookConfiguration',
    );
    assert.equal(webhooks?.[0]?.clientConfig.service?.name, 'bmo-b-webhook-service');
    assert.equal(metadata?.annotations?.['cert-manager.io/inject-ca-from'], 'bmo-b-system/bmo-b-serving-cert');
  });

  it("keeps cluster-scoped objects without a namespace in a chart that has one, and its own in the operator's", () => {
    const chart = new Chart(new App(), 'chart', { namespace: 'elsewhere' });
    new BareMetalOperator(chart, 'bmo', { watchedNamespaces: ['hosts'] });
    const namespaces = new Map<unknown, Set<string>>();
    for (const { kind, metadata } of chart.toJson() as KubernetesObject[]) {
      const kinds = namespaces.get(metadata.namespace) ?? new Set();
      namespaces.set(metadata.namespace, kinds.add(kind));
    }
    assert.deepEqual([...namespaces.keys()].map(String).sort(), ['baremetal-operator-system', 'hosts', 'undefined']);
    assert.deepEqual([...namespaces.get(undefined)!].sort(), [
      'ClusterRole',
      'ClusterRoleBinding',
      'CustomResourceDefinition',
      'Namespace',
      'ValidatingWebhookConfiguration',
    ]);
  });

  it('takes image, pull policy, resources, environment and the content of the ConfigMap', () => {
    const props: BareMetalOperatorProps = {
      image: 'localhost:5000/bmo:dev',
      imagePullPolicy: 'Never',
      resources: { requests: { cpu: '500m' }, limits: { memory: '1Gi' } },
      extraEnv: { GOMAXPROCS: '2' },
      extraArgs: ['--dev'],
      ironicConfig: { IRONIC_ENDPOINT: 'http://ironic:6385/v1/' },
    };
    const container = manager(props);
    assert.equal(container.image, 'localhost:5000/bmo:dev');
    assert.equal(container.imagePullPolicy, 'Never');
    assert.deepEqual(container.resources, { requests: { cpu: '500m' }, limits: { memory: '1Gi' } });
    assert.deepEqual(container.env?.at(-1), { name: 'GOMAXPROCS', value: '2' });
    assert.deepEqual(container.args, ['--enable-leader-election', '--dev']);
    assert.deepEqual(only<k8s.KubeConfigMapProps>(synth(props), 'ConfigMap').data, props.ironicConfig);
  });

  it('refuses what is not allowed, naming its own path and every problem', () => {
    refused(
      { namespace: 'Bmo', kubeApiQps: 0 },
      /^test\/bmo: namespace: .*given 'Bmo'\n(.*\n)?test\/bmo: kubeApiQps: /,
    );
    refused({ extraArgs: ['--test-mode'] }, /^test\/bmo: extraArgs\[0\]: --test-mode is set by the option 'testMode'$/);
    refused({ version: 'v0.12.0' }, /^test\/bmo: version: must be one of v0\.13\.2.*; given 'v0\.12\.0'$/);
    refused(
      { hostClaims: true },
      /^test\/bmo: hostClaims: BMO has --hostclaims from v0\.14 on; given version v0\.13\.2$/,
    );
    refused({ version: 'latest' }, /^test\/bmo: version: must be a release of BMO.*; given 'latest'$/);
    refused({ resources: { limits: { memory: '1 GB' } } }, /resources\.limits\.memory: .*given '1 GB'$/);
    refused({ watchedNamespaces: ['a', 'a'] }, /watchedNamespaces\[1\]: 'a' is named twice/);
  });

  it('refuses a prefix that makes the name of a Service too long', () => {
    const namespace = `${'n'.repeat(29)}-system`;
    refused({ namespace }, /namePrefix: must be a DNS label of at most 28 characters/);
    assert.ok(new BareMetalOperator(testChart(), 'bmo', { namespace, namePrefix: 'n'.repeat(28) }));
  });

  it('leaves nothing behind when it is refused', () => {
    const chart = testChart();
    assert.throws(() => new BareMetalOperator(chart, 'bmo', { concurrency: 0 }));
    assert.deepEqual(Testing.synth(chart), []);
  });

  it('knows every release by its image', () => {
    for (const [version, { image }] of Object.entries(releases)) assert.ok(image.endsWith(`:${version}`));
  });
});
