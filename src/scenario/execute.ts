import { TestbedError } from '../../lib/errors';
import type { ResolvedStep, StepGroup } from '../../lib/scenario/resolved';
import { nounOf } from '../../lib/kinds/faces';
import type { StepKind } from '../../lib/scenario/steps';
import type { StepRecord } from '../measure/step-record';
import { KIND_STEPS } from '../kinds';
import type { StepActions } from '../kinds/kind-steps';
import { slowApiServer, stopApiServer } from './faults/api-server';
import { killOperator } from './faults/operator';
import { NO_OBJECTS, type ScenarioRun, type StepAction } from './scenario-run';
import { pause } from '../util/pause';

const rest: StepAction<'rest'> = async ({ props }, { signal }) => {
  await pause(props.seconds * 1000, signal);
  return NO_OBJECTS;
};

/** What the steps did, in the order in which they began, and what ended the scenario before its last step. */
interface Execution {
  readonly records: readonly StepRecord[];
  readonly failure?: TestbedError;
}

/**
 * Carries a scenario out, step by step, until its end or a step that fails: whatever comes after would fail likewise.
 *
 * @throws the signal's reason, and every fault that is none of the scenario's
 */
export async function execute(root: StepGroup, run: ScenarioRun): Promise<Execution> {
  const [ofHosts] = KIND_STEPS;
  const actions: StepActions = {
    ...ofHosts.actions(run.live.testbed.simulator),
    ...{ rest, killOperator, slowApiServer, stopApiServer },
  };
  const records: StepRecord[] = [];
  const group = async ({ kind, steps }: StepGroup): Promise<void> => {
    const each = (step: ResolvedStep | StepGroup) => ('steps' in step ? group(step) : single(step));
    if (kind === 'sequence') for (const step of steps) await each(step);
    // All of them end before a failure is thrown: a step that went on would change what is cleaned up.
    else for (const end of await Promise.allSettled(steps.map(each))) if (end.status === 'rejected') throw end.reason;
  };
  const single = async (step: ResolvedStep): Promise<void> => {
    const record = await carryOut(step, actions[step.kind] as StepAction<StepKind>, run);
    records.push(record);
    const { objects, done, late, kind: ofKind } = record;
    if (objects > 0 && done === 0)
      throw new TestbedError(
        'timeout',
        `step ${step.name}: none of its ${objects} ${nounOf(ofKind).many} reached the wanted state, ${timedOut(step)}:\n  ${late.join('\n  ')}`,
      );
  };
  const inOrder = () => records.sort((a, b) => a.start - b.start);
  try {
    await group(root);
    return { records: inOrder() };
  } catch (error) {
    if (!(error instanceof TestbedError)) throw error;
    return { records: inOrder(), failure: error };
  }
}

/** `timed out after 600 s (scenario.timeoutSeconds, or scenario.steps[2].timeoutSeconds for this step alone)`. */
function timedOut({ timeoutMs, timeoutPath, path }: ResolvedStep): string {
  const own = `${path}.timeoutSeconds`;
  const key = timeoutPath === own ? own : `${timeoutPath}, or ${own} for this step alone`;
  return `timed out after ${timeoutMs / 1000} s (${key})`;
}

async function carryOut(step: ResolvedStep, action: StepAction<StepKind>, run: ScenarioRun): Promise<StepRecord> {
  const { name, kind: doing } = step;
  const { listener } = run;
  const start = performance.now();
  listener?.({ type: 'start', task: name });
  const outcome = await action(step, run);
  const record: StepRecord = { ...outcome, name, action: doing, start, end: outcome.end ?? performance.now() };
  const { objects, done, late, kind } = record;
  const { many } = nounOf(kind);
  if (done > 0 && done < objects)
    listener?.({
      type: 'warning',
      task: name,
      detail: `${objects - done} of ${objects} ${many} are still pending, ${timedOut(step)}: ${late.join('; ')}`,
    });
  const seconds = (record.end - start) / 1000;
  const rate = seconds > 0 ? `, ${(done / seconds).toFixed(1)}/s` : '';
  listener?.({
    type: 'done',
    task: name,
    seconds,
    ...(objects > 0 && { detail: `${done} of ${objects} ${many}${rate}` }),
  });
  return record;
}
