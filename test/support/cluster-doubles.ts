/**
 * Clusters as a description has them, and who takes care of hosts and clusters, as far as the life of a testbed shows it: a
 * Cluster gets a finalizer, a Machine on a host of its namespace, and conditions; when it is deleted, the Machine goes first.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Fleet } from '../../lib/kinds/bare-metal-host/fleet';
import { bareMetalHostKind } from '../../lib/kinds/bare-metal-host/kind';
import { clusterKind } from '../../lib/kinds/cluster/kind';
import type { Kind } from '../../lib/kinds/kind';
import { CLUSTER_NAME_LABEL } from '../../lib/kinds/cluster/api-groups';
import { machineKind } from '../../lib/kinds/machine/kind';
import type { KubernetesClient } from '../../src/kubernetes/client';
import { ignoreNotFound } from '../../src/kubernetes/ignore-not-found';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { timeOf } from '../../src/simulators/workload-api/api-object';
import { describedClusters, describedHosts, type DescribedClusterSet } from '../../src/testbed/described';
import { collectionPath } from '../../src/kubernetes/rest-mapper';
import { objectPath, objectsPath } from '../../src/watch/paths';

const FINALIZER = 'cluster.cluster.x-k8s.io';
const HOST_FINALIZER = 'baremetalhost.metal3.io';

/** Each cluster is a Cluster, its Metal3Cluster and a Secret; the set shares a ClusterClass' worth: one template. */
export function clusterSet(count: number, namespace = 'default', name = 'c'): DescribedClusterSet {
  const metadata = (of: string) => ({ name: of, namespace });
  const names = Array.from({ length: count }, (_, i) => `${name}-${i + 1}`);
  return {
    name,
    count,
    namespaces: () => [namespace],
    clusters: () => names.map(metadata),
    objectsOf: (cluster) => [
      { apiVersion: 'v1', kind: 'Secret', metadata: metadata(`${cluster.name}-ca`), type: 'cluster.x-k8s.io/secret' },
      {
        apiVersion: 'cluster.x-k8s.io/v1beta2',
        kind: 'Cluster',
        metadata: metadata(cluster.name),
        spec: { controlPlaneEndpoint: { host: '127.0.0.1', port: 20_000 + Number(cluster.name.split('-').at(-1)) } },
      },
    ],
    sharedObjects: () =>
      count === 0 ? [] : [{ apiVersion: 'v1', kind: 'Secret', metadata: metadata(`${name}-shared`), type: 'Opaque' }],
  };
}

export function described(hosts: number, ...sets: readonly DescribedClusterSet[]) {
  return { hosts: describedHosts([new Fleet({ count: hosts })]), clusters: describedClusters(sets) };
}

interface Held extends KubernetesObject {
  readonly spec?: { readonly consumerRef?: { readonly name: string } };
  readonly status?: { readonly provisioning?: unknown; readonly phase?: string };
}

interface MachineSet extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & { readonly generation?: number };
  readonly spec: { readonly replicas?: number };
  readonly status?: { readonly observedGeneration?: number };
}

const MACHINE_SETS = [
  ['controlplane.cluster.x-k8s.io/v1beta2', 'kubeadmcontrolplanes'],
  ['cluster.x-k8s.io/v1beta2', 'machinedeployments'],
] as const;

/** Takes care of all hosts and clusters until it is stopped. */
export class Controllers {
  /** Names of clusters that do not come to be available. */
  readonly stuck = new Set<string>();
  /** Clusters that are deleted and not let go of. */
  readonly held = new Set<string>();
  /** What was gone, in order: `Kind name`. */
  readonly gone: string[] = [];
  private readonly ended = new AbortController();
  private readonly running: Promise<void>;

  constructor(private readonly client: KubernetesClient) {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.ended.signal.aborted) {
      for (const host of await this.list(bareMetalHostKind)) await this.lookAtHost(host);
      for (const cluster of await this.list(clusterKind)) await this.lookAtCluster(cluster);
      for (const path of MACHINE_SETS) await this.lookAtMachineSets(path);
      await delay(50, undefined, { signal: this.ended.signal }).catch(() => undefined);
    }
  }

  private async lookAtHost(host: Held): Promise<void> {
    if (host.metadata.deletionTimestamp !== undefined) return this.release(bareMetalHostKind, host);
    if (host.metadata.finalizers === undefined)
      await this.patch(bareMetalHostKind, host, { metadata: { finalizers: [HOST_FINALIZER] } });
    if (host.status?.provisioning === undefined)
      await this.patch(
        bareMetalHostKind,
        host,
        {
          status: {
            ...{
              errorCount: 0,
              errorMessage: '',
              operationalStatus: 'OK',
              poweredOn: true,
              hardwareProfile: 'unknown',
            },
            provisioning: { state: 'available', ID: '', image: { url: '' } },
          },
        },
        '/status',
      );
  }

  /** As if its machines were there as soon as they are asked for. */
  private async lookAtMachineSets([apiVersion, plural]: readonly [string, string]): Promise<void> {
    const list = this.client.request<{ readonly items: readonly MachineSet[] }>(
      'GET',
      collectionPath(apiVersion, plural),
    );
    for (const { metadata, spec, status } of (await ignoreNotFound(list))?.items ?? []) {
      const { generation: observedGeneration, namespace, name } = metadata;
      if (status?.observedGeneration === observedGeneration) continue;
      const { replicas = 1 } = spec;
      const made = { observedGeneration, replicas, upToDateReplicas: replicas, availableReplicas: replicas };
      await ignoreNotFound(
        this.client.request('PATCH', `${collectionPath(apiVersion, plural, namespace)}/${name}/status`, {
          contentType: 'application/merge-patch+json',
          body: { status: made },
        }),
      );
    }
  }

  private async lookAtCluster(cluster: Held): Promise<void> {
    const { name } = cluster.metadata;
    if (cluster.metadata.deletionTimestamp !== undefined) {
      if (this.held.has(name)) return;
      await this.takeOff(name);
      return this.release(clusterKind, cluster);
    }
    if (cluster.metadata.finalizers === undefined)
      await this.patch(clusterKind, cluster, { metadata: { finalizers: [FINALIZER] } });
    await this.putOn(cluster);
    const isStuck = this.stuck.has(name);
    const [type, status] = ['Available', isStuck ? 'False' : 'True'];
    if (cluster.status?.phase !== undefined && !isStuck === (cluster.status.phase === 'Provisioned')) return;
    const condition = {
      type,
      status,
      reason: 'Tested',
      message: isStuck ? '* Nothing: comes' : '',
      lastTransitionTime: timeOf(Date.now()),
    };
    const replicas = { desiredReplicas: 1, replicas: 1, upToDateReplicas: 1, availableReplicas: isStuck ? 0 : 1 };
    const phase = isStuck ? 'Provisioning' : 'Provisioned';
    const ofAll = { phase, conditions: [condition], controlPlane: replicas };
    await this.patch(clusterKind, cluster, { status: ofAll }, '/status');
  }

  /** A Machine, and on a free host of its namespace what CAPM3 writes there. */
  private async putOn({ metadata: { name, namespace = '', uid } }: Held): Promise<void> {
    const machine = `${name}-machine`;
    if ((await this.list(machineKind)).some(({ metadata }) => metadata.name === machine)) return;
    const hosts = await this.list(bareMetalHostKind, namespace);
    const free = hosts.find(
      ({ metadata, spec }) => spec?.consumerRef === undefined && metadata.deletionTimestamp === undefined,
    );
    if (free === undefined) return;
    const reference = { apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta2', kind: 'Metal3Machine', name: machine };
    await this.patch(bareMetalHostKind, free, {
      metadata: { ownerReferences: [{ ...reference, uid: machine, controller: true }] },
      spec: { consumerRef: { ...reference, namespace } },
    });
    const { apiVersion, kind } = { ...machineKind };
    const body = {
      ...{ apiVersion, kind },
      metadata: {
        ...{ name: machine, namespace, labels: { [CLUSTER_NAME_LABEL]: name } },
        ownerReferences: [{ apiVersion, kind: 'Cluster', name, uid }],
      },
      spec: {
        clusterName: name,
        bootstrap: { dataSecretName: `${name}-bootstrap` },
        infrastructureRef: { apiGroup: 'infrastructure.cluster.x-k8s.io', kind: reference.kind, name: machine },
      },
    };
    await this.client.request('POST', objectsPath(machineKind, namespace), { body });
    const made = { apiVersion, kind, metadata: { name: machine, namespace } };
    const lastTransitionTime = timeOf(Date.now());
    const ready = { type: 'Ready', status: 'True', reason: 'Tested', message: '', lastTransitionTime };
    const conditions = this.stuck.has(name) ? [] : [ready];
    await this.patch(machineKind, made, { status: { phase: 'Running', conditions } }, '/status');
  }

  private async takeOff(cluster: string): Promise<void> {
    const name = `${cluster}-machine`;
    for (const host of await this.list(bareMetalHostKind)) {
      if (host.spec?.consumerRef?.name !== name) continue;
      await this.patch(bareMetalHostKind, host, { metadata: { ownerReferences: null }, spec: { consumerRef: null } });
    }
    for (const { metadata } of await this.list(machineKind)) {
      if (metadata.name !== name) continue;
      await this.client.request('DELETE', objectPath(machineKind, metadata.namespace ?? '', name));
      this.gone.push(`Machine ${name}`);
    }
  }

  private async release(kind: Kind, object: Held): Promise<void> {
    this.gone.push(`${kind.kind} ${object.metadata.name}`);
    await this.patch(kind, object, { metadata: { finalizers: null } });
  }

  private async list(kind: Kind, namespace?: string): Promise<readonly Held[]> {
    const path = objectsPath(kind, namespace);
    const { items } = await this.client.request<{ readonly items: readonly Held[] }>('GET', path);
    return items;
  }

  private async patch(kind: Kind, { metadata }: KubernetesObject, body: object, part = ''): Promise<void> {
    await ignoreNotFound(
      this.client.request('PATCH', `${objectPath(kind, metadata.namespace ?? '', metadata.name)}${part}`, {
        contentType: 'application/merge-patch+json',
        body,
      }),
    );
  }
}
