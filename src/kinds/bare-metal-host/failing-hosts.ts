import { hostStages, type HostStagesProps } from '../../../lib/kinds/bare-metal-host/stages/host-stages';
import { newestRelease } from '../../../lib/testbed/operators';
import { kwokSimulator } from '../../simulators/kwok';
import { changeKwokPods } from '../../simulators/kwok-pods';
import { NO_OBJECTS, type StepAction } from '../../scenario/scenario-run';

/** kwok goes on, with hosts that fail from here on. @param simulator how hosts behave otherwise */
export const failHosts =
  (simulator: HostStagesProps | undefined): StepAction<'failHosts'> =>
  async ({ props, timeoutMs: deadlineMs }, { live, listener, signal }) => {
    const { client, simulators, testbed } = live;
    const behaviour = { ...simulator, failures: props.failures };
    if (testbed.kwok === undefined)
      await simulators.change?.([kwokSimulator(hostStages(behaviour, newestRelease(testbed.operators)))]);
    else await changeKwokPods(client, { ...testbed.kwok, behaviour }, { deadlineMs, listener, signal });
    return NO_OBJECTS;
  };
