import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { KwokSimulator, resolveTestbed, Testbed, WorkloadApi } from '../../../../lib';
import { OWN_IMAGE } from '../../../../lib/components/simulators/pods';
import { shardInJq, shardOf } from '../../../../lib/shards';
import { testApp, testChart } from '../../../support/charts';
import { refuses } from '../../../support/refuses';

interface Made {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly replicas?: number;
    readonly selector?: object;
    readonly template?: { readonly spec: PodSpec };
  };
}

interface PodSpec {
  readonly nodeSelector?: object;
  readonly tolerations?: readonly object[];
  readonly affinity?: { readonly podAntiAffinity?: object };
  readonly containers: readonly {
    readonly args: readonly string[];
    readonly image: string;
    readonly securityContext: object;
    readonly resources: object;
  }[];
}

function kwok(props: ConstructorParameters<typeof KwokSimulator>[2] = {}): readonly Made[] {
  return new KwokSimulator(testChart(), 'kwok', props).apiObjects.map((object) => object.toJson() as Made);
}

function workloadApi(props: ConstructorParameters<typeof WorkloadApi>[2] = {}): readonly Made[] {
  return new WorkloadApi(testChart(), 'workload-api', props).apiObjects.map((object) => object.toJson() as Made);
}

const ofKind = (objects: readonly Made[], kind: string) => objects.filter((object) => object.kind === kind);
const podsOf = (objects: readonly Made[]) => objects.flatMap(({ spec }) => spec?.template?.spec ?? []);

describe('simulators in pods', () => {
  it('run as nobody in particular, and write nowhere', () => {
    const pods = podsOf([...kwok({ shards: 2 }), ...workloadApi()]);
    assert.equal(pods.length, 4);
    for (const { containers } of pods)
      for (const { securityContext } of containers)
        assert.deepEqual(securityContext, {
          allowPrivilegeEscalation: false,
          privileged: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          runAsUser: 65532,
          runAsGroup: 65532,
          capabilities: { drop: ['ALL'] },
          seccompProfile: { type: 'RuntimeDefault' },
        });
  });

  it('are placed as they are told', () => {
    const placement = {
      nodeSelector: { pool: 'simulators' },
      tolerations: [{ key: 'only', operator: 'Exists', effect: 'NoSchedule' }],
      antiAffinity: 'required',
      resources: { requests: { cpu: '2' }, limits: { memory: '1Gi' } },
    } as const;
    for (const [pod] of [podsOf(kwok(placement)), podsOf(workloadApi(placement))]) {
      assert.ok(pod);
      assert.deepEqual(pod.nodeSelector, placement.nodeSelector);
      assert.deepEqual(pod.tolerations, placement.tolerations);
      assert.ok('requiredDuringSchedulingIgnoredDuringExecution' in (pod.affinity?.podAntiAffinity ?? {}));
      assert.deepEqual(pod.containers[0]?.resources, placement.resources);
    }
    assert.equal(podsOf(kwok({ antiAffinity: 'none' }))[0]?.affinity, undefined);
  });

  it('have the image of this release', () => {
    const { version } = JSON.parse(readFileSync(join(__dirname, '../../../../../package.json'), 'utf8')) as {
      version: string;
    };
    assert.equal(OWN_IMAGE, `metal3-testbed:${version}`);
  });

  it('tell Prometheus Operator where they are, where they are asked to', () => {
    assert.deepEqual(ofKind([...kwok(), ...workloadApi()], 'PodMonitor'), []);
    const monitors = ofKind([...kwok({ podMonitor: true }), ...workloadApi({ podMonitor: true })], 'PodMonitor');
    assert.deepEqual(
      monitors.map(({ metadata }) => metadata),
      [
        { name: 'kwok', namespace: 'kwok-system' },
        { name: 'workload-api', namespace: 'workload-api-system' },
      ],
    );
  });

  it('are refused with what cannot be, each by its path', () => {
    for (const [props, message] of [
      [{ shards: 0 }, /kwok: shards: give a whole number from 1 to 20; given 0/],
      [{ shards: 1.5 }, /shards: .*given 1\.5/],
      [{ namespace: 'No' }, /namespace: must be a DNS label.*'No'/],
      [{ resources: { requests: { cpu: 'much' } } }, /resources\.requests\.cpu: must be a quantity/],
    ] as const)
      refuses(() => kwok(props), message);
    refuses(() => workloadApi({ replicas: 13 }), /replicas: give a whole number from 1 to shards \(12\).*given 13/);
    refuses(() => workloadApi({ shards: 101 }), /shards: give a whole number from 1 to 100; given 101/);
  });
});

describe('kwok in pods', () => {
  it('has a Deployment for each shard, with stages of its own', () => {
    const objects = kwok({ shards: 3 });
    assert.deepEqual(
      ofKind(objects, 'Deployment').map(({ metadata }) => metadata.name),
      ['kwok-0', 'kwok-1', 'kwok-2', 'kwok-credentials'],
    );
    for (const shard of [0, 1, 2]) {
      const stages = ofKind(objects, 'ConfigMap').filter(({ metadata }) => metadata.name.startsWith(`kwok-${shard}-`));
      const text = stages.flatMap(({ data }) => Object.values(data ?? {})).join('');
      assert.ok(text.includes(`.metadata.namespace | ${shardInJq(3).replaceAll('"', '\\"')} == ${shard}`));
      assert.ok(!text.includes(`== ${(shard + 1) % 3}"`));
    }
  });

  it('has no stage look at namespaces where it is alone', () => {
    const text = JSON.stringify(kwok());
    assert.ok(!text.includes('.metadata.namespace |'));
  });

  it('has ConfigMaps that kubectl apply can take', () => {
    for (const { data } of ofKind(kwok({ behaviour: { workers: 16 } }), 'ConfigMap'))
      assert.ok(JSON.stringify(data).length < 250_000, `${JSON.stringify(data).length} bytes`);
  });

  it('sees no Secret itself', () => {
    const secrets = ofKind(kwok(), 'ClusterRole').filter(({ rules = [] }) =>
      rules.some(({ resources }) => resources.includes('secrets')),
    );
    assert.deepEqual(
      secrets.map(({ metadata }) => metadata.name),
      ['kwok-credentials'],
    );
    assert.ok(!JSON.stringify(kwok({ credentials: false })).includes('secrets'));
  });

  it('starts its pods anew where the stages are others', () => {
    const annotation = (props: Parameters<typeof kwok>[0]) =>
      JSON.stringify(ofKind(kwok(props), 'Deployment')[0]).match(/metal3-testbed\/stages":"(\w+)"/)?.[1];
    assert.equal(annotation({}), annotation({}));
    assert.notEqual(annotation({}), annotation({ behaviour: { inspectingMilliseconds: 7 } }));
  });
});

describe('the API of workload clusters in pods', () => {
  it('may write to the Services of its shards alone', () => {
    const role = ofKind(workloadApi({ shards: 2 }), 'Role')[0];
    assert.deepEqual(role?.rules, [
      { apiGroups: ['apps'], resources: ['statefulsets'], resourceNames: ['workload-api'], verbs: ['get'] },
      { apiGroups: [''], resources: ['services'], verbs: ['list'] },
      { apiGroups: [''], resources: ['configmaps'], verbs: ['list'] },
      {
        apiGroups: [''],
        resources: ['services'],
        resourceNames: ['workload-api-0', 'workload-api-1'],
        verbs: ['patch'],
      },
    ]);
  });

  it('leaves to its pods where the Services lead', () => {
    const shards = ofKind(workloadApi({ shards: 3 }), 'Service').filter(({ metadata }) => /\d$/.test(metadata.name));
    assert.equal(shards.length, 3);
    for (const { spec } of shards) assert.equal(spec?.selector, undefined);
  });

  it('has each cluster at the Service that its name falls to', () => {
    const api = new WorkloadApi(testChart(), 'workload-api', { shards: 4 });
    const shard = shardOf('lab/c-1', 4);
    assert.equal(api.endpointHost('lab', 'c-1'), `workload-api-${shard}.workload-api-system.svc`);
  });
});

describe('names spread over shards', () => {
  it('are spread evenly, and always alike', () => {
    const counts = [0, 0, 0, 0];
    for (let i = 1; i <= 4_000; i++) counts[shardOf(`lab-${i}`, 4)]! += 1;
    for (const count of counts) assert.ok(count > 900 && count < 1_100, counts.join(', '));
    // Endpoints of clusters that are there depend on it.
    // 97, and 97 times 31 and 98.
    assert.deepEqual(
      ['a', 'ab'].map((name) => shardOf(name, 12)),
      [97 % 12, 3_105 % 12],
    );
  });
});

describe('a testbed with simulators in pods', () => {
  const props = { kwok: { shards: 2 }, workloadApi: {}, clusterSets: [{ count: 3, keySeed: 'any' }] };

  it('has the CRDs of the operator and no operator', () => {
    const { charts } = new Testbed(testApp(), 'testbed', { kwok: {} });
    const objects = charts.flatMap((chart) => chart.toJson() as Made[]);
    assert.ok(objects.some(({ metadata }) => metadata.name === 'baremetalhosts.metal3.io'));
    assert.deepEqual(
      ofKind(objects, 'Deployment').map(({ metadata }) => metadata.name),
      ['kwok-0', 'kwok-credentials'],
    );
    assert.deepEqual(ofKind(objects, 'ValidatingWebhookConfiguration'), []);
  });

  it('has clusters at the Services of the shards, but for those that say otherwise', () => {
    const { clusterSets } = resolveTestbed({
      ...props,
      clusterSets: [
        ...props.clusterSets,
        { name: 'other', firstIndex: 100, count: 1, endpointHost: '192.0.2.1', keySeed: 'any' },
      ],
    });
    const hosts = clusterSets.flatMap((set) => [...set.clusters()].map(({ endpoint }) => endpoint.host));
    for (const host of hosts.slice(0, 3)) assert.match(host, /^workload-api-\d+\.workload-api-system\.svc$/);
    assert.equal(hosts[3], '192.0.2.1');
  });

  it('keeps the files of other testbeds where they are', () => {
    const ids = new Testbed(testApp(), 'testbed', props).charts.map(({ node }) => node.id);
    assert.deepEqual(ids.slice(-3), ['10-kwok', '11-workload-api', '9-clusters']);
  });
});
