/** The steps by which Cluster API leaves clusters alone, and takes care of them again. */
import { isWell } from '../../../lib/kinds/cluster/well';
import { changeClusters, selectedClusters } from './change-clusters';
import type { StepAction } from '../../scenario/scenario-run';

const PAUSED = 'Paused';

export const pause: StepAction<'pause'> = (step, run) =>
  changeClusters(
    step,
    selectedClusters(step.props, run),
    {
      goal: { field: `condition ${PAUSED}`, word: 'paused' },
      patch: { spec: { paused: true } },
      isThere: (cluster) => cluster !== undefined && cluster.isPaused && cluster.conditions[PAUSED] === 'True',
    },
    run,
  );

export const unpause: StepAction<'unpause'> = (step, run) =>
  changeClusters(
    step,
    selectedClusters(step.props, run),
    {
      goal: { field: 'well', word: 'settled' },
      patch: { spec: { paused: false } },
      isThere: (cluster) => cluster !== undefined && !cluster.isPaused && isWell(cluster),
    },
    run,
  );
