/** What a scenario does to the objects of each kind. */
import type { HostStagesProps } from '../../lib/kinds/bare-metal-host/stages/host-stages';
import type { ResolvedStep } from '../../lib/scenario/resolved';
import { selectsClusters } from '../../lib/scenario/select-clusters';
import type { HostOrClusterSelection } from '../../lib/scenario/selections';
import type { StepKind } from '../../lib/scenario/steps';
import type { StepAction } from '../scenario/scenario-run';
import { bareMetalHostSteps } from './bare-metal-host';
import { clusterSteps } from './cluster';
import type { KindSteps } from './kind-steps';

export const KIND_STEPS: readonly KindSteps[] = [bareMetalHostSteps];

/** The steps that are for objects of some kind. @param simulator how hosts behave where kwok simulates them */
export function kindActions(simulator: HostStagesProps) {
  const hostSteps = bareMetalHostSteps.actions(simulator);
  return {
    ...hostSteps,
    ...clusterSteps,
    churn: either(hostSteps.churn, clusterSteps.churn),
    delete: either(hostSteps.delete, clusterSteps.delete),
    pause: either(hostSteps.pause, clusterSteps.pause),
    unpause: either(hostSteps.unpause, clusterSteps.unpause),
  };
}

/** A step that is for hosts or for clusters. */
function either<K extends StepKind>(forHosts: StepAction<K>, forClusters: StepAction<K>): StepAction<K> {
  return (step, run) => {
    const { props } = step as ResolvedStep;
    return (selectsClusters(props as HostOrClusterSelection) ? forClusters : forHosts)(step, run);
  };
}
