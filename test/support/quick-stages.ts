import type { HostStagesProps } from '../../lib/kinds/bare-metal-host/stages/host-stages';

/** Delays of kwok's hosts that are long enough for a watch to see each state, and no longer. */
export const quickStages: HostStagesProps = {
  registeringMilliseconds: [50, 200],
  inspectingMilliseconds: [50, 200],
  preparingMilliseconds: [50, 200],
  provisioningMilliseconds: [50, 200],
  deprovisioningMilliseconds: [50, 200],
  poweringMilliseconds: [20, 50],
};
