import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { App, Chart, Testing } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import {
  BareMetalOperator,
  untaggedImage,
  type BareMetalOperatorProps,
} from '../../../../lib/components/baremetal-operator';
import { refuses } from '../../../support/refuses';
import {
  differences,
  describeDifference,
  objectName,
  skipWithout,
  upstreamObjects,
  type KubernetesObject,
} from '../../../support/upstream';
import { testChart } from '../../../support/charts';

const old = 'baremetal-operator/v0.3.0.yaml';

function synth(props: BareMetalOperatorProps): KubernetesObject[] {
  const chart = testChart();
  new BareMetalOperator(chart, 'bmo', props);
  return Testing.synth(chart) as KubernetesObject[];
}

function containers(objects: readonly KubernetesObject[]): readonly k8s.Container[] {
  const deployment = objects.find(({ kind }) => kind === 'Deployment') as unknown as k8s.KubeDeploymentProps;
  return deployment.spec!.template.spec!.containers;
}

/** What differs from the manifests themselves, as `path: ours`. */
function changes(manifest: string, props: BareMetalOperatorProps): string[] {
  return differences(synth({ manifests: upstreamObjects(manifest), ...props }), upstreamObjects(manifest))
    .filter(({ ours, theirs }) => !(ours === undefined && theirs === null))
    .map(({ path, ours }) => `${path}: ${JSON.stringify(ours)}`);
}

describe('BareMetalOperator from the manifests of v0.3.0, with two containers', { skip: skipWithout(old) }, () => {
  const manifests = upstreamObjects(old);
  const version = 'v0.3.0';
  const operator = (props: BareMetalOperatorProps) => synth({ manifests, version, ...props });

  it('is the release as it is where nothing is asked for', () => {
    assert.deepEqual(changes(old, { version }), []);
    assert.equal(operator({}).length, manifests.length);
  });

  it('puts test mode and tuning on the container named manager, and leaves the other alone', () => {
    const [manager, proxy, ...more] = containers(operator({ testMode: true, concurrency: 16, extraArgs: ['--dev'] }));
    assert.deepEqual(more, []);
    assert.deepEqual(
      [manager?.name, manager?.args],
      ['manager', ['--metrics-addr=127.0.0.1:8085', '--enable-leader-election', '--test-mode', '--dev']],
    );
    assert.deepEqual(manager?.env?.at(-1), { name: 'BMO_CONCURRENCY', value: '16' });
    assert.equal(proxy?.name, 'kube-rbac-proxy');
    assert.deepEqual(proxy, containers(manifests)[1]);
  });

  it('finds that container when it comes second', () => {
    const swapped = structuredClone(manifests) as KubernetesObject[];
    (containers(swapped) as k8s.Container[]).reverse();
    const [proxy, manager] = containers(synth({ manifests: swapped, version, testMode: true }));
    assert.ok(manager?.args?.includes('--test-mode'));
    assert.ok(!proxy?.args?.includes('--test-mode'));
  });

  it('takes image, pull policy, resources, environment, leader election and the content of the ConfigMap', () => {
    const objects = operator({
      image: 'localhost:5000/bmo:dev',
      imagePullPolicy: 'Never',
      resources: { limits: { memory: '1Gi' } },
      extraEnv: { GOMAXPROCS: '2' },
      leaderElection: false,
      ironicConfig: { IRONIC_ENDPOINT: 'http://ironic:6385/v1/' },
    });
    const [manager] = containers(objects);
    assert.equal(manager?.image, 'localhost:5000/bmo:dev');
    assert.equal(manager?.imagePullPolicy, 'Never');
    assert.deepEqual(manager?.resources, { limits: { memory: '1Gi' } });
    assert.deepEqual(manager?.env?.at(-1), { name: 'GOMAXPROCS', value: '2' });
    assert.deepEqual(manager?.args, ['--metrics-addr=127.0.0.1:8085']);
    const [config] = objects.filter(({ metadata }) => metadata.name === 'baremetal-operator-ironic');
    assert.deepEqual(config?.data, { IRONIC_ENDPOINT: 'http://ironic:6385/v1/' });
  });

  it('gives an image without a tag that of the version, and leaves every other as it is', () => {
    const imageOf = (image: string, options: object = {}) => {
      const changed = structuredClone(manifests) as KubernetesObject[];
      const manager = (containers(changed) as { name: string; image: string }[]).find(({ name }) => name === 'manager');
      manager!.image = image;
      const untagged = untaggedImage(changed as never);
      const used = containers(synth({ manifests: changed, version, ...options })).find(
        ({ name }) => name === 'manager',
      );
      return [used?.image, untagged];
    };
    for (const image of ['bmo', 'quay.io/metal3-io/bmo', 'localhost:5000/bmo', 'localhost:5000/a/b/bmo'])
      assert.deepEqual(imageOf(image), [`${image}:${version}`, image]);
    const digest = `bmo@sha256:${'0'.repeat(64)}`;
    for (const image of ['bmo:main', 'localhost:5000/bmo:latest', digest, `localhost:5000/bmo:v1@${digest.slice(4)}`])
      assert.deepEqual(imageOf(image), [image, undefined]);
    assert.deepEqual(imageOf('bmo', { image: 'mine:dev' }), ['mine:dev', 'bmo']);
  });

  it('says what it found in them', () => {
    const found = new BareMetalOperator(testChart(), 'bmo', { manifests, version, testMode: true });
    const { image, testMode, leaderElection, hostClaims, namespaceName, deploymentName, serviceAccountName } = found;
    assert.deepEqual(
      { image, testMode, leaderElection, hostClaims, namespaceName, deploymentName, serviceAccountName },
      {
        image: 'quay.io/metal3-io/baremetal-operator:v0.3.0',
        testMode: true,
        leaderElection: true,
        hostClaims: false,
        namespaceName: 'baremetal-operator-system',
        deploymentName: 'baremetal-operator-controller-manager',
        serviceAccountName: 'baremetal-operator-controller-manager',
      },
    );
  });

  it('works without cert-manager once its webhook is off', () => {
    const objects = operator({ webhook: false });
    const gone = manifests.map(objectName).filter((name) => !objects.map(objectName).includes(name));
    assert.deepEqual(gone, [
      'Service baremetal-operator-system/baremetal-operator-webhook-service',
      'Certificate baremetal-operator-system/baremetal-operator-serving-cert',
      'Issuer baremetal-operator-system/baremetal-operator-selfsigned-issuer',
      'ValidatingWebhookConfiguration baremetal-operator-validating-webhook-configuration',
    ]);
    assert.doesNotMatch(JSON.stringify(objects), /cert-manager|bmo-webhook-server-cert|webhook-server|9443"/);
    assert.ok(containers(objects)[0]?.args?.includes('--webhook-port=0'));
  });

  it('leaves out CRDs and namespace where they are there already', () => {
    const kinds = operator({ crds: false, createNamespace: false }).map(({ kind }) => kind);
    assert.ok(!kinds.includes('CustomResourceDefinition') && !kinds.includes('Namespace'));
    assert.equal(kinds.length, manifests.length - 7);
  });

  it('creates the namespace that manifests lack', () => {
    const without = manifests.filter(({ kind }) => kind !== 'Namespace');
    const names = synth({ manifests: without, version }).map(objectName);
    assert.ok(names.includes('Namespace baremetal-operator-system'));
  });

  it('has its webhook asked about the namespaces that it watches', () => {
    const objects = operator({ watchedNamespaces: ['hosts'] });
    assert.ok(containers(objects)[0]?.args?.includes('--namespace=hosts'));
    const [configuration] = objects.filter(({ kind }) => kind === 'ValidatingWebhookConfiguration');
    const { webhooks } = configuration as unknown as k8s.KubeValidatingWebhookConfigurationProps;
    assert.equal(webhooks?.length, 2);
    for (const webhook of webhooks ?? []) {
      assert.deepEqual(webhook.namespaceSelector?.matchExpressions?.[0]?.values, ['hosts']);
    }
  });

  it('refuses tuning that the release does not have', () => {
    refuses(
      () => operator({ kubeApiQps: 100 }),
      /kubeApiQps: BMO has --kube-api-qps from v0\.3\.1 on; given version v0\.3\.0/,
    );
    refuses(() => operator({ watchedNamespaces: ['a', 'b'] }), /several namespaces from v0\.12 on/);
  });

  it('refuses a prefix, a missing version, and manifests without the container', () => {
    refuses(() => operator({ namePrefix: 'bmo' }), /^test\/bmo: namePrefix: manifests have names of their own/);
    refuses(() => synth({ manifests }), /^test\/bmo: version: must be given with manifests/);
    refuses(
      () => operator({ manifests: manifests.filter(({ kind }) => kind !== 'Deployment') }),
      /one Deployment with a container named manager; they have none, of no Deployment at all/,
    );
    refuses(() => operator({ manifests: [{ kind: 'Deployment' }] }), /document 1 .* is not a Kubernetes object/);
    refuses(() => operator({ manifests: [...manifests, manifests[0]] }), /Namespace baremetal-operator-system twice/);
    refuses(() => operator({ manifests: [null] }), /no Kubernetes object$/);
  });

  it('takes objects out of a list', () => {
    const list = { apiVersion: 'v1', kind: 'List', items: manifests };
    assert.deepEqual(operator({ manifests: [list] }), operator({}));
  });

  it('keeps cluster-scoped objects without a namespace in a chart that has one', () => {
    const chart = new Chart(new App(), 'chart', { namespace: 'elsewhere' });
    new BareMetalOperator(chart, 'bmo', { manifests, version });
    const found = new Set((chart.toJson() as KubernetesObject[]).map(({ metadata }) => metadata.namespace));
    assert.deepEqual([...found].map(String).sort(), ['baremetal-operator-system', 'undefined']);
  });
});

for (const version of ['v0.3.0', 'v0.13.2', 'v0.14.0-rc.0']) {
  const manifest = `baremetal-operator/${version}.yaml`;

  describe(`another namespace for the manifests of ${version}`, { skip: skipWithout(manifest) }, () => {
    const moved = (namespace: string) => synth({ manifests: upstreamObjects(manifest), version, namespace });

    it('is named wherever theirs was', () => {
      const text = JSON.stringify(moved('bmo-b'));
      assert.doesNotMatch(text, /baremetal-operator-system/);
      for (const part of [
        'cert-manager.io/inject-ca-from":"bmo-b/baremetal-operator-serving-cert"',
        'baremetal-operator-webhook-service.bmo-b.svc"',
        'baremetal-operator-webhook-service.bmo-b.svc.cluster.local"',
      ]) {
        assert.ok(text.includes(part), part);
      }
    });

    it('reaches subjects of bindings and the Service of webhooks, and nothing else changes', () => {
      const back = JSON.parse(
        JSON.stringify(moved('bmo-b')).replaceAll(/"bmo-b"/g, '"baremetal-operator-system"'),
      ) as KubernetesObject[];
      const left = differences(back, upstreamObjects(manifest)).filter(({ theirs }) => theirs !== null);
      assert.deepEqual(
        [...new Set(left.map(({ path }) => path.replace(/\[\d\]$/, '')))].sort(),
        ['metadata.annotations.cert-manager.io/inject-ca-from', 'spec.dnsNames'],
        left.map(describeDifference).join('\n'),
      );
    });
  });
}

describe('BareMetalOperator from the manifests of a release that is built in', () => {
  for (const version of ['v0.13.2', 'v0.14.0-rc.0'] as const) {
    const manifest = `baremetal-operator/${version}.yaml`;
    it(`${version} gives what is built in, with the same options`, { skip: skipWithout(manifest) }, () => {
      const options = { testMode: true, kubeApiQps: 100, concurrency: 4, image: 'a:b', webhook: false } as const;
      const [theirs, ours] = [
        synth({ version, manifests: upstreamObjects(manifest), ...options }),
        synth({ version, ...options }),
      ];
      const isAboutOrder = (path: string) =>
        /args\[|creationTimestamp|labels\.webhook$|volumes|volumeMounts$/.test(path);
      const left = differences(ours, theirs).filter(({ path }) => !isAboutOrder(path));
      assert.deepEqual(left.map(describeDifference), []);
      assert.deepEqual([...containers(theirs)[0]!.args!].sort(), [...containers(ours)[0]!.args!].sort());
    });
  }
});
