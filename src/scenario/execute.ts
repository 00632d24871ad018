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

/**
 * Carries a scenario out, step by step.
 *
 * @param simulator how hosts behave where kwok plays them
 * @returns what each step did, in the order in which they began
 * @throws TestbedError (`timeout`) where not one host of a step gets there: whatever comes after would fail likewise
 */
export async function execute(
  root: StepGroup,
  run: ScenarioRun,
  simulator: HostStagesProps | undefined,
): Promise<readonly StepRecord[]> {
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
    records.push(await carryOut(step, actions[step.kind] as StepAction<StepKind>, run));
  };
  await group(root);
  return records.sort((a, b) => a.start - b.start);
}

async function carryOut(step: ResolvedStep, action: StepAction<StepKind>, run: ScenarioRun): Promise<StepRecord> {
  const { name, kind } = step;
  const { listener } = run;
  const start = performance.now();
  listener?.({ type: 'start', task: name });
  const outcome = await action(step, run);
  const record: StepRecord = { ...outcome, name, kind, start, end: outcome.end ?? performance.now() };
  const { hosts, done, late } = record;
  if (hosts > 0 && done === 0)
    throw new TestbedError('timeout', `step ${name}: none of its ${hosts} hosts got there:\n  ${late.join('\n  ')}`);
  if (done < hosts)
    listener?.({
      type: 'warning',
      task: name,
      detail: `${hosts - done} of ${hosts} hosts are late: ${late.join('; ')}`,
    });
  const seconds = (record.end - start) / 1000;
  const rate = seconds > 0 ? `, ${(done / seconds).toFixed(1)}/s` : '';
  listener?.({ type: 'done', task: name, seconds, ...(hosts > 0 && { detail: `${done} of ${hosts} hosts${rate}` }) });
  return record;
}
