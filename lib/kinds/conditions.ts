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
