import { hostStages, type HostStagesProps } from '../../../lib/kinds/bare-metal-host/stages/host-stages';
import { NO_OBJECTS, type StepAction } from '../../scenario/scenario-run';

/** kwok goes on, with hosts that fail from here on. @param simulator how hosts behave otherwise */
export const failHosts =
  (simulator: HostStagesProps | undefined): StepAction<'failHosts'> =>
  async (step, run) => {
    await run.simulators?.simulate(hostStages({ ...simulator, failures: step.props.failures }));
    return NO_OBJECTS;
  };
