/** Who looks at what is really served by the API of clusters, and at what Cluster API says of them. */
import { request } from 'node:https';
import { parse } from 'yaml';
import { conditionsOf, listed } from '../../support/clusters/conditions';
import type { ClusterLab } from '../../support/clusters/lab';

/**
 * How long Cluster API v1.13.4 may say that a cluster can be reached which cannot: `--remote-connection-grace-period` (50 s by
 * default, main.go), a probe every 10 s that takes up to 5 s (controllers/clustercache), and 20 s for its queue.
 */
const CONNECTION_GRACE_MS = 85_000;
/** Nodes are watched (internal/controllers/machine): what they say is there at once, but for its queue. */
const NODE_GRACE_MS = 20_000;
/** What a probe of Cluster API may take. */
const PROBE_MS = 5_000;
const LOOK_MS = 1_000;

interface Node {
  readonly metadata: { readonly name: string };
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
}

interface Access {
  readonly server: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** What is served to somebody who asks now, on a connection of his own. */
function ask({ server, ...tls }: Access): Promise<readonly Node[] | undefined> {
  return new Promise((resolve) => {
    const asked = request(`${server}/api/v1/nodes`, { ...tls, agent: false, timeout: PROBE_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', () => resolve(undefined));
      response.on('end', () =>
        resolve(response.statusCode === 200 ? (JSON.parse(text) as { readonly items: Node[] }).items : undefined),
      );
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(undefined));
    asked.end();
  });
}

/** Looks all the time at what is served and at what Cluster API says of it. */
export class Witness {
  private readonly served = new Map<string, number>();
  /** When it was last not served. */
  private readonly unserved = new Map<string, number>();
  /** Since when a Node was not served as ready. */
  private readonly notReady = new Map<string, number>();
  /** What was said, and was not so. */
  readonly wrong = new Map<string, string>();
  readonly seen = { looks: 0, unserved: 0, probeNotTrue: 0, nodesNotReady: 0, machinesNotReady: 0 };
  /** Whether changes of Nodes reach whoever watches. */
  areWatchesLate = false;
  private isStopped = false;
  private readonly running: Promise<void>;

  constructor(
    private readonly lab: ClusterLab,
    private readonly namespace: string,
    private readonly access: ReadonlyMap<string, Access>,
  ) {
    const now = Date.now();
    for (const cluster of access.keys()) this.served.set(cluster, now);
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      const start = Date.now();
      await Promise.all([...this.access].map(([cluster, access]) => this.probe(cluster, access)));
      await this.compare().catch(() => undefined);
      this.seen.looks++;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, start + LOOK_MS - Date.now())));
    }
  }

  private async probe(cluster: string, access: Access): Promise<void> {
    const nodes = await ask(access);
    const now = Date.now();
    if (nodes === undefined) {
      this.seen.unserved++;
      this.unserved.set(cluster, now);
      return;
    }
    this.served.set(cluster, now);
    const ready = new Set(
      nodes
        .filter(({ status }) => status.conditions.some((each) => each.type === 'Ready' && each.status === 'True'))
        .map(({ metadata }) => metadata.name),
    );
    for (const name of this.nodesOf.get(cluster) ?? []) {
      if (ready.has(name)) this.notReady.delete(name);
      else {
        this.seen.nodesNotReady++;
        if (!this.notReady.has(name)) this.notReady.set(name, now);
      }
    }
  }

  private readonly nodesOf = new Map<string, Set<string>>();

  private async compare(): Promise<void> {
    const { lab, namespace } = this;
    const asked = Date.now();
    for (const cluster of await listed(lab.client, 'Cluster', namespace)) {
      const { name } = cluster.metadata;
      const probe = conditionsOf(cluster).get('RemoteConnectionProbe')?.status;
      if (probe !== 'True') this.seen.probeNotTrue++;
      const silentMs = asked - (this.served.get(name) ?? asked);
      if (probe === 'True' && silentMs > CONNECTION_GRACE_MS)
        this.wrong.set(`${name} probe`, `Cluster ${name}: RemoteConnectionProbe is True after ${silentMs} ms`);
    }
    for (const machine of await listed(lab.client, 'Machine', namespace)) {
      const node = machine.status?.nodeRef?.name;
      const cluster = String(machine.spec['clusterName']);
      if (node === undefined) continue;
      this.nodesOf.set(cluster, (this.nodesOf.get(cluster) ?? new Set()).add(node));
      const isReady = conditionsOf(machine).get('NodeReady')?.status === 'True';
      if (!isReady) this.seen.machinesNotReady++;
      const since = this.notReady.get(node);
      if (since === undefined || !isReady || this.areWatchesLate) continue;
      // Whoever lost its watch has to connect again first, as where the API is killed.
      const isConnected = asked - (this.unserved.get(cluster) ?? 0) > CONNECTION_GRACE_MS;
      if (asked - since > NODE_GRACE_MS && isConnected)
        this.wrong.set(node, `Machine of ${node}: NodeReady is True ${asked - since} ms after its Node was not`);
    }
  }
}

export interface FaultLab {
  readonly lab: ClusterLab;
  readonly namespace: string;
  readonly clusters: readonly string[];
}

/** How each cluster is reached, as its kubeconfig has it. */
export async function accessOf({ lab, namespace, clusters }: FaultLab): Promise<ReadonlyMap<string, Access>> {
  const found = new Map<string, Access>();
  for (const cluster of clusters) {
    const path = `/api/v1/namespaces/${namespace}/secrets/${cluster}-kubeconfig`;
    const { data } = await lab.client.request<{ readonly data: { readonly value: string } }>('GET', path);
    const config = parse(Buffer.from(data.value, 'base64').toString()) as {
      readonly clusters: readonly [{ readonly cluster: Readonly<Record<string, string>> }];
      readonly users: readonly [{ readonly user: Readonly<Record<string, string>> }];
    };
    const decoded = (text = '') => Buffer.from(text, 'base64').toString();
    const { server = '', 'certificate-authority-data': ca } = config.clusters[0].cluster;
    const { 'client-certificate-data': cert, 'client-key-data': key } = config.users[0].user;
    found.set(cluster, { server, ca: decoded(ca), cert: decoded(cert), key: decoded(key) });
  }
  return found;
}
