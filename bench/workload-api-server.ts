/**
 * The measured process of the benchmark workload-api: `workload-api-server.js COUNT PORT`, which serves so many clusters of
 * one node, each on an address of its own. Tells its parent when it listens, and what it has used whenever it is asked.
 */
import { issueCa } from '../src/cluster/local/issue';
import { Endpoint } from '../src/simulators/workload-api/endpoint';
import { RequestCounts } from '../src/simulators/workload-api/request-counts';
import { issueIdentity } from '../src/simulators/workload-api/server-identity';
import { WorkloadCluster } from '../src/simulators/workload-api/cluster';
import { inParallel } from '../src/util/in-parallel';
import { clientOf, controlPlane, facts } from '../test/support/workload-cluster';

/** What the server says of itself. */
export interface ServerUsage {
  readonly rssMB: number;
  readonly cpuMs: number;
}

/** What a client needs: every cluster has the same CA here. */
export interface ServerStart extends ServerUsage {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Where a cluster is served. */
export function addressOf(i: number): string {
  return `127.1.${i >> 7}.${(i & 127) + 1}`;
}

function usage(): ServerUsage {
  const { user, system } = process.cpuUsage();
  return { rssMB: process.memoryUsage.rss() / 2 ** 20, cpuMs: (user + system) / 1000 };
}

async function main(): Promise<void> {
  const [count = 0, port = 0] = process.argv.slice(2).map(Number);
  const ca = await issueCa({
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 86_400_000),
  });
  const client = await clientOf(ca);
  const counts = new RequestCounts();
  const before = usage();
  const numbers = Array.from({ length: count }, (_, i) => i);
  await inParallel(numbers, 16, async (i) => {
    const endpoint = { host: addressOf(i), port };
    const cluster = new WorkloadCluster(facts(`c-${i}`, [controlPlane(`c-${i}-a`)], { endpoint }));
    const identity = await issueIdentity(ca, [endpoint.host]);
    await new Endpoint({ cluster, identity, etcd: undefined, counts }).listen(endpoint);
  });
  process.on('message', () => process.send?.(usage()));
  process.on('disconnect', () => process.exit(0));
  process.send?.({ ...before, ca: ca.cert, ...client } satisfies ServerStart);
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).stack ?? String(error)}\n`);
  process.exit(1);
});
