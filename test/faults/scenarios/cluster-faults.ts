/** Whole clusters whose API has faults: what becomes of them, beside what was really served meanwhile. */
import assert from 'node:assert/strict';
import { request } from 'node:https';
import { parse } from 'yaml';
import type { WorkloadApiFault } from '../../../lib/scenario/workload-api-faults';
import { collectionPath } from '../../../src/kubernetes/rest-mapper';
import { faultsInForce } from '../../../src/simulators/workload-api-process';
import { removeFault, writeFault } from '../../../src/simulators/workload-api/fault-files';
import { until } from '../../../src/util/until';
import {
  conditionsOf,
  KINDS,
  listed,
  unwell,
  type Conditioned,
  type KindName,
} from '../../support/clusters/conditions';
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
class Witness {
  private readonly served = new Map<string, number>();
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
    if (nodes === undefined) return void this.seen.unserved++;
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
      if (asked - since > NODE_GRACE_MS)
        this.wrong.set(node, `Machine of ${node}: NodeReady is True ${asked - since} ms after its Node was not`);
    }
  }
}

/** One fault, for some of the clusters. */
export interface FaultRun {
  readonly name: string;
  readonly faults: readonly { readonly fault: WorkloadApiFault; readonly isFor?: (i: number) => boolean }[];
  readonly seconds: number;
  /** What is done while it lasts, and has to be seen before it ends. */
  readonly meanwhile?: (clusters: readonly string[]) => Promise<unknown>;
  /** Machines that come of that. */
  readonly more?: number;
}

export interface FaultLab {
  readonly lab: ClusterLab;
  readonly namespace: string;
  readonly clusters: readonly string[];
}

async function accessOf({ lab, namespace, clusters }: FaultLab): Promise<ReadonlyMap<string, Access>> {
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

/** The uids of all Clusters and Machines. */
async function uidsOf({ lab, namespace }: FaultLab): Promise<ReadonlySet<string>> {
  const all = await Promise.all((['Cluster', 'Machine'] as const).map((kind) => listed(lab.client, kind, namespace)));
  return new Set(all.flat().map(({ metadata }) => metadata.uid));
}

/** Has a manager look at an object, which it does by itself every ten minutes. */
export async function touch({ lab, namespace }: FaultLab, kind: KindName): Promise<void> {
  const [apiVersion, plural] = KINDS[kind];
  for (const { metadata } of await listed(lab.client, kind, namespace))
    await lab.client.request('PATCH', `${collectionPath(apiVersion, plural, namespace)}/${metadata.name}`, {
      body: { metadata: { annotations: { 'faults.test/at': String(Date.now()) } } },
      contentType: 'application/merge-patch+json',
    });
}

/** Waits until objects are as they should be. */
export async function seen(
  { lab, namespace }: FaultLab,
  kind: KindName,
  isThere: (objects: readonly Conditioned[]) => boolean,
  what: string,
): Promise<void> {
  const found = await until(async () => isThere(await listed(lab.client, kind, namespace)), {
    deadlineMs: 180_000,
    everyMs: 250,
  });
  assert.ok(found, `${what}: not seen while the fault lasted`);
}

/** Runs a fault, and asserts that nothing was said that was not so, and that all is well afterwards. @returns the counts */
export async function faultRun(of: FaultLab, run: FaultRun): Promise<string> {
  const { lab, namespace, clusters } = of;
  const { folder, readyUrl } = lab.workloadApi;
  const before = await uidsOf(of);
  const witness = new Witness(lab, namespace, await accessOf(of));
  witness.areWatchesLate = run.faults.some(({ fault }) => fault.slowWatch !== undefined);
  const start = Date.now();
  const struckBefore = await struck(readyUrl);
  const ids = run.faults.map(({ fault, isFor = () => true }, i) =>
    writeFault(folder, {
      fault,
      clusters: clusters.filter((_, at) => isFor(at)).map((name) => `${namespace}/${name}`),
      until: start + 600_000,
      seed: `${run.name} ${i}`,
    }),
  );
  let afterMs = 0;
  let lines: string[] = [];
  try {
    assert.deepEqual([...((await faultsInForce(readyUrl)) ?? [])].sort(), [...ids].sort());
    await run.meanwhile?.(clusters);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, start + run.seconds * 1000 - Date.now())));
  } finally {
    for (const id of ids) removeFault(folder, id);
    const left = await faultsInForce(readyUrl);
    try {
      assert.deepEqual(left, []);
      const end = Date.now();
      const isWell = async () => {
        lines = await unwell(lab.client, namespace);
        const machines = await listed(lab.client, 'Machine', namespace);
        const running = machines.filter(({ status }) => status?.phase === 'Running').length;
        if (running !== machines.length) lines.push(`${running} of ${machines.length} Machines run`);
        return lines.length === 0;
      };
      assert.ok(await until(isWell, { deadlineMs: 300_000, everyMs: 500 }), `${run.name}:\n${lines.join('\n')}`);
      afterMs = Date.now() - end;
    } finally {
      await witness.stop();
    }
  }
  const after = await uidsOf(of);
  const lost = [...before].filter((uid) => !after.has(uid)).length;
  assert.equal(lost, 0, `${run.name}: ${lost} Clusters and Machines are gone`);
  assert.equal(after.size, before.size + (run.more ?? 0), `${run.name}: there are others`);
  assert.deepEqual([...witness.wrong.values()], [], run.name);
  const { looks, unserved, probeNotTrue, nodesNotReady, machinesNotReady } = witness.seen;
  return (
    `${run.name}: ${clusters.length} clusters, ${run.seconds} s, struck ${(await struck(readyUrl)) - struckBefore} times; ` +
    `all well after ${(afterMs / 1000).toFixed(0)} s, 0 lost, 0 reported ready that were not ` +
    `(${looks} looks: ${unserved} probes unserved, ${probeNotTrue} RemoteConnectionProbes not True, ` +
    `${nodesNotReady} Nodes not ready, ${machinesNotReady} Machines' NodeReady not True)`
  );
}

async function struck(readyUrl: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', readyUrl))).text();
  return [...text.matchAll(/^workload_api_faults_injected_total\{.*\} (\d+)$/gm)].reduce(
    (n, [, x]) => n + Number(x),
    0,
  );
}

/** Kills a process of the lab for a while, and waits until all is well. @returns the counts */
export async function killRun(of: FaultLab, name: string, downSeconds: number): Promise<string> {
  const before = await uidsOf(of);
  await of.lab.kill(name);
  await new Promise((resolve) => setTimeout(resolve, downSeconds * 1000));
  await of.lab.restart(name);
  const start = Date.now();
  let lines: string[] = [];
  const isWell = async () => (lines = await unwell(of.lab.client, of.namespace)).length === 0;
  assert.ok(await until(isWell, { deadlineMs: 300_000, everyMs: 500 }), `${name}:\n${lines.join('\n')}`);
  assert.deepEqual(await uidsOf(of), before, `${name}: others are there`);
  return `${name} killed for ${downSeconds} s: ${of.clusters.length} clusters well ${((Date.now() - start) / 1000).toFixed(0)} s after it was back, 0 lost`;
}

/** Adds a worker to each MachineDeployment. */
export async function addWorkers({ lab, namespace }: FaultLab): Promise<void> {
  const [apiVersion, plural] = KINDS.MachineDeployment;
  for (const { metadata, spec } of await listed(lab.client, 'MachineDeployment', namespace))
    await lab.client.request('PATCH', `${collectionPath(apiVersion, plural, namespace)}/${metadata.name}`, {
      body: { spec: { replicas: Number(spec['replicas']) + 1 } },
      contentType: 'application/merge-patch+json',
    });
}

const isStatus = (type: string, isIt: (status: string | undefined) => boolean) => (object: Conditioned) =>
  isIt(conditionsOf(object).get(type)?.status);
export const notTrue = (type: string) => isStatus(type, (status) => status !== undefined && status !== 'True');

const quarter = (which: number) => (i: number) => i % 4 === which;
const half = (which: number) => (i: number) => i % 2 === which;

/** Every fault, at length or in short. @param workers of each cluster, at least one */
export function faultRuns(of: FaultLab, isLong: boolean): readonly FaultRun[] {
  const seconds = isLong ? 30 : 4;
  const { clusters } = of;
  const workers = clusters.length;
  const ofWorkers = (isIt: (machine: Conditioned) => boolean, count: number) => (all: readonly Conditioned[]) =>
    all.filter(isIt).length >= count;
  const short: readonly FaultRun[] = [
    {
      name: 'latency of 50 ms (p99 1 s)',
      faults: [{ fault: { latency: { medianMilliseconds: 50, p99Milliseconds: 1_000 } } }],
      seconds,
    },
    {
      name: 'errors and resets, of a half of the requests each',
      faults: [
        { fault: { errors: [429, 500, 503], requestShare: 0.5 }, isFor: half(0) },
        { fault: { resets: true, requestShare: 0.5 }, isFor: half(1) },
      ],
      seconds,
    },
    {
      name: 'workers not ready',
      faults: [{ fault: { nodes: 'notReady', nodesOf: 'workers' } }],
      seconds,
      meanwhile: () =>
        seen(of, 'Machine', ofWorkers(notTrue('NodeReady'), workers), 'a Machine of each Node that is not ready'),
    },
    {
      name: 'workers gone',
      faults: [{ fault: { nodes: 'gone', nodesOf: 'workers' } }],
      seconds,
      meanwhile: () =>
        seen(of, 'Machine', ofWorkers(notTrue('NodeReady'), workers), 'a Machine of each Node that is gone'),
    },
    {
      name: 'one more worker each, whose kubelet does not come',
      faults: [{ fault: { nodes: 'neverJoin' } }],
      seconds,
      more: workers,
      meanwhile: async () => {
        await addWorkers(of);
        const waits = ({ status }: Conditioned) => status?.phase === 'Provisioned' && status.nodeRef === undefined;
        await seen(of, 'Machine', ofWorkers(waits, workers), 'a Machine each that waits for its Node');
      },
    },
  ];
  if (!isLong) return short;
  return [
    {
      name: 'refused, silent, expired certificate, all requests 503 (a quarter of the clusters each)',
      faults: [
        { fault: { unreachable: 'refused' }, isFor: quarter(0) },
        { fault: { unreachable: 'silent' }, isFor: quarter(1) },
        { fault: { expiredCertificate: 'apiServer' }, isFor: quarter(2) },
        { fault: { errors: [503] }, isFor: quarter(3) },
      ],
      seconds: 130,
      meanwhile: () =>
        seen(of, 'Cluster', (all) => all.every(notTrue('RemoteConnectionProbe')), 'each Cluster that is not reached'),
    },
    ...short,
    { name: 'events of watches held', faults: [{ fault: { slowWatch: {} } }], seconds },
    { name: 'events of watches 5 s late', faults: [{ fault: { slowWatch: { milliseconds: 5_000 } } }], seconds },
    {
      name: 'etcd: a member with an alarm, without a quorum, an expired certificate (a third of the clusters each)',
      faults: [
        { fault: { etcd: 'memberUnhealthy' }, isFor: (i) => i % 3 === 0 },
        { fault: { etcd: 'noQuorum' }, isFor: (i) => i % 3 === 1 },
        { fault: { expiredCertificate: 'etcd' }, isFor: (i) => i % 3 === 2 },
      ],
      seconds,
      meanwhile: async () => {
        await touch(of, 'KubeadmControlPlane');
        await seen(
          of,
          'KubeadmControlPlane',
          (all) => all.every(notTrue('EtcdClusterHealthy')),
          'each control plane whose etcd is not well',
        );
      },
    },
    {
      name: 'control-plane nodes not ready',
      faults: [{ fault: { nodes: 'notReady', nodesOf: 'controlPlane' } }],
      seconds,
      meanwhile: () => seen(of, 'Machine', ofWorkers(notTrue('NodeReady'), workers), 'a Machine of each'),
    },
  ];
}
