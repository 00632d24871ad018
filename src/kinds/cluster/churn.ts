import { clusterKind } from '../../../lib/kinds/cluster/kind';
import { isWell } from '../../../lib/kinds/cluster/well';
import { churned, replaceObjects } from '../../scenario/churned';
import type { StepAction } from '../../scenario/scenario-run';
import { selectedClusters } from './change-clusters';
import { prepare, writeClusters } from './create';
import { deleteLeftovers } from './leftovers';

/** Replaces a share of the clusters every so often; a cluster that was replaced twice counts twice. */
export const churn: StepAction<'churn'> = async (step, run) => {
  const clusters = selectedClusters({ ...step.props, share: undefined }, run);
  await prepare(clusters, step.name, run);
  const goal = { field: 'well', word: 'available' } as const;
  const outcome = await churned(clusters, step.props, run, (some, fates) =>
    replaceObjects(
      {
        kind: clusterKind,
        targets: some.map(({ cluster }) => cluster),
        clear: () => deleteLeftovers(some, run),
        make: () => writeClusters(some, step.name, run),
        isThere: (cluster) => cluster !== undefined && isWell(cluster),
      },
      step,
      fates,
      run,
    ),
  );
  return { kind: clusterKind.kind, goal, ...outcome };
};
