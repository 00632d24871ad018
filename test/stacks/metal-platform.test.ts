import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as kubernetes from '@pulumi/kubernetes';
import { App } from 'cdk8s';
import { stringify } from 'yaml';
import { Testbed } from '../../lib';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { MetalPlatform, type MetalPlatformArgs } from '../../stacks/metal-platform';
import { platformLayer } from '../../stacks/platform';
import { isSecretOutput, record, secretValue, type Registered } from '../support/pulumi-recorder';
import * as pulumi from '@pulumi/pulumi';
import { refuses } from '../support/refuses';
import { rejects } from '../support/rejects';

const kubeconfig = stringify({
  'current-context': 'lab',
  clusters: [{ name: 'lab', cluster: { server: 'https://lab.example', 'certificate-authority-data': 'Q0E=' } }],
  users: [{ name: 'lab', user: { token: 'token-of-lab' } }],
  contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab' } }],
});

const make = async (args: Omit<MetalPlatformArgs, 'kubeconfig'> = {}) =>
  (await record(() => new MetalPlatform('lab', { kubeconfig, ...args }))).resources;
/** Without CRDs, whose schemas take Pulumi a second. */
const SMALL = { certManager: { crds: false }, operators: [{ crds: false }] };

const isCondition = ({ type }: Registered) => type.endsWith(':ClusterCondition');
const objectsIn = (resources: readonly Registered[]) => resources.filter(({ inputs }) => 'kind' in inputs);
const providerIn = (resources: readonly Registered[]) =>
  resources.find(({ type }) => type === 'pulumi:providers:kubernetes')?.inputs;

/** Everything that a resource comes after, by name. */
function ancestors(resources: readonly Registered[], name: string): ReadonlySet<string> {
  const byName = new Map(resources.map((each) => [each.name, each]));
  const found = new Set<string>();
  const visit = (each: string) => {
    for (const next of byName.get(each)?.dependsOn ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(name);
  return found;
}

describe('MetalPlatform', () => {
  let resources: readonly Registered[];
  before(async () => {
    resources = await make();
  });
  const named = (name: string) => resources.find((each) => each.name === name) ?? assert.fail(`no ${name}`);

  it('registers every object that cdk8s synthesizes of the same description, as it is', () => {
    const { charts } = new Testbed(new App(), 'testbed', { hostSets: [] });
    const synthesized = charts.flatMap((chart) => chart.toJson() as object[]);
    const texts = (all: readonly unknown[]) => all.map((object) => JSON.stringify(sorted(object))).sort();
    assert.deepEqual(texts(objectsIn(resources).map(({ inputs }) => inputs)), texts(synthesized));
  });

  it('is the parent of every object', () => {
    for (const { parent, name } of objectsIn(resources)) assert.equal(parent, 'lab', name);
  });

  it('hands every object to its own provider', () => {
    for (const { provider, name } of objectsIn(resources)) assert.match(provider, /::lab::lab-id$/, name);
  });

  it('registers objects by their own types', () => {
    assert.equal(named('lab/Deployment/cert-manager/cert-manager').type, 'kubernetes:apps/v1:Deployment');
    assert.equal(named('lab/Namespace/cert-manager').type, 'kubernetes:core/v1:Namespace');
  });

  it('registers no two resources by one name', () => {
    const names = resources.map(({ type, name }) => `${type} ${name}`);
    assert.equal(new Set(names).size, names.length);
  });

  it('makes each once what it needs is there', () => {
    const order = [
      'lab/Namespace/baremetal-operator-system',
      'lab/CustomResourceDefinition/baremetalhosts.metal3.io',
      'lab/CRDs established',
      'lab/ServiceAccount/cert-manager/cert-manager-webhook',
      'lab/Deployment/cert-manager/cert-manager-webhook',
      'lab/cert-manager available',
      'lab/CA of cert-manager',
      'lab/Issuer accepted',
      'lab/Certificate/baremetal-operator-system/baremetal-operator-serving-cert',
      'lab/Certificate ready',
      'lab/Deployment/baremetal-operator-system/baremetal-operator-controller-manager',
      'lab/caBundle injected',
      'lab/operator available',
      'lab/host accepted',
    ];
    for (const [i, name] of order.entries()) {
      const earlier = ancestors(resources, named(name).name);
      for (const each of order.slice(0, i)) assert.ok(earlier.has(each), `${name} does not wait for ${each}`);
    }
  });

  it('asks for the last condition once every object is there', () => {
    const all = ancestors(resources, 'lab/host accepted');
    const rest = objectsIn(resources).filter(({ name }) => !all.has(name));
    assert.deepEqual(rest, []);
  });

  it('waits for no Service before the pods that it leads to', () => {
    const selected = (labels: object, selector: object) =>
      Object.entries(selector).every(([key, value]) => labels[key as never] === value);
    const ofKind = (kind: string) => objectsIn(resources).filter(({ inputs }) => inputs['kind'] === kind);
    for (const deployment of ofKind('Deployment')) {
      const { template } = deployment.inputs['spec'] as { template: { metadata: { labels: object } } };
      const earlier = ancestors(resources, deployment.name);
      const own = ofKind('Service').filter(({ inputs }) =>
        selected(template.metadata.labels, (inputs['spec'] as { selector: object }).selector),
      );
      for (const service of own) assert.ok(!earlier.has(service.name), `${deployment.name} waits for ${service.name}`);
    }
  });

  it('knows the cluster by its CA, not by its address', async () => {
    const moved = kubeconfig.replace('https://lab.example', 'https://elsewhere.example');
    const elsewhere = (await record(() => new MetalPlatform('lab', { ...SMALL, kubeconfig: moved }))).resources;
    const identifier = providerIn(resources)?.['clusterIdentifier'];
    assert.match(String(identifier), /^[0-9a-f]{16}$/);
    assert.equal(providerIn(elsewhere)?.['clusterIdentifier'], identifier);
  });

  it('has its provider apply on the side of the server', () => {
    assert.equal(providerIn(resources)?.['enableServerSideApply'], 'true');
  });

  it('hands the kubeconfig to provider, component and conditions as a secret', () => {
    assert.equal(secretValue(providerIn(resources)?.['kubeconfig']), kubeconfig);
    const component = resources.find(({ type }) => type === 'metal3-testbed:index:MetalPlatform');
    assert.equal(secretValue(component?.inputs['kubeconfig']), kubeconfig);
    for (const { inputs, name } of resources.filter(isCondition))
      assert.equal(secretValue(inputs['kubeconfig']), kubeconfig, name);
  });

  it('shows the kubeconfig nowhere else', () => {
    const withoutSecrets = JSON.stringify(resources, (_, value: unknown) => (secretValue(value) ? null : value));
    assert.doesNotMatch(withoutSecrets, /token-of-lab/);
  });

  it('tells a condition what it is about', () => {
    const { inputs } = named('lab/Certificate ready');
    assert.equal(inputs['condition'], 'certificates-ready');
    const metadata = { name: 'baremetal-operator-serving-cert', namespace: 'baremetal-operator-system' };
    assert.deepEqual(inputs['objects'], [{ apiVersion: 'cert-manager.io/v1', kind: 'Certificate', metadata }]);
  });

  it('tells a condition no more than the names of objects, but for those that would be made', () => {
    for (const { name, inputs } of resources.filter(isCondition)) {
      const isProbe = inputs['condition'] === 'accepted';
      for (const object of inputs['objects'] as object[])
        assert.deepEqual(
          Object.keys(object).sort(),
          ['apiVersion', 'kind', 'metadata', ...(isProbe ? ['spec'] : [])],
          name,
        );
    }
  });

  it('leaves alone the CA bundle that cert-manager writes into a webhook', () => {
    const webhook = objectsIn(resources).find(({ inputs }) => inputs['kind'] === 'ValidatingWebhookConfiguration');
    assert.deepEqual(webhook?.ignoreChanges, ['webhooks[*].clientConfig.caBundle']);
  });

  describe('whose operator changes', () => {
    const of = (all: readonly Registered[], name: string) => all.find((each) => each.name === name)?.inputs['of'];
    let [first, changed]: (readonly Registered[])[] = [];
    before(async () => {
      first = await make(SMALL);
      changed = await make({ ...SMALL, operators: [{ crds: false, concurrency: 31 }] });
    });

    it('waits again for what comes after the operator', () => {
      assert.notEqual(of(changed!, 'lab/host accepted'), of(first!, 'lab/host accepted'));
    });

    it('does not wait again for what comes before it', () => {
      assert.equal(of(changed!, 'lab/Issuer accepted'), of(first!, 'lab/Issuer accepted'));
    });
  });

  describe('whose operators watch namespaces', () => {
    let made: readonly Registered[];
    before(async () => {
      made = await make({
        ...SMALL,
        operators: [
          { namespace: 'bmo-a', crds: false, watchedNamespaces: ['farm-a', 'default'] },
          { namespace: 'bmo-b', crds: false, watchedNamespaces: ['farm-b'] },
        ],
      });
    });

    it('makes those namespaces, but for the ones that every cluster has', () => {
      const namespaces = objectsIn(made).filter(({ inputs }) => inputs['kind'] === 'Namespace');
      assert.deepEqual(namespaces.map(({ name }) => name.slice('lab/Namespace/'.length)).sort(), [
        ...['bmo-a', 'bmo-b', 'cert-manager', 'farm-a', 'farm-b'],
      ]);
    });

    it('asks of each operator whether it takes a host in one of them', () => {
      const probe = made.find(({ name }) => name === 'lab/host accepted');
      const probed = (probe?.inputs['objects'] as KubernetesObject[]).map(({ metadata }) => metadata.namespace);
      assert.deepEqual(probed, ['farm-a', 'farm-b']);
    });
  });

  describe('on a cluster that runs no pods', () => {
    let made: readonly Registered[];
    before(async () => {
      made = await make({ hasPods: false, operators: SMALL.operators });
    });

    it('has nothing that needs pods', () => {
      const kinds = new Set(objectsIn(made).map(({ inputs }) => inputs['kind']));
      assert.ok(kinds.has('ClusterRole'));
      for (const kind of ['Deployment', 'Service', 'MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'])
        assert.ok(!kinds.has(kind), kind);
    });

    it('waits for CRDs alone', () => {
      const conditions = made.filter(isCondition).map(({ name }) => name);
      assert.deepEqual(conditions, ['lab/CRDs established']);
    });

    it('keeps namespaces when it is destroyed, unless something there ends them', async () => {
      const cared = await make({ hasPods: false, hasControllers: true, operators: SMALL.operators });
      assert.ok(!cared.some(({ retainOnDelete }) => retainOnDelete));
      const kept = made.filter(({ retainOnDelete }) => retainOnDelete).map(({ inputs }) => inputs['kind']);
      assert.deepEqual([...new Set(kept)], ['Namespace']);
    });
  });

  it('leaves it to the environment whether what was on a cluster that is gone is forgotten', () => {
    assert.equal(providerIn(resources)?.['deleteUnreachable'], undefined);
  });

  it('forgets what was on a cluster that is gone where it is told to', async () => {
    assert.equal(providerIn(await make({ ...SMALL, onClusterGone: 'forget' }))?.['deleteUnreachable'], 'true');
  });

  it('is deleted only after its guard has found no hosts, while everything else is still there', () => {
    const guard = resources.find(({ type }) => type.endsWith(':ObjectsGuard'));
    assert.equal(secretValue(guard?.inputs['kubeconfig']), kubeconfig);
    assert.ok(guard?.dependsOn.includes('lab/host accepted'));
  });

  it('takes back fields of others only where it is told to', async () => {
    assert.equal(providerIn(resources)?.['enablePatchForce'], undefined);
    assert.equal(providerIn(await make({ ...SMALL, forceConflicts: true }))?.['enablePatchForce'], 'true');
  });

  describe('with a provider of somebody', () => {
    const given = { kubeconfig, context: 'lab' };
    const own = (program: (provider: kubernetes.Provider) => unknown) =>
      record(() => program(new kubernetes.Provider('theirs', given)));

    for (const [how, program] of [
      ['as an argument', (provider: kubernetes.Provider) => new MetalPlatform('lab', { ...SMALL, provider })],
      ['among its options', (provider: kubernetes.Provider) => new MetalPlatform('lab', SMALL, { provider })],
    ] as const)
      it(`${how} makes its objects by that one, and waits on its cluster`, async () => {
        const { resources: made } = await own(program);
        for (const { provider, name } of objectsIn(made)) assert.match(provider, /::theirs::theirs-id$/, name);
        assert.equal(made.filter(({ type }) => type === 'pulumi:providers:kubernetes').length, 1);
        for (const { inputs, name } of made.filter(isCondition))
          assert.equal(secretValue(inputs['kubeconfig']), kubeconfig, name);
      });

    it('is refused where there is neither that nor a kubeconfig', async () => {
      await record(() =>
        refuses(() => new MetalPlatform('lab', SMALL), /MetalPlatform lab is for no cluster: give kubeconfig/),
      );
    });
  });

  it('has what simulates hosts beside an embedded control plane, once all is there, and before the guard', async () => {
    const simulators = { folder: '/lab', kind: 'kwok' as const };
    const made = await make({ hasPods: false, operators: SMALL.operators, simulators });
    const simulator = made.find(({ type }) => type.endsWith(':LocalSimulators'));
    assert.deepEqual([simulator?.inputs['folder'], simulator?.inputs['kind']], ['/lab', 'kwok']);
    assert.deepEqual(simulator?.inputs['operators'], SMALL.operators);
    assert.ok(simulator?.dependsOn.some((name) => name.startsWith('lab/')));
    const guard = made.find(({ type }) => type.endsWith(':ObjectsGuard'));
    // All of them are called as the platform is.
    assert.ok(guard?.dependsOn.includes('lab'));
  });

  it('has the managers of Cluster API beside an embedded control plane, and nothing of them among its objects', async () => {
    const clusterApi = { core: { featureGates: { ClusterTopology: true } } };
    const made = await make({ hasPods: false, operators: SMALL.operators, clusterApi, managers: { folder: '/lab' } });
    const managers = made.find(({ type }) => type.endsWith(':LocalManagers'));
    assert.deepEqual([managers?.inputs['folder'], managers?.inputs['clusterApi']], ['/lab', clusterApi]);
    assert.ok(managers?.dependsOn.some((name) => name.startsWith('lab/')));
    assert.ok(!objectsIn(made).some(({ name }) => name.includes('cluster.x-k8s.io')));
    assert.ok(made.find(({ type }) => type.endsWith(':ObjectsGuard'))?.dependsOn.includes('lab'));
  });

  it('refuses Cluster API on a cluster without pods, and says what there is', async () => {
    await record(() =>
      refuses(
        () => new MetalPlatform('lab', { kubeconfig, hasPods: false, clusterApi: {} }),
        /run in pods, and the cluster runs none .*give managers: \{ folder \}/,
      ),
    );
  });

  it('refuses arguments that are none, and outputs where it has to be known which resources there are', async () => {
    const refused = (more: object, message: RegExp) =>
      record(() => refuses(() => new MetalPlatform('lab', { kubeconfig, ...more }), message));
    await refused({ timeoutSeconds: -1 }, /timeoutSeconds: must be at least 1; given -1/);
    await refused({ hasPod: false }, /hasPod: unknown field; did you mean 'hasPods'/);
    await refused({ operators: 'all' }, /operators: must be a list; given 'all'/);
    await refused({ hasPods: pulumi.output(true) }, /hasPods of MetalPlatform lab decides .*: give a plain value/);
  });

  it('refuses operators that cannot be on one cluster before an object is registered', async () => {
    const operators = [{}, { namespace: 'other' }];
    const { resources: made } = await record(() =>
      refuses(
        () => new MetalPlatform('lab', { kubeconfig, operators }),
        /2 operators, of which 2 watch all namespaces/,
      ),
    );
    assert.deepEqual(objectsIn(made), []);
  });
});

describe('the platform layer', () => {
  const made = () => {
    const outputs = { kubeconfig, hasPods: true, hasControllers: true, folder: '' };
    const stacks = { 'organization/metal3-testbed/dev-cluster': outputs };
    return record(() => platformLayer({ ...SMALL, clusterStack: 'dev-cluster' }), { stacks });
  };

  it('takes the kubeconfig of the stack below', async () => {
    const { resources } = await made();
    assert.equal(secretValue(providerIn(resources)?.['kubeconfig']), kubeconfig);
  });

  it('puts the kubeconfig out as a secret', async () => {
    assert.equal(await isSecretOutput((await made()).result.kubeconfig), true);
  });

  it('puts out which namespaces its operators watch: none, where that is all', async () => {
    assert.deepEqual((await made()).result.watchedNamespaces, []);
  });

  it('says which stack has to be made first', async () => {
    const made = record(() => platformLayer({ clusterStack: 'dev-cluster' }));
    const message =
      /stack organization\/metal3-testbed\/dev-cluster has no output kubeconfig, hasPods, hasControllers, folder: run/;
    await rejects(made, message, 'invalid-input');
  });
});

/** The same value with its keys in order, so that two can be compared as text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, sorted(each)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
