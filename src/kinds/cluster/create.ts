import { clusterKind, type ObservedCluster } from '../../../lib/kinds/cluster/kind';
import { isWell } from '../../../lib/kinds/cluster/well';
import type { SelectedCluster } from '../../../lib/scenario/select-clusters';
import type { KubernetesObject } from '../../kubernetes/objects';
import { askAndWait, keyOf, type Target } from '../../scenario/arrivals';
import { forEachRateLimited } from '../../scenario/rate-limited';
import { watchOf, type ScenarioRun, type StepAction } from '../../scenario/scenario-run';
import { memoryOf } from '../../scenario/step-memory';
import { pause } from '../../util/pause';
import { untilSettled } from '../../watch/until-settled';
import { selectedClusters } from './change-clusters';
import { asOwn, claimClusters } from './own-clusters';
import { seedClusters } from './seeding/seed-clusters';

/** Makes clusters, and waits until they are available and nothing of them is left to do. */
export const create: StepAction<'create'> = async (step, run) => {
  const { waves, perSecond, state } = step.props;
  const { name: task, timeoutMs, mayFail } = step;
  const clusters = selectedClusters(step.props, run);
  const targets = clusters.map(({ cluster }) => cluster);
  const memory = memoryOf(run);
  const { asked } = memory;
  const deadline = performance.now() + timeoutMs;
  const isThere = (cluster: ObservedCluster | undefined) => cluster !== undefined && isWell(cluster);
  let retries = 0;
  const make = async (some: readonly SelectedCluster[]) => {
    const at = performance.now();
    for (const { cluster } of some) memory.ask(keyOf(cluster), at);
    retries += await writeClusters(some, task, run);
  };
  const watch = watchOf(run, clusterKind);
  const makeAll = async () => {
    if (state !== undefined) {
      const onAsked = (target: Target) => void asked.set(keyOf(target), performance.now());
      const onRetry = () => void retries++;
      const isTargetThere = ({ namespace, name }: Target) => isThere(watch.get(namespace, name));
      const how = { task, perSecond, deadline, make, onAsked, onRetry, isThere: isTargetThere };
      return seedClusters(clusters, how, run);
    }
    if (perSecond !== undefined)
      return forEachRateLimited(clusters, { perSecond, signal: run.signal }, (each) => make([each]));
    if (waves === undefined) return make(clusters);
    const start = performance.now();
    for (let first = 0; first < clusters.length; first += waves.size) {
      const wave = clusters.slice(first, first + waves.size);
      await make(wave);
      const { everySeconds } = waves;
      if (everySeconds !== undefined) {
        const next = start + (first / waves.size + 1) * everySeconds * 1000;
        await pause(Math.max(0, Math.min(next, deadline) - performance.now()), run.signal);
      } else
        await untilThere(
          run,
          wave.map(({ cluster }) => cluster),
          isAvailable,
          deadline,
        );
      if (performance.now() >= deadline) return;
    }
  };
  const options = { kind: clusterKind, task, timeoutMs, mayFail, isThere };
  const arrivals = await askAndWait(run, targets, options, async () => {
    await prepare(clusters, task, run);
    await makeAll();
  });
  const goal = { field: 'well', word: 'available' } as const;
  return { ...arrivals, kind: clusterKind.kind, asked, goal, objects: targets.length, retries };
};

/** What has to be there before the first of some clusters. */
export async function prepare(clusters: readonly SelectedCluster[], task: string, run: ScenarioRun): Promise<void> {
  const { live, signal } = run;
  await claimClusters(live, clusters, signal);
  const plans = new Set(clusters.map(({ plan }) => plan));
  const shared = [...plans].flatMap((plan) => plan.sharedObjects() as readonly object[] as readonly KubernetesObject[]);
  if (shared.length > 0)
    await live.applier.apply(
      shared.map((each) => asOwn(live, each)),
      { task, signal },
    );
}

/**
 * Writes clusters one after the other, and not as a set that is compared each time: this is what is measured.
 *
 * @returns how many writes had to be sent again
 */
export async function writeClusters(
  clusters: readonly SelectedCluster[],
  task: string,
  { live, signal }: ScenarioRun,
): Promise<number> {
  function* objects(): Generator<KubernetesObject> {
    for (const { plan, cluster } of clusters)
      for (const object of plan.objectsOf(cluster) as readonly object[]) yield asOwn(live, object as KubernetesObject);
  }
  return (await live.applier.apply(objects(), { task, signal })).retries;
}

/**
 * Enough for the next wave: conditions that say no more than this may come up to ten minutes later, where Cluster API looks at a
 * cluster once more by itself (docs/findings.md).
 */
function isAvailable(cluster: ObservedCluster | undefined): boolean {
  return cluster?.state === 'available';
}

async function untilThere(
  run: ScenarioRun,
  targets: readonly Target[],
  isThere: (cluster: ObservedCluster | undefined) => boolean,
  deadline: number,
): Promise<void> {
  const watch = watchOf(run, clusterKind);
  const isTargetThere = ({ namespace, name }: Target) => isThere(watch.get(namespace, name));
  const deadlineMs = Math.max(0, deadline - performance.now());
  await untilSettled(watch, () => targets, isTargetThere, { deadlineMs, signal: run.signal });
}
