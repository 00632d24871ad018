/**
 * The measured program of the benchmark watch-clusters: `watch-clusters-client.js KUBECONFIG CLUSTERS MACHINES`. Follows clusters,
 * machines and hosts with their timelines until all clusters are available, makes of them what a report has, and goes on for a
 * while. Tells on file descriptor 3 what it used.
 */
import { KINDS } from '../lib/kinds';
import { KubernetesClient } from '../src/kubernetes/client';
import { readKubeconfig } from '../src/kubernetes/kubeconfig';
import { objectMetrics } from '../src/measure/object-metrics';
import type { StepRecord } from '../src/measure/step-record';
import { ObjectWatch } from '../src/watch/object-watch';
import { coresOnceSettled } from './cores-once-settled';
import { tellUsage } from './tell-usage';

const DEADLINE_MS = 3_600_000;

async function main(): Promise<void> {
  const [kubeconfig = '', clusters, machines] = process.argv.slice(2);
  const client = new KubernetesClient(await readKubeconfig(kubeconfig));
  const watches = KINDS.map((kind): ObjectWatch => new ObjectWatch(client, kind, { timelines: true }));
  const start = performance.now();
  await Promise.all(watches.map((watch) => watch.start()));
  const [hosts, ofClusters, ofMachines] = watches as [ObjectWatch, ObjectWatch, ObjectWatch];
  const arrived = () => ofClusters.counts()['available'] === Number(clusters);
  if (!(await ofClusters.until(arrived, { deadlineMs: DEADLINE_MS })))
    throw new Error(`not all clusters came to be available: ${JSON.stringify(ofClusters.counts())}`);
  const seconds = (performance.now() - start) / 1000;
  if (ofMachines.size !== Number(machines) || hosts.size !== Number(machines))
    throw new Error(`there are ${ofMachines.size} machines and ${hosts.size} hosts, and not ${machines} each`);
  const timelines = watches.flatMap((watch) => [...(watch.timelines?.all() ?? [])]);
  const events = timelines.reduce((sum, { transitions }) => sum + transitions.length, 0);
  const restCores = await coresOnceSettled();
  requireConditions(timelines, start, Number(clusters));
  for (const watch of watches) await watch.stop();
  await client.close();
  tellUsage({ seconds, restCores, events });
}

/** A watch that is cheap because it misses something would be no feat. */
function requireConditions(timelines: Parameters<typeof objectMetrics>[0], start: number, clusters: number): void {
  const record: StepRecord = {
    ...{ name: 'create', action: 'bringUp', kind: 'Cluster', start, end: performance.now() },
    ...{ objects: clusters, done: clusters, late: [], retries: 0, asked: new Map<string, number>(), goal: undefined },
  };
  const { metrics, waterfalls } = objectMetrics(timelines, [record], KINDS, performance.now());
  const available = metrics.find(
    ({ name, labels }) => name === 'condition_objects' && labels['condition'] === 'Available',
  );
  if (available?.value !== clusters)
    throw new Error(`${available?.value} of ${clusters} clusters were seen to be available`);
  if (waterfalls.length === 0) throw new Error('no waterfall of a cluster was made');
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).stack ?? String(error)}\n`);
  process.exitCode = 1;
});
