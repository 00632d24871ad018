/** What the management cluster says of workload clusters: watched, and joined to the facts of each. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { fixtureHardwareDetails } from '../../../lib/kinds/bare-metal-host/stages/hardware-details';
import { CLUSTER_NAME_LABEL, CONTROL_PLANE_LABEL } from '../../../lib/kinds/cluster/api-groups';
import type { LiveObject } from '../../../lib/kinds/kind';
import type { KeyPair } from '../../cluster/local/issue';
import type { KubernetesClient } from '../../kubernetes/client';
import { collectionPath, RESTMapper } from '../../kubernetes/rest-mapper';
import { CollectionWatch, keyOf } from '../../watch/collection-watch';
import { fieldOf } from './api-object';
import { SharedMachine, TEST_MODE_ID, touchOf } from './shared-machine';
import type { Address, ClusterFacts, HostFacts, MachineFacts } from './facts';

const PAGE = 250;
/** How long until a kind is looked for again whose definition is not there, or that must not be watched. */
const RETRY_MS = 1_000;
const DEFAULT_VERSION = 'v1.34.0';
/** Of every host in the Bare Metal Operator's test mode, so that they say nothing. */
const TEST_MODE_ADDRESSES: ReadonlySet<string> = new Set(fixtureHardwareDetails.nics.map(({ ip }) => ip));

interface ClusterRecord extends Pick<ClusterFacts, 'namespace' | 'name' | 'uid' | 'endpoint'> {
  readonly controlPlane: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly dnsDomain: string;
}

interface ControlPlaneRecord {
  readonly version: string;
  readonly hasStackedEtcd: boolean;
}

interface MachineRecord extends Omit<MachineFacts, 'providerId' | 'host'> {
  readonly cluster: string;
  readonly infrastructure: string;
}

export interface HostRecord extends HostFacts {
  readonly consumer: string;
  /** Of its provisioning, where it is one of those that share a machine. */
  readonly sharedState: string | undefined;
  readonly isProvisioned: boolean;
}

/** What is signed with. */
export type Purpose = 'ca' | 'etcd';

/** Who is told which clusters may have changed. Not before all that is there has been seen. */
export type OnChange = (clusters: Iterable<string>) => void;

/** The objects of a kind, with what is found by them. */
class Records<T> {
  private readonly all = new Map<string, T>();
  private readonly byIndex = new Map<string, Set<string>>();

  /** @param index what objects are found by; undefined for those that are not */
  constructor(private readonly index: (record: T) => string | undefined = () => undefined) {}

  get(key: string): T | undefined {
    return this.all.get(key);
  }

  keys(): Iterable<string> {
    return this.all.keys();
  }

  /** All that are found by a text, in the order of their keys. */
  of(index: string): T[] {
    return [...(this.byIndex.get(index) ?? [])].sort().map((key) => this.all.get(key)!);
  }

  put(key: string, record: T): void {
    this.remove(key);
    this.all.set(key, record);
    const index = this.index(record);
    if (index === undefined) return;
    const keys = this.byIndex.get(index) ?? new Set();
    this.byIndex.set(index, keys.add(key));
  }

  remove(key: string): void {
    const record = this.all.get(key);
    if (record === undefined) return;
    this.all.delete(key);
    const index = this.index(record);
    const keys = index === undefined ? undefined : this.byIndex.get(index);
    keys?.delete(key);
    if (keys?.size === 0 && index !== undefined) this.byIndex.delete(index);
  }
}

/** How one kind is watched. */
interface Watched<T> {
  readonly group: string;
  readonly kind: string;
  readonly records: Records<T>;
  /** @param before what was read of it last */
  readonly read: (object: LiveObject, before: T | undefined) => T | undefined;
  /** The clusters that an object is a part of. */
  readonly clusters: (record: T, key: string) => Iterable<string>;
  /** What else is to know of each change. */
  readonly changed?: (key: string, before: T | undefined, after: T | undefined) => void;
  readonly labelSelector?: string;
}

export class Management {
  private readonly clusters = new Records<ClusterRecord>(
    ({ namespace, controlPlane }) => `${namespace}/${controlPlane}`,
  );
  private readonly controlPlanes = new Records<ControlPlaneRecord>();
  private readonly machines = new Records<MachineRecord>(({ cluster }) => cluster);
  /** Machines by what they are made on, so that an infrastructure machine tells of its cluster. */
  private readonly machineOf = new Map<string, string>();
  private readonly infrastructure = new Records<{ readonly providerId: string }>();
  private readonly hosts = new Records<HostRecord>(({ consumer }) => consumer);
  private readonly secrets = new Records<KeyPair & { readonly cluster: string }>();
  private readonly sharedMachine: SharedMachine;
  private readonly abort = new AbortController();
  private readonly watches = new Set<{ stop(): Promise<void> }>();
  private readonly running: Promise<void>[] = [];
  private isListed = false;
  /** What is not listed yet, in words. */
  readonly missing = new Set<string>();

  constructor(
    private readonly client: KubernetesClient,
    private readonly onChange: OnChange,
    private readonly log: (line: string) => void,
    /** Whether it touches hosts that hold each other up. */
    private readonly options: { readonly touches: boolean } = { touches: true },
  ) {
    this.sharedMachine = new SharedMachine(touchOf(client));
  }

  /** Resolves once all that is there has been seen, however long that takes; changes are told from then on. */
  async start(): Promise<void> {
    const provider = 'infrastructure.cluster.x-k8s.io';
    await Promise.all([
      this.watch({
        group: 'cluster.x-k8s.io',
        kind: 'Cluster',
        records: this.clusters,
        read: clusterOf,
        clusters: (_, key) => [key],
      }),
      this.watch<ControlPlaneRecord>({
        group: 'controlplane.cluster.x-k8s.io',
        kind: 'KubeadmControlPlane',
        records: this.controlPlanes,
        read: controlPlaneOf,
        clusters: (_, key) => this.clusters.of(key).map(keyOfRecord),
      }),
      this.watch({
        group: 'cluster.x-k8s.io',
        kind: 'Machine',
        records: this.machines,
        read: machineOf,
        clusters: (machine) => [machine.cluster],
        changed: (key, before, after) => this.indexMachine(key, before, after),
      }),
      this.watch({
        group: provider,
        kind: 'Metal3Machine',
        records: this.infrastructure,
        read: (object) => ({ providerId: textOf(object, 'spec.providerID') }),
        clusters: (_, key) => this.clustersOn(key),
      }),
      this.watch({
        group: 'metal3.io',
        kind: 'BareMetalHost',
        records: this.hosts,
        read: hostOf,
        clusters: ({ consumer }) => this.clustersOn(consumer),
        changed: (key, _, host) => this.sharedMachine.see(key, host?.sharedState),
      }),
      this.watch({
        group: '',
        kind: 'Secret',
        records: this.secrets,
        labelSelector: CLUSTER_NAME_LABEL,
        read: keyPairOf,
        clusters: ({ cluster }) => [cluster],
      }),
    ]);
    for (const key of this.machines.keys()) this.machineOf.set(this.machines.get(key)!.infrastructure, key);
    this.isListed = true;
    if (this.options.touches) this.sharedMachine.start();
    this.onChange(this.clusters.keys());
  }

  async stop(): Promise<void> {
    this.abort.abort(new Error('stopped'));
    this.sharedMachine.stop();
    await Promise.all([...this.watches].map((each) => each.stop()));
    await Promise.all(this.running);
  }

  /** @param key `NAMESPACE/NAME`. @returns undefined where there is no such cluster */
  facts(key: string): ClusterFacts | undefined {
    const cluster = this.clusters.get(key);
    if (cluster === undefined) return undefined;
    const { controlPlane, ...rest } = cluster;
    const { version = '', hasStackedEtcd = true } =
      this.controlPlanes.get(`${cluster.namespace}/${controlPlane}`) ?? {};
    const machines = this.machines.of(key).map(({ cluster: _, infrastructure, ...machine }): MachineFacts => {
      const host = this.hosts.of(infrastructure).find(({ isProvisioned }) => isProvisioned);
      return { ...machine, providerId: this.infrastructure.get(infrastructure)?.providerId ?? '', host };
    });
    const ofMachine = machines.find(({ isControlPlane }) => isControlPlane)?.version ?? '';
    return { ...rest, version: version || ofMachine || DEFAULT_VERSION, hasStackedEtcd, machines };
  }

  /** Where each cluster is expected, of those that say so. */
  *endpoints(): Generator<{ readonly key: string; readonly endpoint: Address }> {
    for (const key of this.clusters.keys()) {
      const endpoint = this.clusters.get(key)?.endpoint;
      if (endpoint !== undefined) yield { key, endpoint };
    }
  }

  /** A CA of a cluster, with its key. */
  keyPair(key: string, purpose: Purpose): KeyPair | undefined {
    return this.secrets.get(`${key}-${purpose}`);
  }

  private clustersOn(infrastructure: string): string[] {
    const machine = this.machineOf.get(infrastructure);
    const cluster = machine === undefined ? undefined : this.machines.get(machine)?.cluster;
    return cluster === undefined ? [] : [cluster];
  }

  /** Resolves once the objects that are there have been seen. */
  private async watch<T>(watched: Watched<T>): Promise<void> {
    this.missing.add(`${watched.kind}s`);
    await new Promise<void>((resolve) => this.running.push(this.keepWatching(watched, resolve)));
    this.missing.delete(`${watched.kind}s`);
  }

  private async keepWatching<T>(watched: Watched<T>, onListed: () => void): Promise<void> {
    let said = '';
    const { signal } = this.abort;
    while (!signal.aborted) {
      try {
        await this.watchOnce(watched, onListed);
      } catch (error) {
        if (signal.aborted) return;
        const { message } = error as Error;
        if (message !== said) this.log(`${watched.kind}s cannot be watched: ${message}`);
        said = message;
      }
      await pause(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Until the watch ends for good. */
  private async watchOnce<T>(watched: Watched<T>, onListed: () => void): Promise<void> {
    const { group, kind, records, labelSelector } = watched;
    const resource = await new RESTMapper(this.client).lookForGroupKind(group, kind);
    if (resource === undefined) throw new Error(`the API server has no ${kind} of ${group}`);
    const ended = Promise.withResolvers<void>();
    const watch = new CollectionWatch<LiveObject>(
      this.client,
      collectionPath(resource.apiVersion, resource.plural),
      {
        put: (object) => this.put(watched, keyOf(object), object),
        remove: (key) => this.put(watched, key, undefined),
        keys: () => records.keys(),
        changed: () => {
          if (watch.failure !== undefined) ended.reject(watch.failure);
        },
      },
      { pageSize: PAGE, outageMs: Infinity, labelSelector },
    );
    this.watches.add(watch);
    this.abort.signal.addEventListener('abort', () => ended.resolve(), { once: true });
    try {
      await watch.start();
      onListed();
      await ended.promise;
    } finally {
      this.watches.delete(watch);
      await watch.stop();
    }
  }

  /** @param object undefined for one that has gone */
  private put<T>(watched: Watched<T>, key: string, object: LiveObject | undefined): void {
    const { records, clusters } = watched;
    const before = records.get(key);
    const record = object && watched.read(object, before);
    const changed = new Set(before === undefined ? [] : clusters(before, key));
    if (record === undefined) records.remove(key);
    else records.put(key, record);
    watched.changed?.(key, before, record);
    if (record !== undefined) for (const each of clusters(record, key)) changed.add(each);
    if (this.isListed && changed.size > 0) this.onChange(changed);
  }

  private indexMachine(key: string, before: MachineRecord | undefined, after: MachineRecord | undefined): void {
    if (before !== undefined && this.machineOf.get(before.infrastructure) === key)
      this.machineOf.delete(before.infrastructure);
    if (after !== undefined) this.machineOf.set(after.infrastructure, key);
  }
}

function keyOfRecord({ namespace, name }: ClusterRecord): string {
  return `${namespace}/${name}`;
}

/** A field that is a text; '' for none. */
function textOf(object: unknown, path: string): string {
  const value = fieldOf(object, path);
  return typeof value === 'string' ? value : '';
}

function labelOf({ metadata }: LiveObject, name: string): string | undefined {
  const { labels } = metadata as { readonly labels?: Readonly<Record<string, string>> };
  return labels?.[name];
}

function clusterOf(object: LiveObject): ClusterRecord {
  const { namespace, name, uid } = object.metadata;
  const host = textOf(object, 'spec.controlPlaneEndpoint.host');
  const port = fieldOf(object, 'spec.controlPlaneEndpoint.port');
  const first = (path: string, missing: string) => {
    const blocks = fieldOf(object, path);
    return Array.isArray(blocks) && typeof blocks[0] === 'string' ? blocks[0] : missing;
  };
  return {
    namespace,
    name,
    uid,
    controlPlane: textOf(object, 'spec.controlPlaneRef.name'),
    endpoint: host !== '' && typeof port === 'number' && port > 0 ? { host, port } : undefined,
    podCidr: first('spec.clusterNetwork.pods.cidrBlocks', '192.168.0.0/16'),
    serviceCidr: first('spec.clusterNetwork.services.cidrBlocks', '10.96.0.0/12'),
    dnsDomain: textOf(object, 'spec.clusterNetwork.serviceDomain') || 'cluster.local',
  };
}

function controlPlaneOf(object: LiveObject): ControlPlaneRecord {
  const external = fieldOf(object, 'spec.kubeadmConfigSpec.clusterConfiguration.etcd.external.endpoints');
  return {
    // The lowest one of its machines, once there are some: an upgrade is done when the last one is.
    version: textOf(object, 'status.version') || textOf(object, 'spec.version'),
    hasStackedEtcd: !(Array.isArray(external) && external.length > 0),
  };
}

function machineOf(object: LiveObject): MachineRecord {
  const { namespace, name, uid } = object.metadata;
  return {
    name,
    uid,
    version: textOf(object, 'spec.version'),
    isControlPlane: labelOf(object, CONTROL_PLANE_LABEL) !== undefined,
    hasNode: textOf(object, 'status.nodeRef.name') !== '',
    cluster: `${namespace}/${textOf(object, 'spec.clusterName')}`,
    infrastructure: `${namespace}/${textOf(object, 'spec.infrastructureRef.name')}`,
  };
}

/** @param before what was read of its name last, which may have been another host: one that was made anew unseen */
export function hostOf(object: LiveObject, before: HostRecord | undefined): HostRecord | undefined {
  const name = textOf(object, 'spec.consumerRef.name');
  // The many that are free are nobody's.
  if (name === '' || textOf(object, 'spec.consumerRef.kind') !== 'Metal3Machine') return undefined;
  const { metadata } = object;
  const end = Date.parse(textOf(object, 'status.operationHistory.provision.end'));
  const nics = fieldOf(object, 'status.hardware.nics');
  const address = Array.isArray(nics)
    ? nics.map((nic) => textOf(nic, 'ip')).find((ip) => /^[\d.]+$/.test(ip) && !TEST_MODE_ADDRESSES.has(ip))
    : undefined;
  const numberOf = (path: string, missing: number) => {
    const value = fieldOf(object, path);
    return typeof value === 'number' && value > 0 ? value : missing;
  };
  const isOff = fieldOf(object, 'status.poweredOn') === false;
  const last = before?.uid === metadata.uid ? before : undefined;
  const boots = last?.boots ?? 0;
  const state = textOf(object, 'status.provisioning.state');
  return {
    uid: metadata.uid,
    name: metadata.name,
    sharedState: textOf(object, 'status.provisioning.ID') === TEST_MODE_ID ? state : undefined,
    // Hosts do not say since when; they say it at once.
    offSince: isOff ? (last?.offSince ?? Date.now()) : undefined,
    boots: last?.offSince !== undefined && !isOff ? boots + 1 : boots,
    address: address ?? '',
    consumer: `${textOf(object, 'spec.consumerRef.namespace') || metadata.namespace}/${name}`,
    isProvisioned: /^(externally )?provisioned$/.test(state),
    provisionedAt: Number.isNaN(end) ? Date.parse(textOf(object, 'metadata.creationTimestamp')) || 0 : end,
    cpus: numberOf('status.hardware.cpu.count', 4),
    memoryMib: numberOf('status.hardware.ramMebibytes', 16_384),
  };
}

/** A CA that can sign; what else Cluster API keeps in Secrets of a cluster is let go. */
function keyPairOf(object: LiveObject): (KeyPair & { readonly cluster: string }) | undefined {
  const { namespace, name } = object.metadata;
  const cluster = labelOf(object, CLUSTER_NAME_LABEL) ?? '';
  if (name !== `${cluster}-ca` && name !== `${cluster}-etcd`) return undefined;
  const decoded = (key: string) => {
    const data = fieldOf(object, 'data') as Readonly<Record<string, unknown>> | undefined;
    const value = data?.[key];
    return typeof value === 'string' ? Buffer.from(value, 'base64').toString() : '';
  };
  const pair = { cert: decoded('tls.crt'), key: decoded('tls.key') };
  try {
    if (!new X509Certificate(pair.cert).checkPrivateKey(createPrivateKey(pair.key))) return undefined;
  } catch {
    return undefined;
  }
  return { ...pair, cluster: `${namespace}/${cluster}` };
}
