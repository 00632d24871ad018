import type { StepActions } from '../kind-steps';
import { churn } from './churn';
import { create } from './create';
import { deleteClusters } from './delete';
import { move } from './move';
import { pause, unpause } from './pause';
import { remediate } from './remediate';
import { rollout, upgrade } from './replace';
import { scaleControlPlane, scaleWorkers } from './scale';
import type { ClusterStepKind } from '../../../lib/scenario/cluster-step-problems';

/** What a scenario does to Clusters. */
export const clusterSteps: Pick<StepActions, ClusterStepKind | 'churn' | 'delete' | 'pause' | 'unpause'> = {
  create,
  scaleControlPlane,
  scaleWorkers,
  upgrade,
  rollout,
  remediate,
  move,
  churn,
  delete: deleteClusters,
  pause,
  unpause,
};
