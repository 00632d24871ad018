import { clusterKind, type ObservedCluster } from '../../../lib/kinds/cluster/kind';
import type { ResolvedStep } from '../../../lib/scenario/resolved';
import { selectClusters } from '../../../lib/scenario/select-clusters';
import type { ClusterSelection } from '../../../lib/scenario/steps';
import { changeObjects, type ObjectChange } from '../../scenario/change-objects';
import type { ScenarioRun, StepOutcome } from '../../scenario/scenario-run';

export type ClusterChange = Omit<ObjectChange<ObservedCluster>, 'kind' | 'perSecond'>;

/** Asks the Clusters of a step for a change, and waits until each of them shows it. */
export function changeClusters(step: ResolvedStep, change: ClusterChange, run: ScenarioRun): Promise<StepOutcome> {
  const selection = step.props as ClusterSelection;
  const clusters = [...selectClusters(run.live.testbed.clusterSets, selection)].map(({ cluster }) => cluster);
  return changeObjects(step, clusters, { ...change, kind: clusterKind, perSecond: selection.perSecond }, run);
}
