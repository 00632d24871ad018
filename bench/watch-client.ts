/**
 * The measured program of the benchmark watch: `watch-client.js KUBECONFIG COUNT STATES…`. Follows hosts with their timelines
 * until so many are in the last of the states, and for a while after. Tells on file descriptor 3 what it used.
 */
import { KubernetesClient } from '../src/kubernetes/client';
import { readKubeconfig } from '../src/kubernetes/kubeconfig';
import { watchHosts } from '../test/support/hosts';
import type { ObjectWatch } from '../src/watch/object-watch';
import { coresOnceSettled } from './cores-once-settled';
import { tellUsage } from './tell-usage';

const DEADLINE_MS = 1_800_000;

async function main(): Promise<void> {
  const [kubeconfig = '', count, ...states] = process.argv.slice(2);
  const client = new KubernetesClient(await readKubeconfig(kubeconfig));
  const watch = watchHosts(client, { timelines: true });
  await watch.start();
  const start = performance.now();
  const arrived = () => watch.counts()[states.at(-1) ?? ''] === Number(count);
  if (!(await watch.until(arrived, { deadlineMs: DEADLINE_MS })))
    throw new Error(`not all hosts came to ${states.at(-1)}: ${JSON.stringify(watch.counts())}`);
  const seconds = (performance.now() - start) / 1000;
  requireAll(watch, states);
  const restCores = await coresOnceSettled();
  await watch.stop();
  await client.close();
  tellUsage({ seconds, restCores });
}

/** A watch that is cheap because it misses something would be no feat. */
function requireAll(watch: ObjectWatch, states: readonly string[]): void {
  for (const { name, transitions } of watch.timelines?.all() ?? []) {
    const seen = transitions.filter(({ field }) => field === 'state').map(({ to }) => to);
    if (seen.join() !== states.join()) throw new Error(`${name} went through ${seen.join()}, and not ${states.join()}`);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).stack ?? String(error)}\n`);
  process.exitCode = 1;
});
