/** Conditions as the kinds of Cluster API have them. */
import type { SharedText } from './kind';

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** `status` of each condition, by its type. */
export function statusByType(conditions: readonly Condition[], shared: SharedText): Readonly<Record<string, string>> {
  return Object.fromEntries(conditions.map(({ type, status }) => [shared(type), shared(status)]));
}

/** Conditions as a timeline has them. */
export function* recordedConditions(
  conditions: Readonly<Record<string, string>>,
): Generator<readonly [field: string, value: string], void> {
  for (const type in conditions) yield [fieldOf(type), conditions[type] ?? ''];
}

/** Made once for each type: a timeline keeps it with each change. What is not one of the few that there are is not kept. */
const fields = new Map<string, string>();
const MOST_FIELDS = 500;

function fieldOf(type: string): string {
  const known = fields.get(type);
  if (known !== undefined) return known;
  const field = `condition ${type}`;
  if (fields.size < MOST_FIELDS) fields.set(type, field);
  return field;
}

/**
 * Why an object is not there yet: what the condition says that sums the others up.
 *
 * @param summary its type
 * @returns undefined where it is True; what it is called, where nobody has said anything of it
 */
export function whyNot(summary: string, conditions: readonly Condition[]): string | undefined {
  const found = conditions.find(({ type }) => type === summary);
  if (found?.status === 'True') return undefined;
  return found?.message || found?.reason || `not ${summary} yet`;
}

/** Reasons of what went wrong; all others are of what has not been done yet. */
const FAILURE = /(?:Failed|Error|CannotBeRemediated|Timeout)$/;
/** What a connection that is not there yet, and a Node that cannot be looked at yet, have too. */
const ON_THE_WAY = new Set(['ProbeFailed', 'InspectionFailed']);

/**
 * What is wrong with an object, by the first condition that says so: its reason, in one word, and its message.
 *
 * @param hasFailed whether its phase says so
 */
export function failureOf(
  conditions: readonly Condition[],
  hasFailed: boolean,
  shared: SharedText,
): { readonly errorType: string; readonly errorMessage: string } {
  const failed = conditions.find(
    ({ status, reason = '' }) => status !== 'True' && FAILURE.test(reason) && !ON_THE_WAY.has(reason),
  );
  if (failed === undefined) return { errorType: hasFailed ? 'Failed' : '', errorMessage: '' };
  return { errorType: shared(failed.reason), errorMessage: shared(failed.message) };
}
