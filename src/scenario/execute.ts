import { TestbedError } from '../../lib/errors';
import type { ResolvedStep, StepGroup } from '../../lib/scenario/resolved';
import { nounOf } from '../../lib/kinds/faces';
import type { StepRecord } from '../measure/step-record';
import type { Listener } from '../util/events';
import type { Progress } from './progress';
import type { StepOutcome } from './scenario-run';
import { StepMemory } from './step-memory';

/** What the steps did, in the order in which they began, and what ended the scenario before its last step. */
interface Execution {
  readonly records: readonly StepRecord[];
  /** A TestbedError, or the reason of the signal. */
  readonly failure?: Error;
}

interface ExecuteOptions {
  readonly listener?: Listener | undefined;
  /** What was done before, and where it is written down. */
  readonly progress?: Progress | undefined;
  /** Ends the scenario; a step that was under way is told as far as it came. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Carries a scenario out, step by step, until its end or a step that fails: whatever comes after would fail likewise.
 *
 * @param act what does a step and waits for what it should cause
 * @throws what `act` throws and is neither a TestbedError nor because of the signal
 */
export async function execute(
  root: StepGroup,
  act: (step: ResolvedStep, memory: StepMemory) => Promise<StepOutcome>,
  { listener, progress, signal }: ExecuteOptions = {},
): Promise<Execution> {
  const records: StepRecord[] = [];
  const group = async ({ kind, steps }: StepGroup): Promise<void> => {
    const each = (step: ResolvedStep | StepGroup) => ('steps' in step ? group(step) : single(step));
    if (kind === 'sequence') for (const step of steps) await each(step);
    // All of them end before a failure is thrown: a step that went on would change what is cleaned up.
    else for (const end of await Promise.allSettled(steps.map(each))) if (end.status === 'rejected') throw end.reason;
  };
  const single = async (step: ResolvedStep): Promise<void> => {
    const before = progress?.endOf(step);
    if (before !== undefined) {
      listener?.({ type: 'done', task: step.name, seconds: (before.end - before.start) / 1000, detail: DONE_BEFORE });
      records.push(before);
      return;
    }
    const memory = progress?.begin(step) ?? new StepMemory();
    const record = await carryOut(step, act, memory, { listener, signal });
    records.push(record);
    signal?.throwIfAborted();
    const { objects, done, late, kind: ofKind } = record;
    if (objects > 0 && done === 0)
      throw new TestbedError(
        'timeout',
        `step ${step.name}: none of its ${objects} ${nounOf(ofKind).many} reached the wanted state, ${timedOut(step)}:\n  ${late.join('\n  ')}`,
      );
    await progress?.end(record);
  };
  const inOrder = () => records.sort((a, b) => a.start - b.start);
  try {
    await group(root);
    return { records: inOrder() };
  } catch (error) {
    if (!(error instanceof TestbedError) && signal?.aborted !== true) throw error;
    return { records: inOrder(), failure: error as Error };
  }
}

/** `timed out after 600 s (scenario.timeoutSeconds, or scenario.steps[2].timeoutSeconds for this step alone)`. */
function timedOut({ timeoutMs, timeoutPath, path }: ResolvedStep): string {
  const own = `${path}.timeoutSeconds`;
  const key = timeoutPath === own ? own : `${timeoutPath}, or ${own} for this step alone`;
  return `timed out after ${timeoutMs / 1000} s (${key})`;
}

const DONE_BEFORE = 'done before the run was carried on';

async function carryOut(
  step: ResolvedStep,
  act: (step: ResolvedStep, memory: StepMemory) => Promise<StepOutcome>,
  memory: StepMemory,
  { listener, signal }: Pick<ExecuteOptions, 'listener' | 'signal'>,
): Promise<StepRecord> {
  const { name, kind: doing } = step;
  const { start } = memory;
  listener?.({ type: 'start', task: name });
  const outcome = await act(step, memory);
  const record: StepRecord = { ...outcome, name, action: doing, start, end: outcome.end ?? performance.now() };
  const { objects, done, late, kind } = record;
  const { many } = nounOf(kind);
  const seconds = (record.end - start) / 1000;
  if (signal?.aborted === true) {
    const detail = `interrupted after ${seconds.toFixed(1)} s, ${done} of ${objects} ${many}`;
    listener?.({ type: 'warning', task: name, detail });
    return record;
  }
  if (done > 0 && done < objects)
    listener?.({
      type: 'warning',
      task: name,
      detail: `${objects - done} of ${objects} ${many} are still pending, ${timedOut(step)}: ${late.join('; ')}`,
    });
  const rate = seconds > 0 ? `, ${(done / seconds).toFixed(1)}/s` : '';
  listener?.({
    type: 'done',
    task: name,
    seconds,
    detail: objects > 0 ? `${done} of ${objects} ${many}${rate}` : undefined,
  });
  return record;
}
