/**
 * Stands in for the Metal3 provider where its program is not to be had: the contract between Cluster API and a provider of
 * infrastructure, on Metal3's kinds, with hosts that it claims and gives back. No data templates, no remediation.
 */
import { API_VERSIONS, CLUSTER_NAME_LABEL } from '../../../lib/kinds/cluster/api-groups';
import type { LiveObject } from '../../../lib/kinds/kind';
import { ApiError } from '../../../src/kubernetes/api-error';
import type { KubernetesClient } from '../../../src/kubernetes/client';
import { collectionPath } from '../../../src/kubernetes/rest-mapper';
import { timeOf } from '../../../src/simulators/workload-api/api-object';
import { CollectionWatch, keyOf } from '../../../src/watch/collection-watch';

const FINALIZER = 'stand-in.test/metal3machine';
const MERGE = 'application/merge-patch+json';

interface Reference {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}
interface Anything extends LiveObject {
  readonly metadata: LiveObject['metadata'] & {
    readonly labels?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly Reference[];
  };
}
interface Cluster extends Anything {
  readonly spec?: { readonly infrastructureRef?: Reference; readonly paused?: boolean };
  readonly status?: { readonly initialization?: { readonly infrastructureProvisioned?: boolean } };
}
interface Machine extends Anything {
  readonly spec: { readonly bootstrap?: { readonly dataSecretName?: string } };
}
interface InfrastructureCluster extends Anything {
  readonly spec?: { readonly controlPlaneEndpoint?: { readonly host?: string } };
  readonly status?: { readonly initialization?: { readonly provisioned?: boolean } };
}
interface InfrastructureMachine extends Anything {
  readonly spec: {
    readonly providerID?: string;
    readonly image?: { readonly diskFormat?: string };
    readonly hostSelector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  };
  readonly status?: { readonly initialization?: { readonly provisioned?: boolean } };
}
interface Host extends Anything {
  readonly spec: { readonly consumerRef?: Reference; readonly image?: object };
  readonly status?: {
    readonly provisioning?: { readonly state?: string };
    readonly hardware?: { readonly nics?: readonly { readonly ip?: string }[] };
  };
}

/** The objects of a kind, as they are now. */
class Mirror<T extends Anything> {
  readonly all = new Map<string, T>();
  private readonly watch: CollectionWatch<T>;

  constructor(
    client: KubernetesClient,
    readonly apiVersion: string,
    readonly plural: string,
    changed: () => void,
  ) {
    this.watch = new CollectionWatch<T>(client, collectionPath(apiVersion, plural), {
      put: (object) => this.all.set(keyOf(object), object),
      remove: (key) => this.all.delete(key),
      keys: () => this.all.keys(),
      changed,
    });
  }

  start = () => this.watch.start();
  stop = () => this.watch.stop();

  path({ metadata: { namespace, name } }: Anything): string {
    return `${collectionPath(this.apiVersion, this.plural, namespace)}/${name}`;
  }
}

export class Metal3StandIn {
  private readonly clusters: Mirror<Cluster>;
  private readonly machines: Mirror<Machine>;
  private readonly ofClusters: Mirror<InfrastructureCluster>;
  private readonly ofMachines: Mirror<InfrastructureMachine>;
  private readonly hosts: Mirror<Host>;
  private running: Promise<void> | undefined;
  private isAsked = false;
  private isStopped = false;

  constructor(private readonly client: KubernetesClient) {
    const mirror = <T extends Anything>(apiVersion: string, plural: string) =>
      new Mirror<T>(client, apiVersion, plural, () => this.ask());
    this.clusters = mirror(API_VERSIONS.core, 'clusters');
    this.machines = mirror(API_VERSIONS.core, 'machines');
    this.ofClusters = mirror(API_VERSIONS.infrastructure, 'metal3clusters');
    this.ofMachines = mirror(API_VERSIONS.infrastructure, 'metal3machines');
    this.hosts = mirror('metal3.io/v1alpha1', 'baremetalhosts');
  }

  private get mirrors() {
    return [this.clusters, this.machines, this.ofClusters, this.ofMachines, this.hosts];
  }

  async start(): Promise<void> {
    await Promise.all(this.mirrors.map((each) => each.start()));
    this.ask();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.mirrors.map((each) => each.stop()));
    await this.running;
  }

  /** Looks at everything once more, after what is under way. */
  private ask(): void {
    this.isAsked = true;
    this.running ??= this.run().finally(() => (this.running = undefined));
  }

  private async run(): Promise<void> {
    while (this.isAsked && !this.isStopped) {
      this.isAsked = false;
      try {
        for (const each of this.ofClusters.all.values()) await this.reconcileCluster(each);
        for (const each of this.ofMachines.all.values()) await this.reconcileMachine(each);
      } catch (error) {
        // Somebody else was quicker: what has changed comes by the watch.
        if (!(error instanceof ApiError) || (error.status !== 409 && error.status !== 404)) {
          if (!this.isStopped) process.stderr.write(`stand-in for Metal3: ${String(error)}\n`);
        }
        setTimeout(() => this.ask(), 200).unref();
        return;
      }
    }
  }

  private async reconcileCluster(cluster: InfrastructureCluster): Promise<void> {
    const { metadata, spec, status } = cluster;
    if (this.isPaused(cluster)) return;
    if (metadata.deletionTimestamp !== undefined || status?.initialization?.provisioned === true) return;
    const isOwned = metadata.ownerReferences?.some(({ kind }) => kind === 'Cluster') === true;
    if (!isOwned || spec?.controlPlaneEndpoint?.host === undefined) return;
    const conditions = [{ ...READY, lastTransitionTime: timeOf(Date.now()) }];
    const body = { status: { initialization: { provisioned: true }, conditions } };
    await this.patch(this.ofClusters, cluster, body, '/status');
  }

  private clusterOf({ metadata: { namespace, labels } }: Anything): Cluster | undefined {
    return this.clusters.all.get(`${namespace}/${labels?.[CLUSTER_NAME_LABEL]}`);
  }

  /** As all that is of a cluster while it is moved: its machines are there before the hosts that they are on. */
  private isPaused(object: Anything): boolean {
    return this.clusterOf(object)?.spec?.paused === true;
  }

  private async reconcileMachine(machine: InfrastructureMachine): Promise<void> {
    const { metadata, spec, status } = machine;
    if (this.isPaused(machine)) return;
    const host = this.hostOf(machine);
    if (metadata.deletionTimestamp !== undefined) return this.release(machine, host);
    if (status?.initialization?.provisioned === true) return;
    const owner = metadata.ownerReferences?.find(({ kind }) => kind === 'Machine')?.name;
    const secret = this.machines.all.get(`${metadata.namespace}/${owner}`)?.spec.bootstrap?.dataSecretName;
    const cluster = this.clusterOf(machine);
    if (secret === undefined || cluster?.status?.initialization?.infrastructureProvisioned !== true) return;
    if (metadata.finalizers?.includes(FINALIZER) !== true) {
      await this.patch(this.ofMachines, machine, {
        metadata: { finalizers: [...(metadata.finalizers ?? []), FINALIZER] },
      });
      return;
    }
    if (host === undefined) return this.claim(machine, secret);
    if (host.status?.provisioning?.state !== 'provisioned') return;
    const { namespace, name } = metadata;
    if (spec.providerID === undefined) {
      await this.patch(this.ofMachines, machine, {
        spec: { providerID: `metal3://${namespace}/${host.metadata.name}/${name}` },
      });
      return;
    }
    const addresses = [
      ...(host.status.hardware?.nics ?? []).flatMap(({ ip }) =>
        ip === undefined || ip === '' ? [] : [{ type: 'InternalIP', address: ip }],
      ),
      { type: 'Hostname', address: host.metadata.name },
    ];
    const conditions = [{ ...READY, lastTransitionTime: timeOf(Date.now()) }];
    const body = { status: { initialization: { provisioned: true }, addresses, conditions } };
    await this.patch(this.ofMachines, machine, body, '/status');
  }

  private hostOf({ metadata: { namespace, name } }: InfrastructureMachine): Host | undefined {
    return [...this.hosts.all.values()].find(
      ({ metadata, spec: { consumerRef } }) =>
        metadata.namespace === namespace && consumerRef?.kind === 'Metal3Machine' && consumerRef.name === name,
    );
  }

  private async claim({ metadata, spec }: InfrastructureMachine, secret: string): Promise<void> {
    const { namespace, name, uid } = metadata;
    const wanted = Object.entries(spec.hostSelector?.matchLabels ?? {});
    const host = [...this.hosts.all.values()].find(
      (each) =>
        each.metadata.namespace === namespace &&
        each.metadata.deletionTimestamp === undefined &&
        each.spec.consumerRef === undefined &&
        each.status?.provisioning?.state === 'available' &&
        wanted.every(([label, value]) => each.metadata.labels?.[label] === value),
    );
    if (host === undefined) return;
    const { diskFormat: format, ...image } = spec.image ?? {};
    const consumerRef = { apiVersion: API_VERSIONS.infrastructure, kind: 'Metal3Machine', namespace, name };
    const userData = { name: secret, namespace };
    // The host belongs to it until it is given back: so what belongs to a cluster is found.
    const ownerReferences = [{ apiVersion: API_VERSIONS.infrastructure, kind: 'Metal3Machine', name, uid }];
    await this.patch(this.hosts, host, {
      metadata: { ownerReferences },
      spec: { consumerRef, image: { ...image, format }, userData, online: true },
    });
  }

  private async release(machine: InfrastructureMachine, host: Host | undefined): Promise<void> {
    if (host?.spec.image !== undefined) {
      await this.patch(this.hosts, host, { spec: { image: null, userData: null, online: false } });
      return;
    }
    if (host !== undefined) {
      if (!['available', 'ready'].includes(host.status?.provisioning?.state ?? '')) return;
      await this.patch(this.hosts, host, { metadata: { ownerReferences: null }, spec: { consumerRef: null } });
    }
    const { finalizers = [] } = machine.metadata;
    if (!finalizers.includes(FINALIZER)) return;
    await this.patch(this.ofMachines, machine, {
      metadata: { finalizers: finalizers.filter((each) => each !== FINALIZER) },
    });
  }

  /** Takes what the API server answers at once, so that nothing is done twice. */
  private async patch<T extends Anything>(mirror: Mirror<T>, object: T, body: object, part = ''): Promise<void> {
    const { resourceVersion } = object.metadata as { readonly resourceVersion?: string };
    const { metadata, ...rest } = body as { readonly metadata?: object };
    const after = await this.client.request<T>('PATCH', `${mirror.path(object)}${part}`, {
      body: { ...rest, metadata: { ...metadata, resourceVersion } },
      contentType: MERGE,
    });
    if (mirror.all.has(keyOf(after))) mirror.all.set(keyOf(after), after);
    this.isAsked = true;
  }
}

const READY = { type: 'Ready', status: 'True', reason: 'Ready', message: '' };
