import type { ResolvedStep } from '../../lib/scenario/resolved';
import type { StepKind } from '../../lib/scenario/steps';
import { kindActions } from '../kinds';
import type { StepActions } from '../kinds/kind-steps';
import { pause } from '../util/pause';
import { slowApiServer, stopApiServer } from './faults/api-server';
import { killManager, slowManager } from './faults/managers';
import { killOperator } from './faults/operator';
import { workloadApiFault } from './faults/workload-api';
import { NO_OBJECTS, type ScenarioRun, type StepAction, type StepOutcome } from './scenario-run';

const rest: StepAction<'rest'> = async ({ props }, { signal }) => {
  await pause(props.seconds * 1000, signal);
  return NO_OBJECTS;
};

/** What does each step of a scenario in a run, and waits for what it should cause. @throws the signal's reason */
export function actionsOf(run: ScenarioRun): (step: ResolvedStep) => Promise<StepOutcome> {
  const actions: StepActions = {
    ...kindActions(run.live.testbed.simulator),
    rest,
    killOperator,
    slowApiServer,
    stopApiServer,
    killManager,
    slowManager,
    workloadApiFault,
  };
  return (step) => (actions[step.kind] as StepAction<StepKind>)(step, run);
}
