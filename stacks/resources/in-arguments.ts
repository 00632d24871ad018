import { TestbedError } from '../../lib/errors';

/** What options of the command are in a program, as errors recommend them. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/run 'metal3-testbed down( --delete)?' first/g, "run 'pulumi destroy' first"],
  [/'--cluster existing --context ([^']+)'/g, "cluster 'existing' and context '$1', take it over with adopt"],
  [/'--cluster (\w+)'/g, "cluster '$1'"],
  [/--force-conflicts \(forceConflicts of a HostFleet\)/g, 'forceConflicts'],
  [/--node-image IMAGE/g, 'nodeImage'],
  [/--state-dir\b/g, 'stateDir'],
  [/--name\b(?! \S+')/g, 'name'],
];

/**
 * An error of what the command does too, as whoever wrote a program can act on it.
 *
 * @returns the same error
 */
export function inArguments(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const half = error as { reasons?: readonly string[] };
  if (!(error instanceof TestbedError) && half.reasons === undefined) return error;
  error.message = inProgram(error.message);
  half.reasons &&= half.reasons.map(inProgram);
  return error;
}

function inProgram(message: string): string {
  return WORDS.reduce((text, [option, argument]) => text.replace(option, argument), message);
}
