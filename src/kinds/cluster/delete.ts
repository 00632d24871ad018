import { clusterKind } from '../../../lib/kinds/cluster/kind';
import type { SelectedCluster } from '../../../lib/scenario/select-clusters';
import { watchOf, type StepAction } from '../../scenario/scenario-run';
import { changeClusters, selectedClusters } from './change-clusters';
import { deleteLeftovers } from './leftovers';

/** Deletes clusters, and waits until they are gone; then what they leave, which is no part of what is measured. */
export const deleteClusters: StepAction<'delete'> = async (step, run) => {
  const clusters = selectedClusters(step.props, run);
  const isThere = (cluster: object | undefined) => cluster === undefined;
  const outcome = await changeClusters(step, clusters, { goal: { field: 'gone', word: 'gone' }, isThere }, run);
  const isGone = ({ cluster: { namespace, name } }: SelectedCluster) =>
    watchOf(run, clusterKind).get(namespace, name) === undefined;
  await deleteLeftovers(clusters.filter(isGone), run);
  return outcome;
};
