import { hostStages, type HostStagesProps } from '../../../lib/kinds/bare-metal-host/stages/host-stages';
import { newestRelease } from '../../../lib/testbed/operators';
import { kwokSimulator } from '../../simulators/kwok';
import { NO_OBJECTS, type StepAction } from '../../scenario/scenario-run';

/** kwok goes on, with hosts that fail from here on. @param simulator how hosts behave otherwise */
export const failHosts =
  (simulator: HostStagesProps | undefined): StepAction<'failHosts'> =>
  async (step, run) => {
    const release = newestRelease(run.live.testbed.operators);
    const stages = hostStages({ ...simulator, failures: step.props.failures }, release);
    await run.live.simulators.change?.([kwokSimulator(stages)]);
    return NO_OBJECTS;
  };
