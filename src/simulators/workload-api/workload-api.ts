/** The API of all workload clusters of a management cluster, in one process. */
import type { WorkloadApiFaultKind } from '../../../lib/scenario/workload-api-faults';
import type { KeyPair } from '../../cluster/local/issue';
import type { KubernetesClient } from '../../kubernetes/client';
import { isOfThisMachine } from '../../util/own-addresses';
import { WorkloadCluster, type JoinDelay } from './cluster';
import { Endpoint } from './endpoint';
import type { Address, ClusterFacts } from './facts';
import { FaultCounts, Faults, type ClusterFaults } from './faults';
import type { FaultSource } from './planned-fault';
import { Management } from './management';
import { RequestCounts } from './request-counts';
import type { ClustersAtHost, Shards } from './shards';
import { issueIdentity, type ServerIdentity } from './server-identity';

export interface WorkloadApiProps {
  /** Of the management cluster. */
  readonly client: KubernetesClient;
  /** @default none */
  readonly joinDelay?: JoinDelay | undefined;
  /** Where faults are written down. @default - there are none */
  readonly faults?: FaultSource | undefined;
  /** Which clusters are this one's own, where several pods share them. @default - all, at addresses of this machine */
  readonly shards?: ((api: Pick<WorkloadApi, 'atHosts' | 'lookAtAll'>) => Shards) | undefined;
  readonly log: (line: string) => void;
}

/** Where a cluster is served. */
interface ServedEndpoint {
  readonly server: Endpoint;
  readonly address: string;
  readonly ca: KeyPair;
  /** What its certificate is for. */
  readonly names: readonly string[];
  etcd: KeyPair | undefined;
  /** Whether its certificates have expired, by a fault. */
  isExpired: boolean;
  isEtcdExpired: boolean;
}

interface Served {
  readonly cluster: WorkloadCluster;
  endpoint: ServedEndpoint | undefined;
  /** What keeps it from being served, as it was last said. */
  problem: string;
  /** Whether something goes wrong with it. */
  isAfflicted: boolean;
}

const RENEW_MS = 10_000;
const RETRY_MS = 1_000;
const EVERY_ADDRESS = '0.0.0.0';
const SERVICE_NAMES = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'localhost', '127.0.0.1'];

export class WorkloadApi {
  readonly counts = new RequestCounts();
  readonly faultCounts = new FaultCounts();
  readonly faults: Faults;
  private readonly management: Management;
  private readonly shards: Shards | undefined;
  private readonly clusters = new Map<string, Served>();
  /** Which cluster has an address. */
  private readonly addresses = new Map<string, string>();
  /** Clusters to be looked at, and those that are, which are looked at once more where they change meanwhile. */
  private readonly waiting = new Set<string>();
  private readonly busy = new Map<string, Promise<void>>();
  private renewal: NodeJS.Timeout | undefined;
  private isStopped = false;
  private isStarted = false;

  constructor(private readonly props: WorkloadApiProps) {
    const { client, faults: source, log } = props;
    const onChange = (keys: Iterable<string>) => this.changed(keys);
    this.shards = props.shards?.(this);
    // What each would do, one does.
    this.management = new Management(client, onChange, log, { touches: this.shards?.isFirst ?? true });
    this.faults = new Faults({ source, counts: this.faultCounts, onChange, log });
  }

  /** Resolves once all clusters that there are have been seen, and those that can be are served. */
  async start(): Promise<void> {
    this.renewal = setInterval(() => {
      for (const { cluster } of this.clusters.values()) cluster.renew();
    }, RENEW_MS);
    this.renewal.unref();
    await this.faults.refresh();
    await this.shards?.start();
    await this.management.start();
    // Each once: one that cannot be served is tried again without the others waiting for it.
    await Promise.all(this.busy.values());
    this.isStarted = true;
    this.shards?.changed();
  }

  /** Goes on serving until others have its clusters, where others are to have them. @param deadlineMs how long at most */
  async drain(deadlineMs: number): Promise<void> {
    await this.shards?.drain(deadlineMs);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.renewal);
    this.faults.stop();
    await this.shards?.stop();
    await this.management.stop();
    await Promise.all(this.busy.values());
    await Promise.all([...this.clusters.keys()].map((key) => this.drop(key)));
  }

  /** What it waits for before it serves; undefined once it does. */
  get problem(): string | undefined {
    if (this.isStarted) return undefined;
    const missing = [...this.management.missing].join(', ');
    return missing === '' ? 'the endpoints are not open yet' : `not seen yet: ${missing}`;
  }

  /** The clusters at each host, wherever they are served; undefined while it is not known which there are. */
  atHosts(): ReadonlyMap<string, ClustersAtHost> | undefined {
    if (!this.isStarted) return undefined;
    const hosts = new Map<string, { readonly ports: number[]; isServed: boolean }>();
    for (const { key, endpoint } of this.management.endpoints()) {
      const at = hosts.get(endpoint.host) ?? { ports: [], isServed: true };
      hosts.set(endpoint.host, at);
      at.ports.push(endpoint.port);
      const served = this.clusters.get(key);
      const canBe = this.management.keyPair(key, 'ca') !== undefined && (served?.problem ?? '') === '';
      if (canBe && served?.endpoint === undefined) at.isServed = false;
    }
    return hosts;
  }

  /** Looks at each cluster: another one may have become this one's own. */
  lookAtAll(): void {
    this.changed([...this.management.endpoints()].map(({ key }) => key));
  }

  /** The addresses that it listens at. */
  get endpoints(): readonly string[] {
    return [...this.clusters.values()].flatMap(({ endpoint }) => endpoint?.address ?? []);
  }

  /** Clusters that cannot be served, each with what keeps it. */
  get unserved(): readonly string[] {
    return [...this.clusters]
      .filter(([, { problem }]) => problem !== '')
      .map(([key, { problem }]) => notServed(key, problem));
  }

  /** How much of everything there is. */
  get sizes() {
    let [nodes, watches, connections, endpoints] = [0, 0, 0, 0];
    for (const { cluster, endpoint } of this.clusters.values()) {
      nodes += cluster.nodeCount;
      watches += cluster.store.watchCount;
      connections += endpoint?.server.connectionCount ?? 0;
      endpoints += endpoint === undefined ? 0 : 1;
    }
    return { clusters: this.clusters.size, endpoints, nodes, watches, connections };
  }

  /** Whether a cluster, by `NAMESPACE/NAME`, is simulated here. */
  serves(key: string): boolean {
    return this.clusters.has(key);
  }

  /** Brings the faults in force to what is written down, and resolves once clusters are as these say. */
  async reloadFaults(): Promise<void> {
    await this.faults.refresh();
    await Promise.all(this.busy.values());
  }

  /** Clusters, each with how often it has been asked. */
  *requestsByCluster(): Generator<{ readonly key: string; readonly count: number }> {
    for (const [key, { cluster }] of this.clusters) yield { key, count: cluster.requests };
  }

  private changed(keys: Iterable<string>): void {
    if (this.isStopped) return;
    for (const key of keys) {
      this.waiting.add(key);
      if (!this.busy.has(key)) this.busy.set(key, this.work(key));
    }
  }

  private async work(key: string): Promise<void> {
    // What comes in one piece is looked at once.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.delete(key) && !this.isStopped) {
      try {
        await this.reconcile(key);
      } catch (error) {
        this.say(key, (error as Error).message);
        setTimeout(() => this.changed([key]), RETRY_MS).unref();
      }
    }
    this.busy.delete(key);
  }

  private async reconcile(key: string): Promise<void> {
    const facts = this.ownFacts(key);
    const known = this.clusters.get(key);
    if (facts === undefined || known?.cluster.facts.uid !== facts.uid) await this.drop(key);
    if (facts === undefined) return;
    let served = this.clusters.get(key);
    if (served === undefined) {
      served = {
        cluster: new WorkloadCluster(facts, this.props.joinDelay),
        endpoint: undefined,
        problem: '',
        isAfflicted: false,
      };
      this.clusters.set(key, served);
    } else served.cluster.update(facts);
    await this.serve(key, served, facts);
    await this.afflict(key, served);
  }

  /** @returns undefined for a cluster that is gone, and for one that another pod serves */
  private ownFacts(key: string): ClusterFacts | undefined {
    const facts = this.management.facts(key);
    if (this.shards === undefined || facts === undefined) return facts;
    if (facts.endpoint === undefined || !this.shards.has(facts.endpoint.host)) return undefined;
    return facts;
  }

  /** Has happen to a cluster what its faults say. */
  private async afflict(key: string, served: Served): Promise<void> {
    const faults = this.faults.of(key);
    if (faults === undefined && !served.isAfflicted) return;
    served.isAfflicted = true;
    const { cluster, endpoint } = served;
    const count = (kind: WorkloadApiFaultKind) => () => this.faultCounts.add(kind);
    cluster.loseNodes(faults?.nodes ?? [], count('nodes'));
    cluster.etcd.break(faults?.etcd, count('etcd'));
    cluster.watchDelay.change(faults?.watchDelayMs, count('slowWatch'));
    if (endpoint !== undefined) {
      await this.afflictEndpoint(endpoint, faults);
      served.problem = '';
    }
    served.isAfflicted = faults !== undefined;
  }

  private async afflictEndpoint(endpoint: ServedEndpoint, faults: ClusterFaults | undefined): Promise<void> {
    const { server, address, ca, names, etcd } = endpoint;
    const isExpired = faults?.expired.has('apiServer') ?? false;
    if (endpoint.isExpired !== isExpired) {
      server.show(await issueIdentity(ca, names, isExpired));
      endpoint.isExpired = isExpired;
      if (isExpired) this.faultCounts.add('expiredCertificate');
    }
    const isEtcdExpired = faults?.expired.has('etcd') ?? false;
    if (endpoint.isEtcdExpired !== isEtcdExpired) {
      server.serveEtcd(await etcdIdentity(etcd, isEtcdExpired));
      endpoint.isEtcdExpired = isEtcdExpired;
      if (isEtcdExpired) this.faultCounts.add('expiredCertificate');
    }
    await server.suffer(faults).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EADDRINUSE' ? takenEndpoint(address) : error;
    });
  }

  private async serve(key: string, served: Served, facts: ClusterFacts): Promise<void> {
    const ca = this.management.keyPair(key, 'ca');
    const etcd = this.management.keyPair(key, 'etcd');
    const address = facts.endpoint === undefined ? '' : addressOf(facts.endpoint);
    const { endpoint } = served;
    if (endpoint !== undefined && (endpoint.address !== address || (ca !== undefined && !isSame(ca, endpoint.ca))))
      await this.close(key, served);
    if (facts.endpoint === undefined || ca === undefined) return;
    if (served.endpoint !== undefined) {
      if (isSame(etcd, served.endpoint.etcd)) return;
      served.endpoint.etcd = etcd;
      served.endpoint.server.serveEtcd(await etcdIdentity(etcd, served.endpoint.isEtcdExpired));
      return;
    }
    const { host, port } = facts.endpoint;
    if (this.shards === undefined && !isOfThisMachine(host))
      return this.say(key, `its endpoint ${address} is not an address of this machine, where it is simulated`);
    const holder = this.addresses.get(address);
    if (holder !== undefined) throw new Error(`its endpoint ${address} is that of ${holder} too: give it another one`);
    this.addresses.set(address, key);
    try {
      const names = [host, ...SERVICE_NAMES, `kubernetes.default.svc.${facts.dnsDomain}`];
      const server = new Endpoint({
        cluster: served.cluster,
        counts: this.counts,
        faultCounts: this.faultCounts,
        etcd: await etcdIdentity(etcd),
        identity: await issueIdentity(ca, names),
      });
      // One that is to be unreachable is so from the beginning.
      await server.suffer(this.faults.of(key));
      // What leads here is a Service.
      const at = this.shards === undefined ? host : EVERY_ADDRESS;
      await server.listen({ host: at, port }).catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'EADDRINUSE' ? takenEndpoint(address) : error;
      });
      served.endpoint = { server, address, ca, names, isExpired: false, etcd, isEtcdExpired: false };
      served.problem = '';
      this.shards?.changed();
    } catch (error) {
      this.addresses.delete(address);
      throw error;
    }
  }

  private async close(key: string, served: Served): Promise<void> {
    const { endpoint } = served;
    if (endpoint === undefined) return;
    served.endpoint = undefined;
    await endpoint.server.close();
    if (this.addresses.get(endpoint.address) === key) this.addresses.delete(endpoint.address);
  }

  private async drop(key: string): Promise<void> {
    const served = this.clusters.get(key);
    if (served === undefined) return;
    this.clusters.delete(key);
    served.cluster.stop();
    await this.close(key, served);
  }

  private say(key: string, problem: string): void {
    const served = this.clusters.get(key);
    if (served?.problem === problem) return;
    if (served !== undefined) served.problem = problem;
    this.props.log(notServed(key, problem));
  }
}

function notServed(key: string, problem: string): string {
  return `cluster ${key} is not served: ${problem}`;
}

function takenEndpoint(address: string): Error {
  return new Error(`another process listens at its endpoint ${address}`);
}

function etcdIdentity(etcd: KeyPair | undefined, isExpired = false): Promise<ServerIdentity | undefined> {
  return etcd === undefined ? Promise.resolve(undefined) : issueIdentity(etcd, ['localhost', '127.0.0.1'], isExpired);
}

function isSame(a: KeyPair | undefined, b: KeyPair | undefined): boolean {
  return a?.cert === b?.cert && a?.key === b?.key;
}

function addressOf({ host, port }: Address): string {
  return `${host}:${port}`;
}
