import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { join } from 'node:path';
import { inParallel } from '../../src/util/in-parallel';
import { freePort } from '../../test/support/workload-cluster';
import type { Benchmark, BenchmarkResult } from '../benchmark';
import { addressOf, type ServerStart, type ServerUsage } from '../workload-api-server';

/** How many clusters: BENCH_WORKLOAD_CLUSTERS=5000 for more. */
const CLUSTERS = Number(process.env['BENCH_WORKLOAD_CLUSTERS'] ?? '1000');
/** As many as Cluster API's managers and CAPM3 have. */
const WATCHES = 4;
const REQUESTS = 20_000;
const IN_FLIGHT = 64;
/** So often a node of each cluster is changed. */
const CHANGES = 5;

export const workloadApi: Benchmark = {
  name: 'workload-api',
  results: ['workload-api', 'workload-api-watch'],
  description: `the API of ${CLUSTERS} workload clusters of one node, with ${WATCHES} clients each that watch: reads, then changes`,
  async run() {
    const port = await freePort();
    const server = fork(join(__dirname, '..', 'workload-api-server.js'), [String(CLUSTERS), String(port)]);
    const [start] = (await once(server, 'message')) as [ServerStart];
    const clients = new Clients();
    try {
      await inParallel(
        Array.from({ length: CLUSTERS * WATCHES }, (_, i) => i),
        IN_FLIGHT,
        (i) => clients.open(`https://${addressOf(i % CLUSTERS)}:${port}`, start),
      );
      const idle = await usageOf(server);
      const perCluster = ((idle.rssMB - start.rssMB) * 1024) / CLUSTERS;
      const note = `${perCluster.toFixed(0)} KiB a cluster with its ${WATCHES} connections and watches`;
      const reads = await measured('workload-api', REQUESTS, server, note, () => clients.read(REQUESTS));
      const events = CLUSTERS * WATCHES * CHANGES;
      const changes = await measured('workload-api-watch', events, server, 'events that have come to who watches', () =>
        clients.change(CLUSTERS, events),
      );
      return [reads, changes];
    } finally {
      clients.close();
      server.disconnect();
      await once(server, 'exit');
    }
  },
};

async function usageOf(server: ChildProcess): Promise<ServerUsage> {
  server.send('usage');
  const [usage] = (await once(server, 'message')) as [ServerUsage];
  return usage;
}

async function measured(
  name: string,
  count: number,
  server: ChildProcess,
  note: string,
  work: () => Promise<unknown>,
): Promise<BenchmarkResult> {
  const before = await usageOf(server);
  const begun = performance.now();
  await work();
  const perSecond = (count / (performance.now() - begun)) * 1000;
  const after = await usageOf(server);
  return { name, count, perSecond, peakRssMB: after.rssMB, cpuMsPerItem: (after.cpuMs - before.cpuMs) / count, note };
}

/** All clients of all clusters, in the order of their clusters, again and again. */
class Clients {
  private readonly sessions: ClientHttp2Session[] = [];
  private events = 0;
  private wanted = Infinity;
  private arrived: (() => void) | undefined;

  async open(url: string, { ca, cert, key }: ServerStart): Promise<void> {
    const session = connect(url, { ca, cert, key });
    this.sessions.push(session);
    const stream = session.request({ ':path': '/api/v1/nodes?watch=true&resourceVersion=0&timeoutSeconds=3600' });
    await once(stream, 'data');
    stream.on('data', (chunk: Buffer) => this.count(chunk));
  }

  async read(count: number): Promise<void> {
    const numbers = Array.from({ length: count }, (_, i) => i);
    await inParallel(numbers, IN_FLIGHT, (i) => answered(this.at(i).request({ ':path': '/api/v1/nodes' })));
  }

  /** Changes a node of each cluster, until all who watch have been told. */
  async change(clusters: number, events: number): Promise<void> {
    this.events = 0;
    this.wanted = events;
    const told = new Promise<void>((resolve) => (this.arrived = resolve));
    const headers = { ':method': 'PATCH', 'content-type': 'application/merge-patch+json' };
    for (let change = 0; change < CHANGES; change++) {
      const body = JSON.stringify({ metadata: { labels: { change: String(change) } } });
      await inParallel(
        Array.from({ length: clusters }, (_, i) => i),
        IN_FLIGHT,
        async (i) => {
          const stream = this.at(i).request({ ...headers, ':path': `/api/v1/nodes/c-${i}-a` });
          stream.end(body);
          await answered(stream);
        },
      );
    }
    await told;
  }

  close(): void {
    for (const session of this.sessions) session.destroy();
  }

  private at(i: number): ClientHttp2Session {
    return this.sessions[i % this.sessions.length]!;
  }

  private count(chunk: Buffer): void {
    for (const byte of chunk) if (byte === 10) this.events++;
    if (this.events >= this.wanted) this.arrived?.();
  }
}

async function answered(stream: ClientHttp2Stream): Promise<void> {
  stream.resume();
  const [[head]] = (await Promise.all([once(stream, 'response'), once(stream, 'end')])) as [
    [Record<string, unknown>],
    unknown,
  ];
  if (head[':status'] !== 200) throw new Error(`a request was answered with ${String(head[':status'])}`);
}
