/** What the stages of all parts of a host's life are made from. */
import type { HostDelays, StageDelay } from './delays';
import { rangeOf, stageDelay } from './delays';
import type { ResolvedFailure } from './failures';
import { delayOfAttempt, failsInQuery } from './failures';
import type { HostState, OperationalStatus } from './host-state';
import { otherState } from './host-state';
import { all, isDeleting, not } from './queries';
import type { HostStage, StageState } from './stage';
import type { StageStep } from './status-patch';
import { begins, either, ends, noError, patchStatus, recordEvent } from './status-patch';
import { Template, expressionFromHost, fromHost } from './template';
import type { Templated } from './template';

/** How long things take and what goes wrong. */
export interface Behaviour {
  readonly delays: HostDelays;
  readonly failures: ReadonlyMap<HostState, ResolvedFailure>;
  /** The release of the operator as which hosts behave, such as `v0.13.2`. */
  readonly release: string;
}

/** A stage by which a host goes from one state to another. */
export interface TransitionProps {
  readonly name: string;
  readonly from: HostState | readonly StageState[];
  readonly to: HostState;
  readonly when?: string;
  readonly delay?: StageDelay | undefined;
  /** Fields of `status.provisioning` besides the state. */
  readonly provisioning?: { readonly [field: string]: Templated };
  /** Other fields of `status`. */
  readonly status?: { readonly [field: string]: Templated | undefined };
  /** @default 'OK' */
  readonly operationalStatus?: OperationalStatus;
  readonly events?: readonly StageStep[];
}

/** The operations of which a status keeps the times. */
const operationOfState: Partial<Record<HostState, string>> = {
  registering: 'register',
  inspecting: 'inspect',
  provisioning: 'provision',
  deprovisioning: 'deprovision',
};

/** The boot mode that holds, which is taken from the spec as one of its states begins. */
export const bootMode = new Template(`${expressionFromHost('spec.bootMode', '""')} | default "UEFI"`);

/** A host that goes on is one with which nothing is wrong; the times of what ends and what begins are written. */
export function transition(props: TransitionProps): HostStage {
  const from = typeof props.from === 'string' ? [props.from] : props.from;
  const [only] = from.length === 1 ? from : [];
  const ending = only !== undefined && only !== otherState && operationOfState[only];
  const beginning = operationOfState[props.to];
  const history = { ...(ending ? ends(ending) : undefined), ...(beginning ? begins(beginning) : undefined) };
  const isBootModeTaken = ['registering', 'inspecting', 'provisioning'].includes(props.to);
  return {
    name: props.name,
    from,
    delay: props.delay,
    when: props.when,
    steps: [
      patchStatus({
        states: [props.to],
        operationalStatus: props.operationalStatus ?? 'OK',
        status: {
          ...noError,
          operationHistory: Object.keys(history).length > 0 ? history : undefined,
          provisioning: { state: props.to, bootMode: isBootModeTaken ? bootMode : undefined, ...props.provisioning },
          ...props.status,
        },
      }),
      ...(props.events ?? []),
    ],
  };
}

/** That a host goes on says nothing of how it does. */
export const sameHealth = {
  operationalStatus: fromHost('status.operationalStatus', '""'),
  errorType: fromHost('status.errorType'),
  errorMessage: fromHost('status.errorMessage', '""'),
  errorCount: fromHost('status.errorCount', '0'),
};

export const isInErrorExpression = `ne (${expressionFromHost('status.errorType', '""')}) ""`;

/** A transition that a host with an error goes on with that error. */
export function transitionWithError(props: TransitionProps): HostStage {
  const [step, ...events] = transition(props).steps;
  const status = { ...props.status, ...sameHealth };
  const [stepInError] = transition({ ...props, operationalStatus: 'error', status }).steps;
  return { ...transition(props), steps: [either(isInErrorExpression, stepInError!, step), ...events] };
}

/** How long an attempt at what hosts do in a state takes, first or later. */
export function delayOf(behaviour: Behaviour, state: HostState): StageDelay | undefined {
  const range = rangeOf(behaviour.delays, state);
  const failure = behaviour.failures.get(state);
  return failure === undefined ? stageDelay(range) : delayOfAttempt(range, failure);
}

/**
 * The stage in which hosts fail at what they do in a state; none where none shall. It belongs before the one in which
 * they succeed.
 *
 * @param when jq that is true while they are at it
 */
export function failing(
  behaviour: Behaviour,
  state: HostState,
  when = 'true',
  from: readonly HostState[] = [state],
): HostStage[] {
  const failure = behaviour.failures.get(state);
  if (failure === undefined || failure.share === 0) return [];
  const hasFailuresLeft =
    failure.recoversAfter === undefined ? 'true' : `((.status.errorCount // 0) < ${failure.recoversAfter})`;
  // The operator lets a host go that it could not deprovision in three attempts.
  const isGivenUp = all(isDeleting, '((.status.errorCount // 0) > 3)');
  return [
    {
      name: `fail-${state.replaceAll(' ', '-')}`,
      from,
      when: all(when, failsInQuery(failure), hasFailuresLeft, not(isGivenUp)),
      delay: delayOf(behaviour, state),
      steps: [
        patchStatus({
          states: from,
          operationalStatus: 'error',
          status: {
            errorType: failure.errorType,
            errorMessage: failure.message,
            errorCount: new Template(`add1 (${expressionFromHost('status.errorCount', '0')})`),
          },
        }),
        recordEvent(eventOfError(failure.errorType), failure.message),
      ],
    },
  ];
}

/** `power management error` is recorded as `PowerManagementError`. */
function eventOfError(errorType: string): string {
  return errorType.replaceAll(/(?:^| )(\w)/g, (_, letter: string) => letter.toUpperCase());
}
