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
import type { StepMemory } from './step-memory';

const rest: StepAction<'rest'> = async ({ props }, { memory, signal }) => {
  const restedMs = memory === undefined ? 0 : performance.now() - memory.start;
  await pause(Math.max(0, props.seconds * 1000 - restedMs), signal);
  return NO_OBJECTS;
};

/** What does each step of a scenario in a run, and waits for what it should cause. @throws the signal's reason */
export function actionsOf(run: ScenarioRun): (step: ResolvedStep, memory?: StepMemory) => Promise<StepOutcome> {
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
  return (step, memory) => (actions[step.kind] as StepAction<StepKind>)(step, { ...run, memory });
}
