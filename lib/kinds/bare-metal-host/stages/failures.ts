/** Hosts that fail, and which they are. */
import { invalidInput } from '../../../errors';
import type { StageDelay } from './delays';
import type { HostState } from './host-state';
import { errorTypes, type ErrorType } from '../schema';

/** A state in which hosts can be made to fail. In settled states it is switching power that fails. */
export type FailableState =
  | 'registering'
  | 'inspecting'
  | 'preparing'
  | 'available'
  | 'provisioning'
  | 'provisioned'
  | 'externally provisioned'
  | 'deprovisioning';

/** The states in which something can go wrong, and the kind of error it is unless another one is given. */
const errorTypeOfState: Readonly<Record<FailableState & HostState, ErrorType>> = {
  registering: 'registration error',
  inspecting: 'inspection error',
  preparing: 'preparation error',
  available: 'power management error',
  provisioning: 'provisioning error',
  provisioned: 'power management error',
  'externally provisioned': 'power management error',
  deprovisioning: 'provisioning error',
};

/** A share of the hosts that fails in one state. */
export interface HostFailure {
  /** The state in which they fail. In settled states it is switching power that fails. */
  readonly state: FailableState;
  /**
   * How many of the hosts fail, from 0 to 1. Which ones is told by their names (function `failsIn`): the same on every run,
   * others in other states.
   */
  readonly share: number;
  /**
   * What is written into `status.errorType`.
   * @default - what the operator writes in that state
   */
  readonly errorType?: ErrorType;
  /**
   * What is written into `status.errorMessage`.
   * @default - `simulated failure while`, and the state
   */
  readonly message?: string;
  /**
   * The number of failures after which such a host succeeds.
   * @default - it never does
   */
  readonly recoversAfter?: number;
  /**
   * How long until it is tried again, in milliseconds. As in the operator the n-th failure is followed by a wait of
   * between 2^(n-1) and 2^n times this, n counting no further than 9.
   * @default 60000 - the operator's own
   */
  readonly retryMilliseconds?: number;
}

/** A failure with all that was left out. */
export type ResolvedFailure = Required<Omit<HostFailure, 'recoversAfter'>> & Pick<HostFailure, 'recoversAfter'>;

/** @throws TestbedError (invalid-input) for a failure that cannot be */
export function resolveFailures(failures: readonly HostFailure[]): ReadonlyMap<HostState, ResolvedFailure> {
  const resolved = new Map<HostState, ResolvedFailure>();
  for (const failure of failures) {
    const { state, share, errorType, recoversAfter, retryMilliseconds } = failure;
    const allowedStates = Object.keys(errorTypeOfState);
    if (!allowedStates.includes(state))
      throw invalidInput(`hosts cannot fail in state '${state}': name one of ${allowedStates.join(', ')}`);
    if (resolved.has(state))
      throw invalidInput(`two failures in state '${state}': give one, with the sum of their shares`);
    if (!(share >= 0 && share <= 1))
      throw invalidInput(`a share of ${share} of the hosts cannot fail: give a number from 0 to 1`);
    if (errorType !== undefined && !errorTypes.includes(errorType)) {
      throw invalidInput(`error type '${errorType as string}' is unknown: name one of ${errorTypes.join(', ')}`);
    }
    if (recoversAfter !== undefined && !(Number.isInteger(recoversAfter) && recoversAfter >= 1)) {
      throw invalidInput(
        `a host cannot recover after ${recoversAfter} failures: give a whole number from 1 up, or nothing for never`,
      );
    }
    if (retryMilliseconds !== undefined && !(Number.isInteger(retryMilliseconds) && retryMilliseconds >= 0)) {
      throw invalidInput(
        `retryMilliseconds ${retryMilliseconds} is not a valid time: give whole milliseconds from 0 up`,
      );
    }
    resolved.set(state, {
      errorType: errorTypeOfState[state],
      message: `simulated failure while ${state}`,
      retryMilliseconds: 60_000,
      ...failure,
    });
  }
  return resolved;
}

const modulus = 1_000_003;
/** A prime that leaves 2 when divided by 3: cubing what is left by it gives each number once, in no order to speak of. */
const steps = 10_007;

/**
 * Whether a host is one of the share that fails: what the jq of `failsInQuery` says, for those who want to know
 * beforehand. Over thousands of hosts with numbered names the share is met to about a hundredth.
 */
export function failsIn(
  failure: Pick<HostFailure, 'state' | 'share'>,
  host: { readonly namespace: string; readonly name: string },
): boolean {
  const hash = [...codePoints(`${host.namespace}/${host.name}`)].reduce(
    (sum, code) => (sum * 31 + code) % modulus,
    seedOf(failure.state),
  );
  return (hash % steps) ** 3 % steps < failure.share * steps;
}

/** The jq that is true for the hosts of the share. */
export function failsInQuery(failure: Pick<HostFailure, 'state' | 'share'>): string {
  return (
    `(((.metadata.namespace + "/" + .metadata.name) | explode) as $codes | ` +
    `reduce $codes[] as $code (${seedOf(failure.state)}; (. * 31 + $code) % ${modulus}) | . % ${steps} | (. * . * .) % ${steps} < ${failure.share * steps})`
  );
}

/**
 * The delay of an attempt: the usual one, or the wait of a host that has failed before.
 *
 * @param range the least and the most of a first attempt, in milliseconds
 */
export function delayOfAttempt(
  [least, most]: readonly [least: number, most: number],
  failure: ResolvedFailure,
): StageDelay {
  const after = (first: number, retry: number): StageDelay['durationFrom'] => ({
    jq: {
      expression:
        `if (.status.errorType // "") == "" then "${first}ms" ` +
        `else "\\(${retry} * pow(2; ([.status.errorCount // 1, 9] | min) - 1))ms" end`,
    },
  });
  const { retryMilliseconds } = failure;
  return {
    durationFrom: after(least, retryMilliseconds),
    jitterDurationFrom: after(most, retryMilliseconds * 2),
  };
}

/** Other states, other hosts: the hash starts from the state's name. */
function seedOf(state: string): number {
  return codePoints(state).reduce((sum, code) => (sum * 31 + code) % modulus, 7);
}

function codePoints(text: string): number[] {
  return [...text].map((character) => character.codePointAt(0) ?? 0);
}
