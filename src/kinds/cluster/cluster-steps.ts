/** The steps that change clusters: what each writes, and by what a cluster shows that it has got there. */
import { isWell } from '../../../lib/kinds/cluster/well';
import { changeClusters } from './change-clusters';
import type { StepAction } from '../../scenario/scenario-run';

const PAUSED = 'Paused';

export const pause: StepAction<'pause'> = (step, run) =>
  changeClusters(
    step,
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
    {
      goal: { field: 'well', word: 'settled' },
      patch: { spec: { paused: false } },
      isThere: (cluster) => cluster !== undefined && !cluster.isPaused && isWell(cluster),
    },
    run,
  );
