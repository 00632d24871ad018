import { join } from 'node:path';
import { loadavg } from 'node:os';
import type { Usage } from '../measure';
import { interleaved, measure, toResult } from '../measure';
import type { Rung, RungResult } from '../rung';
import { onCluster, versionsOf, writesCounted } from '../support/bench-cluster';

/** How many hosts: BENCH_HOSTS=1000,10000,50000 for all of the ladder, which takes a while. */
const COUNTS = (process.env['BENCH_HOSTS'] ?? '1000').split(',').map(Number);
/** Small counts are measured several times in turn, since the machine has its moods; large ones average them out. */
const timesFor = (count: number) => (count <= 2_000 ? 6 : 1);

export const apply: Rung = {
  name: 'apply',
  results: ['post', 'ssa', 'apply', 'apply-again'],
  description: 'hosts and Secrets onto an API server: POST, bare server-side apply, our engine, and our engine again',
  async run() {
    const results: RungResult[] = [];
    for (const count of COUNTS) results.push(...(await onCluster((cluster) => climb(cluster, count))));
    return results;
  },
};

async function climb(
  cluster: Parameters<Parameters<typeof onCluster>[0]>[0],
  count: number,
): Promise<readonly RungResult[]> {
  let run = 0;
  const client = (how: string, name: string): Promise<Usage> =>
    measure(process.execPath, [join(__dirname, '..', 'apply-client.js'), how, cluster.kubeconfig, name, String(count)]);
  let last = '';
  const usage = await interleaved(
    {
      post: () => client('post', `post${run++}`),
      ssa: () => client('ssa', `ssa${run++}`),
      apply: () => client('apply', (last = `apply${run++}`)),
    },
    timesFor(count),
  );
  const before = { writes: await writesCounted(cluster.client), versions: await versionsOf(cluster.client) };
  const again = await client('apply', last);
  const writes = (await writesCounted(cluster.client)) - before.writes;
  const isSame = (await versionsOf(cluster.client)) === before.versions;
  const ratio = (a: Usage, b: Usage) => (b.seconds / a.seconds).toFixed(2);
  const load = `load ${(loadavg()[0] ?? 0).toFixed(1)}`;
  return [
    toResult('post', count, usage.post, load),
    toResult('ssa', count, usage.ssa, `${ratio(usage.ssa, usage.post)} of post`),
    toResult('apply', count, usage.apply, `${ratio(usage.apply, usage.ssa)} of ssa`),
    toResult(
      'apply-again',
      count,
      again,
      `${ratio(again, usage.apply)} x apply, ${writes} writes, resourceVersions ${isSame ? 'unchanged' : 'CHANGED'}`,
    ),
  ];
}
