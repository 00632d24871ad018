import { clusterKind, type ObservedCluster } from '../../../lib/kinds/cluster/kind';
import { isWell } from '../../../lib/kinds/cluster/well';
import type { ResolvedStep } from '../../../lib/scenario/resolved';
import type { SelectedCluster } from '../../../lib/scenario/select-clusters';
import { askAndWait, keyOf, untilArrived, type Arrivals } from '../../scenario/arrivals';
import { requestChange } from '../../scenario/change-objects';
import { churned } from '../../scenario/churned';
import { forEachRateLimited } from '../../scenario/rate-limited';
import type { ScenarioRun, StepAction } from '../../scenario/scenario-run';
import { selectedClusters } from './change-clusters';
import { prepare, writeClusters } from './create';
import { deleteLeftovers } from './leftovers';

/** Replaces a share of the clusters every so often; a cluster that was replaced twice counts twice. */
export const churn: StepAction<'churn'> = async (step, run) => {
  const clusters = selectedClusters({ ...step.props, share: undefined }, run);
  await prepare(clusters, step.name, run);
  const goal = { field: 'well', word: 'available' } as const;
  return {
    kind: clusterKind.kind,
    goal,
    ...(await churned(clusters, step.props, run, (some, asked) => replace(some, step, asked, run))),
  };
};

async function replace(
  clusters: readonly SelectedCluster[],
  step: ResolvedStep<'churn'>,
  asked: Map<string, number>,
  run: ScenarioRun,
): Promise<Arrivals & { readonly retries: number }> {
  const { name: task, timeoutMs, mayFail } = step;
  const targets = clusters.map(({ cluster }) => cluster);
  let retries = 0;
  await forEachRateLimited(targets, { signal: run.signal }, async (target) => {
    asked.set(keyOf(target), performance.now());
    await requestChange(run, clusterKind, target, undefined, () => retries++);
  });
  const common = { kind: clusterKind, task, timeoutMs } as const;
  const isGone = (cluster: ObservedCluster | undefined) => cluster === undefined;
  const gone = await untilArrived(run, targets, { ...common, mayFail: false, isThere: isGone });
  if (gone.done < targets.length) return { ...gone, done: 0, retries };
  await deleteLeftovers(clusters, run);
  const isThere = (cluster: ObservedCluster | undefined) => cluster !== undefined && isWell(cluster);
  const arrivals = await askAndWait(run, targets, { ...common, mayFail, isThere }, async () => {
    retries += await writeClusters(clusters, task, run);
  });
  return { ...arrivals, retries };
}
