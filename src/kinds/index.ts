/** What a scenario does to the objects of each kind. */
import type { HostStagesProps } from '../../lib/kinds/bare-metal-host/stages/host-stages';
import { bareMetalHostSteps } from './bare-metal-host';
import type { KindSteps } from './kind-steps';

export const KIND_STEPS: readonly KindSteps[] = [bareMetalHostSteps];

/** The steps that are for objects of some kind. @param simulator how hosts behave where kwok simulates them */
export function kindActions(simulator: HostStagesProps) {
  return { ...bareMetalHostSteps.actions(simulator) };
}
