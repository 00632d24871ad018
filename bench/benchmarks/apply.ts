import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fleet, fleetYaml } from '../../lib';
import { median } from '../../src/report/metrics';
import type { Usage } from '../measure';
import { interleaved, measureProgram, middle, toResult } from '../measure';
import type { Benchmark, BenchmarkResult } from '../benchmark';
import type { BenchCluster } from '../support/bench-cluster';
import { applyClient as client, onCluster, versionsOf, writesCounted } from '../support/bench-cluster';

/** How many hosts: BENCH_HOSTS=1000,10000,50000 for all sizes, which takes half an hour. */
const COUNTS = (process.env['BENCH_HOSTS'] ?? '1000').split(',').map(Number);
/** Small counts are measured several times in turn, since the machine has its moods; large ones average them out. */
const timesFor = (count: number) => (count <= 20_000 ? 3 : 1);

/** How many hosts our engine brings at most before it is kubectl's turn; up to so many it brings in each turn anew. */
const SHARE = 10_000;
const WHOLE = 3_000;

/** How many hosts a server has seen before it is measured. */
const WARM_UP = 500;

/**
 * How many hosts kubectl gets at a time, between the shares of our engine: it is slow, and as slow at the first as at the
 * last. Its start-up is a twentieth of that.
 */
const KUBECTL = [
  { name: 'kubectl-apply', count: 100, args: [] },
  { name: 'kubectl-apply-ssa', count: 200, args: ['--server-side'] },
  { name: 'kubectl-apply-novalidate', count: 1_000, args: ['--server-side', '--validate=false'] },
] as const;

export const apply: Benchmark = {
  name: 'apply',
  results: ['post', 'ssa', 'apply-again', ...KUBECTL.map(({ name }) => name)],
  description:
    'hosts and Secrets onto an API server that has no others: POST, bare server-side apply, our engine, our engine again, and in turns with kubectl',
  async run() {
    const results: BenchmarkResult[] = [];
    for (const count of COUNTS) results.push(...(await measureAll(count)));
    return results;
  },
};

async function measureAll(count: number): Promise<readonly BenchmarkResult[]> {
  // Each on a cluster of its own, so that none meets what another has left.
  const bare = (how: string) => () => onWarmCluster((cluster) => client(cluster, how, count));
  const usage = await interleaved({ post: bare('post'), ssa: bare('ssa'), apply: bare('apply') }, timesFor(count));
  return [
    toResult('post', count, usage.post),
    toResult('ssa', count, usage.ssa, `${ratio(usage.post, usage.ssa)} of post`),
    toResult('apply', count, usage.apply, `${ratio(usage.ssa, usage.apply)} of ssa`),
    await onWarmCluster(async (cluster) => again(cluster, count, await client(cluster, 'apply', count))),
    ...(await onWarmCluster((cluster) => kubectl(cluster, count))),
  ];
}

/** The first requests of a server's life are slow, and its heap has to grow: no matter of who sends them. */
const onWarmCluster: typeof onCluster = (work) =>
  onCluster(async (cluster) => {
    await client(cluster, 'post', WARM_UP, 'warm');
    return work(cluster);
  });

const ratio = (a: Usage, b: Usage): string => (a.seconds / b.seconds).toFixed(2);

async function again(cluster: BenchCluster, count: number, first: Usage): Promise<BenchmarkResult> {
  const before = { writes: await writesCounted(cluster.client), versions: await versionsOf(cluster.client) };
  const usage = await client(cluster, 'apply', count);
  const writes = (await writesCounted(cluster.client)) - before.writes;
  const isSame = (await versionsOf(cluster.client)) === before.versions;
  const note = `${ratio(first, usage)} x apply, ${writes} writes, resourceVersions ${isSame ? 'unchanged' : 'CHANGED'}`;
  return toResult('apply-again', count, usage, note);
}

/** Our engine and kubectl in turns on one cluster, until ours has brought at least all hosts: both meet the same minutes. */
async function kubectl(cluster: BenchCluster, count: number): Promise<readonly BenchmarkResult[]> {
  const turns = Math.max(3, Math.ceil(count / SHARE));
  // A small share would be little more than the start of a process.
  const share = count <= WHOLE ? count : Math.ceil(count / turns);
  const theirs = KUBECTL.map((kind) => ({ ...kind, usages: [] as Usage[], ratios: [] as number[] }));
  for (let turn = 0; turn < turns; turn++) {
    const ours = await client(cluster, 'apply', share, `turn-${turn}`);
    for (const { name, count: hosts, args, usages, ratios } of theirs) {
      const file = join(cluster.dir, `${name}.yaml`);
      writeFileSync(file, [...fleetYaml(new Fleet({ name: `${name}-${turn}`, count: hosts }))].join(''));
      const usage = await measureProgram('kubectl', ['--kubeconfig', cluster.kubeconfig, 'apply', ...args, '-f', file]);
      rmSync(file);
      usages.push(usage);
      // Of both, the whole process counts.
      ratios.push(share / ours.wallSeconds / (hosts / usage.seconds));
    }
  }
  return theirs.map(({ name, count: hosts, usages, ratios }) => {
    const times = `${Math.min(...ratios).toFixed(1)} to ${Math.max(...ratios).toFixed(1)}`;
    const note = `${turns} turns with ${share.toLocaleString('en')} hosts by apply, which is ${median(ratios).toFixed(1)} times as fast (${times})`;
    return toResult(name, hosts, middle(usages), note);
  });
}
