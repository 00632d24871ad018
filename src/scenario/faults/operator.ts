import { NO_OBJECTS, type StepAction } from '../scenario-run';

/** Kills operators, or kwok, and waits until they are at work again. */
export const killOperator: StepAction<'killOperator'> = async (step, { live, listener, signal }) => {
  const { operator, downSeconds = 0 } = step.props;
  const position = operator === undefined ? undefined : operator - 1;
  const times = { downMs: downSeconds * 1000, deadlineMs: step.timeoutMs };
  await live.simulators.kill({ position, ...times, listener, signal });
  return NO_OBJECTS;
};
