import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Chart, Testing } from 'cdk8s';
import { ClusterApi } from '../../../../lib/components/cluster-api/cluster-api';
import { clusterApiComponent } from '../../../../lib/components/cluster-api/component';
import type { AnyProviderProps } from '../../../../lib/components/cluster-api-provider/options';
import { ipAddressManagerComponent } from '../../../../lib/components/ip-address-manager/component';
import { kubeadmBootstrapComponent } from '../../../../lib/components/kubeadm-bootstrap/component';
import { metal3ProviderComponent } from '../../../../lib/components/metal3-provider/component';
import { isNamespace, isCustomResourceDefinition } from '../../../../lib/order';
import type { Manifest } from '../../../../lib/upstream';
import { goldenFile, goldenYaml } from '../../../support/golden';
import { managerArgumentsOf, providers, synthesizedProvider } from '../../../support/providers';
import { refuses } from '../../../support/refuses';
import type { KubernetesObject } from '../../../support/upstream';
import { testApp } from '../../../support/charts';

type Props = AnyProviderProps & Readonly<Record<string, unknown>>;

const named = (name: string) => providers.find(({ spec }) => spec.name === name)!;
const objectsOf = (name: string, props: Props = {}) => synthesizedProvider(named(name), props);
const argsOf = (name: string, props: Props = {}) => managerArgumentsOf(objectsOf(name, props));
const one = (objects: readonly KubernetesObject[], kind: string) => objects.find((object) => object.kind === kind)!;

describe('a provider of Cluster API without props', () => {
  for (const provider of providers) {
    const { name, defaultVersion } = provider.spec;
    it(`installs the objects of golden/${name}-${defaultVersion}.yaml, beside its CRDs`, (t) => {
      const objects = synthesizedProvider(provider).filter(({ kind }) => kind !== 'CustomResourceDefinition');
      const file = goldenFile(__dirname, `${name}-${defaultVersion}.yaml`);
      t.assert.fileSnapshot(goldenYaml(objects), file, { serializers: [String] });
    });
  }
});

describe('the CRDs of a provider', () => {
  const definitions = (name: string, props?: Props) =>
    objectsOf(name, props).filter(({ kind }) => kind === 'CustomResourceDefinition');
  const versionsOf = (definition: KubernetesObject) =>
    (definition['spec'] as { readonly versions: readonly Readonly<Record<string, unknown>>[] }).versions;

  it('have on request the stored version alone, which nobody converts, and say so to Cluster API', () => {
    for (const { spec } of providers)
      for (const definition of definitions(spec.name, { leanCrds: true })) {
        const { name, labels, annotations } = definition.metadata;
        const whole = definitions(spec.name).find(({ metadata }) => metadata.name === name)!;
        // CAPM3 asks for these in a version that they are not stored in.
        if (name.endsWith('.ipam.cluster.x-k8s.io')) {
          assert.deepEqual(definition, whole);
          continue;
        }
        const stored = versionsOf(whole).filter(({ storage }) => storage);
        assert.deepEqual(versionsOf(definition), stored, name);
        assert.ok(!('conversion' in (definition['spec'] as object)), name);
        const isConverted = 'conversion' in (whole['spec'] as object) || versionsOf(whole).length > 1;
        assert.ok(!isConverted || !/inject-ca-from/.test(JSON.stringify(annotations)), name);
        const said = Object.entries(labels ?? {}).filter(([key]) => /^cluster\.x-k8s\.io\/v/.test(key));
        for (const [, version] of said) assert.equal(version, stored[0]?.['name'], name);
        const before = Object.keys(whole.metadata.labels ?? {}).filter((key) => key === 'cluster.x-k8s.io/v1beta2');
        assert.equal(said.length, before.length, name);
      }
  });

  it('lack on request the time that CAPM3 writes whenever it looks at an object', () => {
    const statusOf = (definition: KubernetesObject) => JSON.stringify(versionsOf(definition)).includes('"lastUpdated"');
    const having = (props?: Props) =>
      definitions('metal3-provider', props)
        .filter(statusOf)
        .map(({ metadata }) => metadata.name.replace(/\..*/, ''));
    const kinds = ['metal3clusters', 'metal3datatemplates'];
    assert.ok(kinds.every((name) => having().includes(name)));
    assert.deepEqual(
      having({ omitLastUpdated: true }),
      having().filter((name) => !kinds.includes(name)),
    );
  });
});

describe('the manager of a provider', () => {
  it('is called with what the props ask for, after what the release gives it', () => {
    const args = argsOf('cluster-api', {
      kubeApiQps: 500,
      kubeApiBurst: 1000,
      concurrency: { machineDeployment: 7, clusterCache: 3 },
      watchedNamespace: 'lab',
      watchFilter: 'mine',
      syncPeriod: '1h30m',
      logLevel: 4,
      featureGates: { ClusterTopology: true },
      extraArgs: ['--clustercache-client-qps=40'],
    });
    assert.deepEqual(args.slice(0, 3), [
      ...['--leader-elect', '--diagnostics-address=:8443', '--insecure-diagnostics=false'],
    ]);
    // The gates that nobody names stay as the release has them, in its order.
    assert.match(args[3] ?? '', /^--feature-gates=MachinePool=true,ClusterTopology=true,RuntimeSDK=false,/);
    assert.deepEqual(args.slice(4), [
      ...['--namespace=lab', '--watch-filter=mine', '--sync-period=1h30m', '--kube-api-qps=500'],
      ...['--kube-api-burst=1000', '--machinedeployment-concurrency=7', '--clustercache-concurrency=3', '--v=4'],
      '--clustercache-client-qps=40',
    ]);
  });

  it('has props of its own, where it is the only one with such an argument', () => {
    assert.ok(argsOf('kubeadm-bootstrap', { bootstrapTokenTtl: '2h' }).includes('--bootstrap-token-ttl=2h'));
    const metal3 = objectsOf('metal3-provider', { nameBasedPreallocation: true, fastTrack: true });
    assert.ok(managerArgumentsOf(metal3).includes('--enable-bmh-name-based-preallocation=true'));
    assert.deepEqual(one(metal3, 'ConfigMap')['data'], { CAPM3_FAST_TRACK: 'true' });
  });

  it('has only arguments that its release has', () => {
    for (const { spec } of providers) {
      for (const release of Object.values(spec.releases)) {
        const concurrency = Object.fromEntries(spec.controllers.map((name) => [name, 2]));
        const tuned = {
          kubeApiQps: 1,
          kubeApiBurst: 1,
          concurrency,
          watchedNamespace: 'x',
          watchFilter: 'x',
          logLevel: 1,
        };
        const args = argsOf(spec.name, { ...tuned, syncPeriod: '1m', leaderElection: true });
        const unknown = args
          .map((arg) => arg.replace(/^--/, '').replace(/=.*/, ''))
          .filter((flag) => !release.flags.has(flag));
        assert.deepEqual(unknown, [], spec.name);
      }
    }
  });

  it('runs in the pod that the props describe', () => {
    const objects = objectsOf('ip-address-manager', {
      image: 'registry.test/ipam:dev',
      imagePullPolicy: 'Never',
      replicas: 2,
      leaderElection: true,
      resources: { requests: { cpu: '50m' }, limits: { memory: '1Gi' } },
    });
    const { replicas, template } = one(objects, 'Deployment')['spec'] as unknown as {
      replicas: number;
      template: { spec: { containers: Record<string, unknown>[] } };
    };
    const { image, imagePullPolicy, resources } = template.spec.containers[0] ?? {};
    assert.equal(replicas, 2);
    assert.deepEqual([image, imagePullPolicy], ['registry.test/ipam:dev', 'Never']);
    assert.deepEqual(resources, { requests: { cpu: '50m' }, limits: { memory: '1Gi' } });
    // As the release has it, it elects no leader, and has no right to.
    assert.match(JSON.stringify(one(objects, 'Role')), /coordination\.k8s\.io/);
    assert.doesNotMatch(JSON.stringify(one(objectsOf('ip-address-manager'), 'Role')), /coordination/);
  });

  it('runs in another namespace, with all that refers to it', () => {
    for (const { spec } of providers) {
      const text = JSON.stringify(objectsOf(spec.name, { namespace: 'elsewhere' }));
      assert.doesNotMatch(
        text,
        new RegExp(`"${spec.namespace}"|\\.${spec.namespace}\\.svc|${spec.namespace}/`),
        spec.name,
      );
      assert.match(text, new RegExp(`${spec.prefix}-webhook-service\\.elsewhere\\.svc`));
    }
    const kinds = objectsOf('cluster-api', { createNamespace: false, crds: false }).map(({ kind }) => kind);
    assert.ok(!kinds.includes('Namespace') && !kinds.includes('CustomResourceDefinition'));
  });

  it('keeps cluster-scoped objects out of the namespace of a chart', () => {
    const chart = new Chart(testApp(), 'c', { namespace: 'given' });
    new ClusterApi(chart, 'capi', { clusterctl: true });
    const scoped = (Testing.synth(chart) as KubernetesObject[]).filter(({ kind }) =>
      /^(Namespace|CustomResourceDefinition|ClusterRole.*|.*WebhookConfiguration)$/.test(kind),
    );
    assert.deepEqual(
      scoped.filter(({ metadata }) => metadata['namespace'] !== undefined),
      [],
    );
  });
});

describe('clusterctl', () => {
  it('knows what is to be known to it: every object by its labels, the provider by its entry', () => {
    for (const { spec } of providers) {
      const objects = objectsOf(spec.name, { clusterctl: true });
      const entry = objects.filter(({ kind }) => kind === 'Provider');
      assert.deepEqual(entry, [
        {
          apiVersion: 'clusterctl.cluster.x-k8s.io/v1alpha3',
          kind: 'Provider',
          metadata: {
            name: spec.label,
            namespace: spec.namespace,
            labels: {
              'clusterctl.cluster.x-k8s.io': '',
              'clusterctl.cluster.x-k8s.io/core': 'inventory',
              'cluster.x-k8s.io/provider': spec.label,
            },
          },
          providerName: spec.providerName,
          type: spec.type,
          version: spec.defaultVersion,
        },
      ]);
      for (const { kind, metadata } of objects) {
        const labels = metadata['labels'] as Record<string, string>;
        if (metadata.name === 'providers.clusterctl.cluster.x-k8s.io') {
          assert.deepEqual(labels, { 'clusterctl.cluster.x-k8s.io/core': 'inventory' });
        } else {
          assert.equal(labels['clusterctl.cluster.x-k8s.io'], '', `${spec.name}: ${kind} ${metadata.name}`);
          assert.equal(labels['cluster.x-k8s.io/provider'], spec.label);
        }
      }
      const brings = objects.some(({ metadata }) => metadata.name === 'providers.clusterctl.cluster.x-k8s.io');
      assert.equal(brings, spec.type === 'CoreProvider');
      assert.doesNotMatch(JSON.stringify(objectsOf(spec.name)), /"clusterctl\.cluster\.x-k8s\.io":|"Provider"/);
    }
  });
});

describe('the props of a provider', () => {
  const refused = (name: string, props: Props, pattern: RegExp) => refuses(() => objectsOf(name, props), pattern);

  it('are refused where the release has no such gate, and the one that was meant is named', () => {
    refused(
      'cluster-api',
      { featureGates: { ClusterTopologie: true } },
      /cluster-api: featureGates\.ClusterTopologie: no gate of this release of the Cluster API core provider; did you mean 'ClusterTopology'\?/,
    );
    refused('kubeadm-bootstrap', { featureGates: { Quux: true } }, /Quux: no gate .*; it has AllAlpha, AllBeta, /);
    refused(
      'kubeadm-control-plane',
      { featureGates: { PriorityQueue: false } },
      /featureGates\.PriorityQueue: ReconcilerRateLimiting needs it, .* set both to false/,
    );
    assert.ok(
      argsOf('kubeadm-control-plane', { featureGates: { PriorityQueue: false, ReconcilerRateLimiting: false } }),
    );
    refused('metal3-provider', { featureGates: { ClusterTopology: true } }, /featureGates: unknown field/);
  });

  it('are refused where the release has no such argument, or a prop is for it', () => {
    for (const [name, extraArgs, pattern] of [
      [
        'cluster-api',
        ['--machine-concurency=5'],
        /has no argument --machine-concurency; did you mean '--machine-concurrency'/,
      ],
      ['cluster-api', ['--metal3machine-concurrency=5'], /extraArgs\[0\]: this release of the .* has no argument/],
      [
        'ip-address-manager',
        ['--feature-gates=A=true'],
        /extraArgs\[0\]: --feature-gates is set by the prop 'featureGates'/,
      ],
      [
        'metal3-provider',
        ['--metal3machine-concurrency=5'],
        /--metal3machine-concurrency is set by the prop 'concurrency'/,
      ],
      ['metal3-provider', ['--enable-bmh-name-based-preallocation'], /is set by the prop 'nameBasedPreallocation'/],
      ['kubeadm-bootstrap', ['--webhook-port=1'], /--webhook-port is set by the release, whose Service points there/],
      ['kubeadm-bootstrap', ['--vmodule=a=1', '--vmodule=b=2'], /extraArgs\[1\]: --vmodule is given twice/],
      ['kubeadm-bootstrap', ['vmodule'], /extraArgs\[0\]: must match/],
    ] as const)
      refused(name, { extraArgs }, pattern);
  });

  it('are refused where a value is not allowed', () => {
    for (const [props, pattern] of [
      [{ kubeApiQps: 0 }, /kubeApiQps: must be above 0; given 0/],
      [{ kubeApiQps: NaN }, /kubeApiQps: must be/],
      [{ kubeApiBurst: 0 }, /kubeApiBurst: /],
      [{ concurrency: { machines: 3 } }, /concurrency\.machines: unknown field; did you mean 'machine'/],
      [{ concurrency: { machine: 0 } }, /concurrency\.machine: /],
      [{ syncPeriod: '10' }, /syncPeriod: must match/],
      [{ watchedNamespace: 'Lab' }, /watchedNamespace: must match/],
      [{ logLevel: 11 }, /logLevel: /],
      [{ resources: { limits: { cpu: 'much' } } }, /resources\.limits\.cpu: must be a quantity/],
      [{ replicas: 2, leaderElection: false }, /replicas: 2 managers without leaderElection/],
      [{ imagePullPolicy: 'Sometimes' as never }, /imagePullPolicy: /],
      [
        { version: 'v1.12.0' },
        /version: must be one of v1\.13\.4, or come with its manifests \(metal3-testbed manifests add/,
      ],
      [{ manifests: [{}] }, /version: must be given with manifests/],
    ] as [Props, RegExp][])
      refused('cluster-api', props, pattern);
  });
});

describe('a provider as a component', () => {
  const rest = (objects: readonly KubernetesObject[]) =>
    objects.filter((object) => {
      const kind = object as unknown as Manifest;
      return !isNamespace(kind) && !isCustomResourceDefinition(kind);
    }) as unknown as readonly Manifest[];

  it('is ready once its certificate is there, its pods are, and its webhooks take an object of its own', () => {
    const steps = metal3ProviderComponent({ clusterctl: true }).steps(
      rest(objectsOf('metal3-provider', { clusterctl: true })),
    );
    assert.deepEqual(
      steps.map((step) => [step.kind === 'wait' ? step.condition : 'apply', step.objects.map(({ kind }) => kind)]),
      [
        ['accepted', ['Issuer']],
        [
          'apply',
          [
            ...['ServiceAccount', 'Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding', 'ConfigMap'],
            ...['Certificate', 'Issuer'],
          ],
        ],
        ['certificates-ready', ['Certificate']],
        ['apply', ['Service', 'Deployment', 'MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']],
        [
          'ca-bundles-injected',
          // Those of its kinds that its webhook converts: all but Metal3ClusterTemplate.
          [
            ...['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
            ...Array.from({ length: 8 }, () => 'CustomResourceDefinition'),
          ],
        ],
        ['deployments-available', ['Deployment']],
        ['accepted', ['Metal3Cluster']],
        ['apply', ['Provider']],
      ],
    );
  });

  it('is called as a process as it is in its pod, but for leases and where it listens', () => {
    const props = { concurrency: { cluster: 5 }, kubeApiQps: 300, featureGates: { ClusterTopology: true } };
    const [form] = clusterApiComponent(props).processes ?? [];
    const place = { folder: '/x', kubeconfig: '/x/kubeconfig', health: '127.0.0.1:1', metrics: '127.0.0.1:2' };
    const call = form!.at({ ...place, webhook: { port: 3, certDir: '/x/certs' } });
    const inPod = argsOf('cluster-api', props);
    assert.deepEqual(call.args, [
      ...['--kubeconfig=/x/kubeconfig', '--webhook-port=3', '--webhook-cert-dir=/x/certs', '--health-addr=127.0.0.1:1'],
      ...['--diagnostics-address=127.0.0.1:2', '--insecure-diagnostics'],
      ...inPod.slice(3),
    ]);
    assert.deepEqual([call.readyUrl, call.metricsUrl], ['http://127.0.0.1:1/readyz', 'http://127.0.0.1:2/metrics']);
    assert.throws(() => form!.at(place), /has webhooks, and no port for them/);
    const [metal3] = metal3ProviderComponent({ fastTrack: true, nameBasedPreallocation: true }).processes ?? [];
    assert.deepEqual(metal3?.env, { CAPM3_FAST_TRACK: 'true' });
    assert.deepEqual(metal3?.args, ['--enable-bmh-name-based-preallocation=true']);
    assert.deepEqual(ipAddressManagerComponent({}).processes?.[0]?.args, []);
    assert.ok(kubeadmBootstrapComponent({}).processes?.[0]?.args.includes('--bootstrap-token-ttl=15m'));
  });

  it('tells where its metrics are', () => {
    assert.deepEqual(clusterApiComponent({}).metrics, {
      port: 8443,
      path: '/metrics',
      controller: 'cluster',
      scheme: 'https',
    });
    assert.equal(clusterApiComponent({ insecureDiagnostics: true }).metrics?.scheme, 'http');
  });
});

describe('managers of some namespaces each', () => {
  interface Shard {
    readonly metadata: { readonly name: string };
    readonly spec: {
      readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
      readonly template: {
        readonly metadata: { readonly labels: Readonly<Record<string, string>> };
        readonly spec: {
          readonly affinity?: object;
          readonly nodeSelector?: object;
          readonly tolerations?: readonly { readonly key?: string }[];
          readonly containers: readonly { readonly args: readonly string[] }[];
        };
      };
    };
  }
  const shardsOf = (name: string, props: Props) =>
    objectsOf(name, props).filter(({ kind }) => kind === 'Deployment') as unknown as readonly Shard[];

  for (const { spec } of providers) {
    it(`are Deployments of ${spec.name} of which each takes care of one and elects nobody`, () => {
      const [first, second] = shardsOf(spec.name, { watchedNamespaces: ['a', 'b'] });
      const [whole] = shardsOf(spec.name, {});
      assert.equal(first!.metadata.name, whole!.metadata.name);
      assert.equal(second!.metadata.name, `${whole!.metadata.name}-b`);
      for (const [shard, namespace] of [
        [first!, 'a'],
        [second!, 'b'],
      ] as const) {
        const { selector, template } = shard.spec;
        const [{ args } = { args: [] }] = template.spec.containers;
        assert.deepEqual(
          args.filter((arg) => /namespace|leader-elect/.test(arg)),
          [`--namespace=${namespace}`],
        );
        assert.equal(selector.matchLabels['metal3-testbed/watched-namespace'], namespace);
        for (const [label, value] of Object.entries(selector.matchLabels))
          assert.equal(template.metadata.labels[label], value, label);
        assert.match(JSON.stringify(template.spec.affinity), /preferredDuringScheduling/);
      }
    });
  }

  it('are refused with what makes two of them work on the same objects', () => {
    const refused = (props: Props, message: RegExp) => refuses(() => objectsOf('cluster-api', props), message);
    refused({ watchedNamespaces: [] }, /watchedNamespaces: give one namespace at least/);
    refused({ watchedNamespaces: ['a', 'a'] }, /'a' is given twice/);
    refused({ watchedNamespaces: ['a'], watchedNamespace: 'b' }, /leave one of them out/);
    refused({ watchedNamespaces: ['a', 'b'], replicas: 2 }, /each of its managers is one pod/);
  });

  it('are placed where the description says, beside the taints that the release puts up with', () => {
    for (const { spec } of providers) {
      const nodeSelector = { pool: 'managers' };
      const [shard] = shardsOf(spec.name, { nodeSelector, tolerations: [{ key: 'busy', operator: 'Exists' }] });
      const [whole] = shardsOf(spec.name, {});
      const { tolerations = [], ...pod } = shard!.spec.template.spec;
      assert.deepEqual(pod.nodeSelector, nodeSelector);
      assert.deepEqual(tolerations.slice(0, -1), whole!.spec.template.spec.tolerations ?? []);
      assert.deepEqual(tolerations.at(-1), { key: 'busy', operator: 'Exists' });
      assert.equal(pod.affinity, undefined);
    }
  });
});
