import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { ClusterPlan } from '../../../../lib/kinds/cluster/cluster-plan';
import { clusterSecrets } from '../../../../lib/kinds/cluster/cluster-secrets';
import type { ClusterSetProps } from '../../../../lib/kinds/cluster/cluster-set-props';
import { shapesOf } from '../../../../lib/kinds/cluster/shapes';
import { inOrderOfOwners, type GraphNode, type StoredObject } from '../../../../src/kinds/cluster/object-graph';
import { likenessOf } from '../../../../src/kinds/cluster/seeding/likeness';
import { placementOf } from '../../../../src/kinds/cluster/seeding/placement';
import { Renaming } from '../../../../src/kinds/cluster/seeding/renaming';
import type { Recording } from '../../../../src/kinds/cluster/seeding/recording';
import { writeLikeness } from '../../../../src/kinds/cluster/seeding/write-likeness';
import { observedAt } from '../../../../src/kinds/cluster/write-object';
import { MemoryApi } from '../../../support/clusters/memory-api';

const base64 = (text: string) => Buffer.from(text).toString('base64');

interface Read {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Omit<StoredObject['metadata'], 'uid'>;
  readonly [field: string]: unknown;
}

/** An object as it would be read. */
function node(object: Read, ...owners: GraphNode[]): GraphNode {
  const { kind, apiVersion, metadata } = object;
  const uid = `uid-of-${kind}-${metadata.name}`;
  return {
    kind: {
      ...{ kind, apiVersion, plural: `${kind.toLowerCase()}s`, namespaced: true, defaultNamespace: 'default' },
      ...{ isMoved: false, isHierarchy: false },
    },
    object: { ...object, metadata: { ...metadata, uid } },
    ...{ path: '', isMoved: false, isHierarchy: false },
    owners: new Map(
      owners.map((owner) => {
        const { metadata: of } = owner.object;
        return [owner, { apiVersion: owner.kind.apiVersion, kind: owner.kind.kind, name: of.name, uid: of.uid }];
      }),
    ),
    softOwners: new Set(),
  };
}

const CORE = 'cluster.x-k8s.io/v1beta2';
const READY = { type: 'Ready', status: 'True', reason: 'Ready', observedGeneration: 3 };
const NOT_PAUSED = { type: 'Paused', status: 'False', reason: 'NotPaused', observedGeneration: 3 };
/** As Cluster API's EnsurePausedCondition has it for what belongs to a paused Cluster. */
const PAUSED = {
  ...{ type: 'Paused', status: 'True', reason: 'Paused', observedGeneration: 3 },
  message: 'Cluster spec.paused is set to true',
};

function selected(props: Partial<ClusterSetProps>, index: number) {
  const plan = new ClusterPlan({ name: 'node', count: 3, ...props });
  return { plan, cluster: plan.clusterAt(index) };
}

/** What of a cluster with one machine matters here. */
function recordingOf(props: Partial<ClusterSetProps>, index = 1, hostName?: string): Recording {
  const of = selected(props, index);
  const { name, namespace } = of.cluster;
  const onHost = hostName ?? `${name}-host-1`;
  const cluster = node({
    ...{ apiVersion: CORE, kind: 'Cluster', metadata: { name, namespace } },
    spec: { controlPlaneEndpoint: of.cluster.endpoint },
    status: { phase: 'Provisioned', conditions: [{ type: 'Available' }, { type: 'InfrastructureReady' }, NOT_PAUSED] },
  });
  const machine = node(
    {
      ...{ apiVersion: CORE, kind: 'Machine' },
      metadata: {
        ...{ name: `${name}-control-plane-abcde`, namespace, labels: { 'cluster.x-k8s.io/cluster-name': name } },
        managedFields: [{ manager: 'capi-kubeadmcontrolplane', operation: 'Apply' }],
      },
      spec: { providerID: `metal3://${namespace}/${onHost}/${name}-control-plane-abcde`, clusterName: name },
      status: { nodeRef: { name: `${name}-control-plane-abcde` }, conditions: [READY, NOT_PAUSED] },
    },
    cluster,
  );
  const ca = node(
    {
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: `${name}-ca`, namespace } },
      data: clusterSecrets(of.cluster, { seed: 'of Cluster API', authority: undefined }, false)[0]!['data'],
    },
    cluster,
  );
  const host = node(
    {
      ...{ apiVersion: 'metal3.io/v1alpha1', kind: 'BareMetalHost', metadata: { name: onHost, namespace } },
      spec: { ...(of.plan.hosts!.manifest(of.plan.hostsOf(of.cluster)[0]!).spec as object), image: { url: 'a' } },
      status: { provisioning: { state: 'provisioned' }, goodCredentials: { credentialsVersion: '7' } },
    },
    machine,
  );
  return { ...of, steps: [[cluster], [machine, ca], [host]] };
}

describe('a cluster like another one', () => {
  it('has names, places and hosts of its own wherever they stand', () => {
    const { steps } = likenessOf(recordingOf({}), selected({}, 3), 'seed');
    const [cluster, machine, , host] = steps.flat();
    assert.deepEqual(cluster!.object['spec'], {
      ...{ clusterNetwork: (cluster!.object['spec'] as { clusterNetwork: object }).clusterNetwork, paused: true },
      controlPlaneEndpoint: { host: '127.0.0.1', port: 20_002 },
      controlPlaneRef: {
        apiGroup: 'controlplane.cluster.x-k8s.io',
        kind: 'KubeadmControlPlane',
        name: 'node-3-control-plane',
      },
      infrastructureRef: { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: 'Metal3Cluster', name: 'node-3' },
    });
    assert.equal(machine!.object.metadata.name, 'node-3-control-plane-abcde');
    assert.equal(machine!.object.metadata.namespace, 'node-3');
    assert.deepEqual(machine!.object['spec'], {
      providerID: 'metal3://node-3/node-3-host-1/node-3-control-plane-abcde',
      clusterName: 'node-3',
    });
    assert.deepEqual(machine!.status, { nodeRef: { name: 'node-3-control-plane-abcde' }, conditions: [READY, PAUSED] });
    assert.deepEqual(
      machine!.owners.map(({ reference }) => reference.name),
      ['node-3'],
    );
    assert.equal(machine!.managedFields?.length, 1);
    const of = selected({}, 3);
    const described = of.plan.hosts!.manifest(of.plan.hostsOf(of.cluster)[0]!).spec;
    assert.deepEqual(host!.object['spec'], { ...described, image: { url: 'a' } });
    assert.deepEqual(host!.status, {
      provisioning: { state: 'provisioned' },
      ...{ goodCredentials: {}, triedCredentials: {} },
    });
  });

  it('is written paused, so that nobody takes care of what is not all there', () => {
    const [cluster, machine, , host] = likenessOf(recordingOf({}), selected({}, 2), 'seed').steps.flat();
    assert.equal((cluster!.object['spec'] as { paused: boolean }).paused, true);
    // Whether it is available is for its managers to say.
    assert.deepEqual(cluster!.status, {
      ...{ phase: 'Provisioned', conditions: [{ type: 'InfrastructureReady' }, PAUSED] },
    });
    assert.deepEqual(machine!.status, { nodeRef: { name: 'node-2-control-plane-abcde' }, conditions: [READY, PAUSED] });
    assert.ok('metal3-testbed/seeding' in cluster!.object.metadata.annotations!);
    assert.equal(host!.object.metadata.annotations!['baremetalhost.metal3.io/paused'], 'metal3.io/capm3');
  });

  it('has its status once all of it is there, and is looked after from then on', async () => {
    const api = new MemoryApi();
    const target = { client: api.client, signal: undefined, onRetry: () => undefined };
    await writeLikeness(likenessOf(recordingOf({}), selected({}, 2), 'seed'), target);
    const path = '/apis/cluster.x-k8s.io/v1beta2/namespaces/node-2/clusters/node-2';
    const told = api.writes.indexOf(`PATCH ${path}/status`);
    assert.equal(told, api.writes.findLastIndex((each) => each.startsWith('POST')) + 2, 'after that of the host');
    assert.deepEqual(api.writes.slice(told + 1), [
      `PATCH ${path}`,
      'PATCH /apis/metal3.io/v1alpha1/namespaces/node-2/baremetalhosts/node-2-host-1',
    ]);
  });

  it('has an authority of its own, from the seed of its set where that has one', () => {
    const caOf = (props: Partial<ClusterSetProps>, index: number) => {
      const copied = likenessOf(recordingOf(props), selected(props, index), 'seed').steps.flat()[2]!;
      return Buffer.from((copied.object['data'] as { 'tls.crt': string })['tls.crt'], 'base64').toString();
    };
    const ofSeed = selected({ keySeed: 'x' }, 2);
    const [expected] = clusterSecrets(ofSeed.cluster, { seed: 'x', authority: undefined }, false);
    assert.equal(base64(caOf({ keySeed: 'x' }, 2)), (expected!['data'] as { 'tls.crt': string })['tls.crt']);
    assert.notEqual(caOf({}, 2), caOf({}, 3));
  });
});

describe('the hosts of clusters that begin available in one namespace', () => {
  const SHARED = { namespace: 'all', clustersPerNamespace: 3, controlPlanes: 1, workers: 0 } as const;
  const namesOf = (placement: ReturnType<typeof placementOf>) =>
    Object.fromEntries([...placement].map(([key, hosts]) => [key, hosts.map(({ host }) => host.name)]));

  it('are their own, but where the recorded one is on one of theirs: they have its host in return', () => {
    const likes = [selected(SHARED, 2), selected(SHARED, 3)];
    assert.deepEqual(namesOf(placementOf([recordingOf(SHARED)], likes)), {
      'all/node-1': ['node-1-host-1'],
      'all/node-2': ['node-2-host-1'],
      'all/node-3': ['node-3-host-1'],
    });
    const recording = recordingOf(SHARED, 1, 'node-3-host-1');
    const placement = placementOf([recording], likes);
    assert.deepEqual(namesOf(placement), {
      'all/node-1': ['node-3-host-1'],
      'all/node-2': ['node-2-host-1'],
      'all/node-3': ['node-1-host-1'],
    });
    const [, machine, , host] = likenessOf(recording, likes[1]!, 'seed', placement).steps.flat();
    assert.equal(host!.object.metadata.name, 'node-1-host-1');
    const { providerID } = machine!.object['spec'] as { readonly providerID: string };
    assert.equal(providerID, 'metal3://all/node-1-host-1/node-3-control-plane-abcde');
  });

  it('are as many as before, each for one, also with spare ones and where recorded clusters have changed places', () => {
    const spare = { ...SHARED, hosts: { spare: 1 } };
    const recordings = [recordingOf(spare, 1, 'node-2-host-2'), recordingOf(spare, 2, 'node-1-host-1')];
    const placement = placementOf(recordings, [selected(spare, 3)]);
    const all = namesOf(placement);
    assert.ok(all['all/node-1']!.includes('node-2-host-2') && all['all/node-2']!.includes('node-1-host-1'));
    const names = Object.values(all).flat();
    assert.deepEqual([names.length, new Set(names).size], [6, 6]);
    for (const hosts of Object.values(all)) assert.equal(hosts.length, 2);
  });

  it('are refused where the recorded one is on a host of somebody else', () => {
    const recording = recordingOf(SHARED, 1, 'other');
    assert.throws(() => placementOf([recording], []), /^TestbedError: cluster all\/node-1 is on host all\/other, /);
  });
});

describe('renaming', () => {
  it('changes whole names, and neither words of the API nor longer names', () => {
    const renaming = new Renaming();
    renaming.name('node', 'other');
    renaming.name('node-host-1', 'other-host-1');
    assert.deepEqual(
      renaming.value({ kind: 'node', name: 'node', refs: ['node/node-host-1', 'node-host-10', 'my.node'] }),
      { kind: 'node', name: 'other', refs: ['other/other-host-1', 'node-host-10', 'my.node'] },
    );
    assert.equal(renaming.text('a=node,b=node-host-1'), 'a=other,b=other-host-1');
  });

  it('changes endpoints, addresses, and which claim has which address', () => {
    const renaming = new Renaming();
    renaming.endpoints({ host: '127.0.0.1', port: 20_000 }, { host: '127.0.0.1', port: 20_001 });
    renaming.address('10.0.0.1', '10.0.1.1');
    renaming.address('fd00::1', 'fd00::101');
    renaming.name('a-1', 'b-1');
    assert.equal(renaming.text('https://127.0.0.1:20000/'), 'https://127.0.0.1:20001/');
    assert.equal(renaming.text('127.0.0.1:200001 1127.0.0.1:20000'), '127.0.0.1:200001 1127.0.0.1:20000');
    assert.deepEqual(renaming.value({ host: '127.0.0.1', port: 20_000, more: 1 }), {
      ...{ host: '127.0.0.1', port: 20_001, more: 1 },
    });
    assert.deepEqual(renaming.value({ indexes: { 'a-1': '10.0.0.1' }, text: 'ip fd00::1/64, not fd00::12' }), {
      ...{ indexes: { 'b-1': '10.0.1.1' }, text: 'ip fd00::101/64, not fd00::12' },
    });
  });

  it('changes certificates where they are indented, and the hashes that they are pinned by', () => {
    const [one, two] = ['a', 'b'].map((seed) => {
      const [ca] = clusterSecrets(selected({}, 1).cluster, { seed, authority: undefined }, false);
      return Buffer.from((ca!['data'] as { 'tls.crt': string })['tls.crt'], 'base64').toString();
    }) as [string, string];
    const pin = (pem: string) =>
      createHash('sha256')
        .update(new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' }))
        .digest('hex');
    const text = (pem: string) =>
      `content: |\n    ${pem.trim().replaceAll('\n', '\n    ')}\nhash: sha256:${pin(pem)}\n`;
    const renaming = new Renaming();
    renaming.pem(one, two);
    assert.equal(renaming.text(text(one)), text(two));
  });
});

describe('shapes of clusters', () => {
  it('are alike but for what follows from the index', () => {
    const plan = new ClusterPlan({
      ...{ name: 'c', count: 5 },
      overrides: [
        { clusters: 2, endpoint: { host: '127.0.0.1', port: 30_000 } },
        { clusters: '4-5', controlPlanes: 3 },
      ],
    });
    const shapes = shapesOf([...plan.clusters()].map((cluster) => ({ plan, cluster })));
    assert.deepEqual(
      shapes.map(({ model, like }) => [model.cluster.index, like.map(({ cluster }) => cluster.index)]),
      [
        [1, [2, 3]],
        [4, [5]],
      ],
    );
  });
});

describe('a status that is written to another object', () => {
  it('was observed of the generation that the object has, where it was up to date before', () => {
    const status = { observedGeneration: 3, conditions: [READY, { ...READY, observedGeneration: 2 }], replicas: 3 };
    assert.deepEqual(observedAt(status, 3, 1), {
      ...{ observedGeneration: 1, replicas: 3 },
      conditions: [
        { ...READY, observedGeneration: 1 },
        { ...READY, observedGeneration: 2 },
      ],
    });
    assert.equal(observedAt(status, undefined, 1), status);
  });
});

describe('order of owners', () => {
  it('has each object after what it belongs to, and ends with what belongs to itself', () => {
    const object = (name: string) => ({ apiVersion: CORE, kind: 'Machine', metadata: { name, namespace: 'a' } });
    const root = node(object('root'));
    const child = node(object('child'), root);
    const [one, two] = [node(object('one'), child), node(object('two'), child)];
    (one.owners as Map<GraphNode, unknown>).set(two, {});
    (two.owners as Map<GraphNode, unknown>).set(one, {});
    const steps = inOrderOfOwners(new Set([two, one, child, root]));
    assert.deepEqual(
      steps.map((step) => step.map(({ object: { metadata } }) => metadata.name)),
      [['root'], ['child'], ['two', 'one']],
    );
  });
});
