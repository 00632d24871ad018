import { TestbedError } from '../../lib/errors';
import type { ResolvedStep, StepGroup } from '../../lib/scenario/resolve-scenario';
import type { StepKind } from '../../lib/scenario/steps';
import type { HostStagesProps } from '../../lib/simulator/host-stages';
import type { StepRecord } from '../figures/step-record';
import { churn } from './churn';
import { deleteHosts } from './delete';
import { enroll } from './enroll';
import { slowApiServer, stopApiServer } from './faults/api-server';
import { giveCredentials, takeCredentials } from './faults/credentials';
import { failHosts } from './faults/failing-hosts';
import { killOperator } from './faults/operator';
import * as hostSteps from './host-steps';
import { NO_HOSTS, type ScenarioRun, type StepAction } from './scenario-run';
import { pause } from './take-on';

type Actions = { readonly [K in StepKind]: StepAction<K> };

const rest: StepAction<'rest'> = async ({ props }, { signal }) => {
  await pause(props.seconds * 1000, signal);
  return NO_HOSTS;
};

/** What the steps did, in the order in which they began, and what ended the scenario before its last step. */
interface Execution {
  readonly records: readonly StepRecord[];
  readonly failure?: TestbedError;
}

/**
 * Carries a scenario out, step by step, until its end or a step that fails: whatever comes after would fail likewise.
 *
 * @param simulator how kwok's hosts behave
 * @throws the signal's reason, and every fault that is none of the scenario's
 */
export async function execute(
  root: StepGroup,
  run: ScenarioRun,
  simulator: HostStagesProps | undefined,
): Promise<Execution> {
  const actions: Actions = {
    ...hostSteps,
    ...{ enroll, churn, rest, delete: deleteHosts, killOperator, slowApiServer, stopApiServer },
    ...{ takeCredentials, giveCredentials, failHosts: failHosts(simulator) },
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
    const { hosts, done, late } = record;
    if (hosts > 0 && done === 0)
      throw new TestbedError(
        'timeout',
        `step ${step.name}: none of its ${hosts} hosts got there, ${timedOut(step)}:\n  ${late.join('\n  ')}`,
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
  const { name, kind } = step;
  const { listener } = run;
  const start = performance.now();
  listener?.({ type: 'start', task: name });
  const outcome = await action(step, run);
  const record: StepRecord = { ...outcome, name, kind, start, end: outcome.end ?? performance.now() };
  const { hosts, done, late } = record;
  if (done > 0 && done < hosts)
    listener?.({
      type: 'warning',
      task: name,
      detail: `${hosts - done} of ${hosts} hosts are still pending, ${timedOut(step)}: ${late.join('; ')}`,
    });
  const seconds = (record.end - start) / 1000;
  const rate = seconds > 0 ? `, ${(done / seconds).toFixed(1)}/s` : '';
  listener?.({ type: 'done', task: name, seconds, ...(hosts > 0 && { detail: `${done} of ${hosts} hosts${rate}` }) });
  return record;
}
