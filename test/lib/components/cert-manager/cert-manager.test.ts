import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { App, Chart } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import { CertManager, certManagerVersions, type CertManagerProps } from '../../../../lib/components/cert-manager';
import { refuses } from '../../../support/refuses';
import { objectName, type KubernetesObject } from '../../../support/upstream';
import { testChart } from '../../../support/charts';

function certManager(props?: CertManagerProps): CertManager {
  return new CertManager(testChart(), 'cert-manager', props);
}

function objectsOf(construct: CertManager): KubernetesObject[] {
  return construct.apiObjects.map((object) => object.toJson() as KubernetesObject);
}

function objects(props?: CertManagerProps): KubernetesObject[] {
  return objectsOf(certManager(props));
}

type Deployment = KubernetesObject & {
  spec: { replicas: number; template: { spec: { containers: k8s.Container[] } } };
};

function deployment(name: string, props: CertManagerProps): Deployment {
  return objects(props).find((object) => objectName(object) === `Deployment cert-manager/${name}`) as Deployment;
}

function container(name: string, props: CertManagerProps): k8s.Container {
  const [first] = deployment(name, props).spec.template.spec.containers;
  assert.ok(first);
  return first;
}

const deployments = ['cert-manager', 'cert-manager-webhook', 'cert-manager-cainjector'] as const;

/** Props as they come from a file, where no compiler has looked at them. */
function refusesProps(props: Record<string, unknown>, message: RegExp): string {
  return refuses(() => certManager(props), message);
}

describe('CertManager', () => {
  it('installs the newest release where none is named', () => {
    assert.equal(certManager().version, 'v1.21.1');
    assert.equal(container('cert-manager', {}).image, 'quay.io/jetstack/cert-manager-controller:v1.21.1');
  });

  it('gives the same objects for the same props', () => {
    assert.deepEqual(objects({ version: 'v1.11.0' }), objects({ version: 'v1.11.0' }));
  });

  it('tells the names that others need', () => {
    const construct = certManager({ namespace: 'pki' });
    const names = objectsOf(construct).map(objectName);
    for (const name of Object.values(construct.deploymentNames)) {
      assert.ok(names.includes(`Deployment pki/${name}`));
      assert.ok(names.includes(`ServiceAccount pki/${name}`));
    }
    assert.ok(names.includes(`ValidatingWebhookConfiguration ${construct.webhookConfigurationName}`));
    assert.ok(names.includes(`MutatingWebhookConfiguration ${construct.webhookConfigurationName}`));
  });

  it('names every image that its pods need, and only those', () => {
    const props = { imageRegistry: 'registry.example.org/mirror' };
    const text = JSON.stringify(objects(props));
    const { images } = certManager(props);
    assert.equal(images.length, 4);
    assert.deepEqual([...new Set(text.match(/registry\.example\.org\/mirror\/[\w.:-]+/g))].sort(), [...images].sort());
    assert.equal(text.includes('quay.io'), false);
  });

  for (const version of certManagerVersions) {
    it(`lists the objects of ${version} in an order in which they can be applied`, () => {
      const kinds = objects({ version }).map(({ kind }) => kind);
      const order = [
        ['Namespace'],
        ['CustomResourceDefinition'],
        ['ServiceAccount'],
        ['ConfigMap'],
        ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
        ['Service'],
        ['Deployment'],
        ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
      ];
      const ranks = kinds.map((kind) => order.findIndex((group) => group.includes(kind)));
      assert.deepEqual(
        ranks,
        [...ranks].sort((a, b) => a - b),
      );
    });

    it(`lists each role of ${version} before what binds it`, () => {
      const seen = new Set<string>();
      for (const object of objects({ version })) {
        seen.add(objectName(object));
        if (!object.kind.endsWith('Binding')) continue;
        const role = object as KubernetesObject & { roleRef: { kind: string; name: string } };
        const { namespace } = object.metadata;
        const bound = {
          kind: role.roleRef.kind,
          metadata: { name: role.roleRef.name, ...(role.roleRef.kind === 'Role' && { namespace }) },
        };
        assert.ok(seen.has(objectName(bound)), objectName(object));
      }
    });

    it(`keeps the cluster-scoped objects of ${version} out of a chart's namespace`, () => {
      const chart = new Chart(new App(), 'test', { namespace: 'elsewhere' });
      const stamped = objectsOf(new CertManager(chart, 'cert-manager', { version }));
      assert.deepEqual(stamped.map(objectName), objects({ version }).map(objectName));
      assert.equal(JSON.stringify(stamped).includes('elsewhere'), false);
    });

    it(`leaves no trace of the usual namespace in ${version} when another is chosen`, () => {
      const own = objects({ version, namespace: 'pki' });
      const namespaces = JSON.stringify(own).match(/"namespace":"[^"]*"/g) ?? [];
      assert.deepEqual([...new Set(namespaces)].sort(), ['"namespace":"kube-system"', '"namespace":"pki"']);
      const webhook = own.find(({ kind }) => kind === 'ValidatingWebhookConfiguration');
      assert.deepEqual(webhook?.metadata.annotations, {
        'cert-manager.io/inject-ca-from-secret': 'pki/cert-manager-webhook-ca',
      });
      const excluded = JSON.stringify(webhook).match(/"values":\["(?!true)[^"]*"\]/g) ?? [];
      assert.deepEqual(excluded, version === 'v1.11.0' ? ['"values":["pki"]'] : []);
    });
  }

  it('leaves out the namespace and the CRDs when told so', () => {
    const kinds = objects({ createNamespace: false, crds: false }).map(({ kind }) => kind);
    assert.equal(kinds.includes('Namespace'), false);
    assert.equal(kinds.includes('CustomResourceDefinition'), false);
    assert.equal(kinds.length, objects().length - 7);
  });

  it('moves leases and the rights to them to another namespace', () => {
    const own = objects({ leaderElectionNamespace: 'leases' });
    assert.equal(JSON.stringify(own).includes('kube-system'), false);
    const inLeases = own.filter(({ metadata }) => metadata.namespace === 'leases').map(objectName);
    assert.equal(inLeases.length, 4);
    const told = JSON.stringify(own).match(/--leader-election-namespace=leases/g);
    assert.equal(told?.length, 2);
  });

  it('sets replicas and resources of one component, and of no other', () => {
    const props: CertManagerProps = {
      replicas: { webhook: 3 },
      resources: { webhook: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: 1 } } },
    };
    assert.deepEqual(
      deployments.map((name) => deployment(name, props).spec.replicas),
      [1, 3, 1],
    );
    assert.deepEqual(
      deployments.map((name) => container(name, props).resources),
      [undefined, { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: 1 } }, undefined],
    );
  });

  it('sets the pull policy of all components', () => {
    const policies = deployments.map((name) => container(name, { imagePullPolicy: 'Never' }).imagePullPolicy);
    assert.deepEqual(policies, ['Never', 'Never', 'Never']);
  });
});

describe('the arguments of cert-manager', () => {
  const argsOf = (name: string, props: CertManagerProps) => container(name, props).args ?? [];

  it('set the log level of all components', () => {
    for (const name of deployments) {
      const args = argsOf(name, { logLevel: 5 }).filter((arg) => arg.startsWith('--v='));
      assert.deepEqual(args, ['--v=5']);
    }
  });

  it('set the API rate of the controller, the one component that has it', () => {
    const rates = deployments.map((name) =>
      argsOf(name, { kubeApiQps: 100, kubeApiBurst: 200 }).filter((arg) => arg.startsWith('--kube-api')),
    );
    assert.deepEqual(rates, [['--kube-api-qps=100', '--kube-api-burst=200'], [], []]);
  });

  it('give each feature gate to the components that know it', () => {
    const gates = deployments.map((name) =>
      argsOf(name, {
        featureGates: { ServerSideApply: true, LiteralCertificateSubject: false, NameConstraints: true },
      }).filter((arg) => arg.startsWith('--feature-gates')),
    );
    assert.deepEqual(gates, [
      ['--feature-gates=ServerSideApply=true,LiteralCertificateSubject=false,NameConstraints=true'],
      ['--feature-gates=LiteralCertificateSubject=false,NameConstraints=true'],
      ['--feature-gates=ServerSideApply=true'],
    ]);
  });

  it('end with the further ones', () => {
    const args = argsOf('cert-manager', { extraArgs: { controller: ['--dns01-recursive-nameservers-only'] } });
    assert.equal(args.at(-1), '--dns01-recursive-nameservers-only');
  });

  it('give way to a further one of the same name', () => {
    const args = argsOf('cert-manager', { extraArgs: { controller: ['--max-concurrent-challenges=5'] } });
    const limits = args.filter((arg) => arg.startsWith('--max-concurrent-challenges'));
    assert.deepEqual(limits, ['--max-concurrent-challenges=5']);
  });
});

describe('CertManager refuses', () => {
  it('a version that is not built in, and names those that are', () => {
    refusesProps({ version: 'v1.12.0' }, /version: must be one of 'v1\.11\.0', 'v1\.21\.1'; given 'v1\.12\.0'/);
  });

  it('fewer than one replica', () => {
    refusesProps({ replicas: { controller: 0 } }, /replicas\.controller: must be at least 1; given 0/);
  });

  it('a component and a prop that there is none of', () => {
    refusesProps({ replicas: { web: 1 } }, /replicas\.web: unknown field/);
    refusesProps({ logLevl: 1 }, /logLevl: unknown field; did you mean 'logLevel'\?/);
  });

  it('a feature gate that the release does not have', () => {
    refusesProps(
      { version: 'v1.11.0', featureGates: { NameConstraint: true } },
      /featureGates\.NameConstraint: no gate of v1\.11\.0; it has AdditionalCertificateOutputFormats, /,
    );
    refusesProps({ featureGates: { NameConstraint: true } }, /did you mean 'NameConstraints'\?/);
    refusesProps({ featureGates: { NameConstraints: 'yes' } }, /must be true or false; given 'yes'/);
  });

  it('an API rate that makes the controller exit', () => {
    refusesProps({ kubeApiQps: 0 }, /kubeApiQps: must be above 0; given 0/);
    refusesProps({ kubeApiQps: 100 }, /kubeApiBurst: must be at least kubeApiQps, 100; cert-manager takes 50/);
    refusesProps({ kubeApiBurst: 10 }, /kubeApiBurst: must be at least kubeApiQps, 20; given 10/);
  });

  it('further arguments that a prop is for, or that other objects rely on', () => {
    refusesProps(
      { extraArgs: { cainjector: ['--v=6'] } },
      /extraArgs\.cainjector\[0\]: --v is set by the prop 'logLevel'/,
    );
    refusesProps({ extraArgs: { controller: ['--kube-api-qps=6'] } }, /is set by the prop 'kubeApiQps'/);
    refusesProps({ extraArgs: { webhook: ['--secure-port=1'] } }, /whose Service points there/);
    refusesProps({ extraArgs: { webhook: ['verbose'] } }, /extraArgs\.webhook\[0\]: must match/);
  });

  it('names that are not valid DNS labels, and amounts that are not quantities', () => {
    refusesProps({ namespace: 'Cert_Manager' }, /namespace: must match/);
    refusesProps({ imageRegistry: 'https://registry.example.org/' }, /imageRegistry: must match/);
    refusesProps({ resources: { webhook: { limits: { memory: '1 GB' } } } }, /memory: must match/);
  });

  it('all that is wrong at once, each with the path of the construct', () => {
    const lines = refusesProps({ version: 'v2', logLevel: 11, namespace: '' }, /version/).split('\n');
    assert.equal(lines.length, 3);
    for (const line of lines) assert.ok(line.startsWith('test/cert-manager: '));
  });
});
