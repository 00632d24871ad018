/**
 * What Cluster API, CAPM3 and BMO keep on a management cluster, as far as the workload API reads it: definitions that take
 * anything, and objects as their controllers leave them.
 */
import type { KeyPair } from '../../src/cluster/local/issue';
import type { KubernetesClient } from '../../src/kubernetes/client';
import { collectionPath } from '../../src/kubernetes/rest-mapper';
import { until } from '../../src/util/until';

const KINDS = [
  ['cluster.x-k8s.io', 'v1beta2', 'clusters', 'Cluster'],
  ['controlplane.cluster.x-k8s.io', 'v1beta2', 'kubeadmcontrolplanes', 'KubeadmControlPlane'],
  ['cluster.x-k8s.io', 'v1beta2', 'machines', 'Machine'],
  ['infrastructure.cluster.x-k8s.io', 'v1beta2', 'metal3machines', 'Metal3Machine'],
  ['metal3.io', 'v1alpha1', 'baremetalhosts', 'BareMetalHost'],
] as const;

type KindName = (typeof KINDS)[number][3];

/** Makes the definitions, and waits until they are served. @param without those that are there */
export async function createDefinitions(client: KubernetesClient, without: readonly KindName[] = []): Promise<void> {
  const missing = KINDS.filter(([, , , kind]) => !without.includes(kind));
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  for (const [group, version, plural, kind] of missing)
    await client.request('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      body: {
        metadata: { name: `${plural}.${group}` },
        spec: {
          group,
          scope: 'Namespaced',
          names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
          versions: [{ name: version, served: true, storage: true, schema }],
        },
      },
    });
  for (const [group, version, plural] of missing)
    await until(
      () =>
        client.request('GET', collectionPath(`${group}/${version}`, plural)).then(
          () => true,
          () => false,
        ),
      {
        deadlineMs: 60_000,
      },
    );
}

function pathOf(kind: KindName, name?: string): string {
  const [group, version, plural] = KINDS.find((each) => each[3] === kind)!;
  return `${collectionPath(`${group}/${version}`, plural, 'default')}${name === undefined ? '' : `/${name}`}`;
}

export async function create(
  client: KubernetesClient,
  kind: KindName,
  object: { readonly metadata: object; readonly [field: string]: unknown },
): Promise<void> {
  const [group, version] = KINDS.find((each) => each[3] === kind)!;
  await client.request('POST', pathOf(kind), { body: { apiVersion: `${group}/${version}`, kind, ...object } });
}

export async function change(client: KubernetesClient, kind: KindName, name: string, patch: object): Promise<void> {
  await client.request('PATCH', pathOf(kind, name), { body: patch, contentType: 'application/merge-patch+json' });
}

export async function remove(client: KubernetesClient, kind: KindName, name: string): Promise<void> {
  await client.request('DELETE', pathOf(kind, name));
}

/** A cluster that waits for its first host. */
export async function createCluster(
  client: KubernetesClient,
  {
    name,
    host = '127.0.0.1',
    port,
    ca,
    etcd,
  }: {
    readonly name: string;
    readonly host?: string;
    readonly port: number;
    readonly ca: KeyPair;
    readonly etcd: KeyPair;
  },
): Promise<void> {
  for (const [purpose, pair] of [
    ['ca', ca],
    ['etcd', etcd],
  ] as const) {
    await client.request('POST', '/api/v1/namespaces/default/secrets', {
      body: {
        metadata: { name: `${name}-${purpose}`, labels: { 'cluster.x-k8s.io/cluster-name': name } },
        type: 'cluster.x-k8s.io/secret',
        stringData: { 'tls.crt': pair.cert, 'tls.key': pair.key },
      },
    });
  }
  await create(client, 'KubeadmControlPlane', {
    metadata: { name: `${name}-cp`, labels: { 'cluster.x-k8s.io/cluster-name': name } },
    spec: { version: 'v1.34.1', replicas: 1, kubeadmConfigSpec: {} },
  });
  await create(client, 'Cluster', {
    metadata: { name },
    spec: {
      controlPlaneEndpoint: { host, port },
      controlPlaneRef: { kind: 'KubeadmControlPlane', name: `${name}-cp` },
      clusterNetwork: { pods: { cidrBlocks: ['192.168.0.0/18'] }, services: { cidrBlocks: ['10.96.0.0/12'] } },
    },
  });
}

/** A machine with its infrastructure and a host that has not been provisioned yet. */
export async function createMachine(
  client: KubernetesClient,
  cluster: string,
  name: string,
  { isControlPlane = false, version = 'v1.34.1' } = {},
): Promise<void> {
  const labels = {
    'cluster.x-k8s.io/cluster-name': cluster,
    ...(isControlPlane && { 'cluster.x-k8s.io/control-plane': '' }),
  };
  await create(client, 'Metal3Machine', { metadata: { name, labels } });
  await create(client, 'Machine', {
    metadata: { name, labels },
    spec: { clusterName: cluster, version, infrastructureRef: { kind: 'Metal3Machine', name } },
  });
  await create(client, 'BareMetalHost', {
    metadata: { name: `host-of-${name}` },
    spec: { online: true, consumerRef: { kind: 'Metal3Machine', name, namespace: 'default' } },
    status: {
      provisioning: { state: 'provisioning' },
      hardware: { cpu: { count: 8 }, ramMebibytes: 32_768, nics: [{ ip: '192.168.111.77' }] },
    },
  });
}

/** As BMO leaves a host. @param state such as `provisioned` */
export async function setHostState(client: KubernetesClient, machine: string, state: string): Promise<void> {
  const end = state === 'provisioned' ? { operationHistory: { provision: { end: new Date().toISOString() } } } : {};
  await change(client, 'BareMetalHost', `host-of-${machine}`, { status: { provisioning: { state }, ...end } });
}
