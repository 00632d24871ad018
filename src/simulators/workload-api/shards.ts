/**
 * Which clusters are a pod's own, where several pods share them. Each cluster has the address of one of a fixed number of
 * Services, and each of these has one pod: Service i has the pod i modulo their number. A pod serves the clusters of a
 * Service before it has the Service lead to itself, and goes on serving them until nobody is led to it any more: so the
 * number of pods can be changed while clusters are in use.
 */
import { setTimeout as pause } from 'node:timers/promises';
import {
  WORKLOAD_API,
  workloadApiService,
  workloadApiStatusPort,
} from '../../../lib/components/simulators/workload-api-address';
import type { KubernetesClient } from '../../kubernetes/client';
import { collectionPath } from '../../kubernetes/rest-mapper';
import { serverSideApply } from '../../kubernetes/server-side-apply';

export interface ShardsProps {
  readonly client: KubernetesClient;
  /** That the pod and the Services are in. */
  readonly namespace: string;
  /** Name of the pod: it ends with its number. */
  readonly pod: string;
  /** How many Services there are. */
  readonly count: number;
  /** Told when the pod serves other shards than before. */
  readonly onChange: () => void;
  /** The clusters at each host; undefined while it is not known which clusters there are. */
  readonly endpoints: () => ReadonlyMap<string, ClustersAtHost> | undefined;
  readonly log: (line: string) => void;
  /** How often it looks, in milliseconds. @default 1000 */
  readonly everyMs?: number | undefined;
  /** How long connections may still come in after a Service leads elsewhere, in milliseconds. @default 3000 */
  readonly lingerMs?: number | undefined;
}

/** The clusters whose endpoints are at one host. */
export interface ClustersAtHost {
  readonly ports: readonly number[];
  /** Whether all of them are served that can be. */
  readonly isServed: boolean;
}

interface ServicePort {
  readonly name?: string;
  readonly port: number;
}

interface Service {
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly selector?: Readonly<Record<string, string>>; readonly ports?: readonly ServicePort[] };
}

const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const FIELD_MANAGER = 'metal3-testbed-workload-api';
const SHARD_SELECTOR = 'app.kubernetes.io/component=shard';
const EVERY_MS = 1_000;
const LINGER_MS = 3_000;
/** How long it waits for clusters that cannot be served, before the others are. */
const PATIENCE_MS = 10_000;

export class Shards {
  private readonly ordinal: number;
  /** Shards whose clusters are served here, with what is known of each. */
  private readonly held = new Map<number, { readonly since: number; leftAt: number | undefined }>();
  private replicas = 0;
  private isStopped = false;
  private running: Promise<void> = Promise.resolve();
  private said = '';
  private wake: (() => void) | undefined;

  constructor(private readonly props: ShardsProps) {
    const [, ordinal] = /-(\d{1,4})$/.exec(props.pod) ?? [];
    this.ordinal = Number(ordinal);
    if (ordinal === undefined)
      throw new Error(`the pod ${props.pod} is none of a StatefulSet: its name ends with no number`);
  }

  /** Whether what all pods would do alike is this one's to do. */
  get isFirst(): boolean {
    return this.ordinal === 0;
  }

  /** @returns whether the clusters at a host are served here */
  has(host: string): boolean {
    const shard = this.shardAt(host);
    return shard !== undefined && this.held.has(shard);
  }

  /** Looks which are its own, and then goes on looking. */
  async start(): Promise<void> {
    await this.look();
    this.running = this.goOn();
  }

  /** Looks at once: other clusters are there. */
  changed(): void {
    this.wake?.();
  }

  /**
   * Goes on serving until all Services lead to other pods, where others are to have them.
   *
   * @param deadlineMs how long at most
   */
  async drain(deadlineMs: number): Promise<void> {
    const end = Date.now() + deadlineMs;
    await this.look();
    // One that is to be replaced by itself is down until then, the less long the sooner it goes.
    if (this.ordinal < this.replicas) return;
    while (this.held.size > 0 && Date.now() < end) await pause(this.props.everyMs ?? EVERY_MS);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.wake?.();
    await this.running;
  }

  private async goOn(): Promise<void> {
    while (!this.isStopped) {
      await this.look();
      await Promise.race([
        pause(this.props.everyMs ?? EVERY_MS),
        new Promise<void>((resolve) => (this.wake = resolve)),
      ]);
      // What comes in one piece is looked at once.
      if (!this.isStopped) await pause(50);
    }
  }

  private async look(): Promise<void> {
    try {
      await this.assign();
      await this.lead();
      this.said = '';
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.said) this.props.log(`shards: ${message}`);
      this.said = message;
    }
  }

  /** Takes what is its own. */
  private async assign(): Promise<void> {
    const { client, namespace, count, onChange, log } = this.props;
    const path = `${collectionPath('apps/v1', 'statefulsets', namespace)}/${WORKLOAD_API}`;
    const { spec } = await client.request<{ readonly spec: { readonly replicas?: number } }>('GET', path, {
      retryMs: 0,
    });
    this.replicas = spec.replicas ?? 1;
    const taken: number[] = [];
    for (let shard = 0; shard < count; shard++) {
      if (!this.isOwn(shard) || this.held.has(shard)) continue;
      this.held.set(shard, { since: Date.now(), leftAt: undefined });
      taken.push(shard);
    }
    if (taken.length === 0) return;
    log(`shards ${taken.join(', ')} are served, as one of ${this.replicas} pods`);
    onChange();
  }

  /** Has Services lead here, and lets go of what they lead to elsewhere. */
  private async lead(): Promise<void> {
    const { client, namespace, pod, onChange, log } = this.props;
    const { items } = await client.request<{ readonly items: readonly Service[] }>(
      'GET',
      collectionPath('v1', 'services', namespace),
      { query: { labelSelector: SHARD_SELECTOR }, retryMs: 0 },
    );
    const endpoints = this.props.endpoints();
    if (endpoints === undefined) return;
    const services = new Map(items.map((service) => [service.metadata.name, service]));
    const left: number[] = [];
    for (const [shard, known] of this.held) {
      const service = services.get(workloadApiService(shard));
      const leadsHere = service?.spec?.selector?.[POD_NAME] === pod;
      if (this.isOwn(shard)) {
        known.leftAt = undefined;
        const clusters = endpoints.get(this.hostOf(shard)) ?? { ports: [], isServed: true };
        // Who has them now serves those that are not served here yet.
        const isReady = leadsHere || clusters.isServed || Date.now() - known.since > PATIENCE_MS;
        if (service !== undefined && isReady) await this.leadHere(shard, service, clusters.ports);
      } else if (!leadsHere) {
        known.leftAt ??= Date.now();
        if (Date.now() - known.leftAt >= (this.props.lingerMs ?? LINGER_MS)) left.push(shard);
      }
    }
    if (left.length === 0) return;
    for (const shard of left) this.held.delete(shard);
    log(`shards ${left.join(', ')} are served by others`);
    onChange();
  }

  private async leadHere(shard: number, { spec }: Service, ofClusters: readonly number[]): Promise<void> {
    const { client, namespace, pod } = this.props;
    const ports = [...new Set([workloadApiStatusPort, ...ofClusters])];
    const found = new Set(spec?.ports?.map(({ port }) => port));
    if (spec?.selector?.[POD_NAME] === pod && found.size === ports.length && ports.every((port) => found.has(port)))
      return;
    const name = workloadApiService(shard);
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: {
        selector: { [POD_NAME]: pod },
        ports: ports.map((port) => ({
          name: port === workloadApiStatusPort ? 'status' : `cluster-${port}`,
          port,
          targetPort: port,
          protocol: 'TCP',
        })),
      },
    };
    const path = `${collectionPath('v1', 'services', namespace)}/${name}`;
    await serverSideApply(client, path, service, FIELD_MANAGER, { retryMs: 0 });
  }

  private isOwn(shard: number): boolean {
    return this.ordinal < this.replicas && shard % this.replicas === this.ordinal;
  }

  private hostOf(shard: number): string {
    return `${workloadApiService(shard)}.${this.props.namespace}.svc`;
  }

  private shardAt(host: string): number | undefined {
    const shard = Number(/-(\d{1,3})\./.exec(host)?.[1]);
    return shard < this.props.count && host === this.hostOf(shard) ? shard : undefined;
  }
}
