/** Who simulates the hosts of a testbed on this machine, decided before anything is fetched or started. */
import {
  defaultVersion,
  describeRange,
  operatorArguments,
  releases,
  releasesWith,
  type BareMetalOperatorProps,
  type OperatorCommand,
} from '../../lib/components/baremetal-operator';
import { invalidInput } from '../../lib/errors';
import type { ResolvedTestbed } from '../../lib/testbed/resolve';
import { isAtLeast } from '../../lib/version';
import type { BringUpOptions } from '../testbed/live-testbed';
import { findProgram, lookForProgram, type Program } from '../programs/find';
import { pass } from '../util/pass';

/** The simulator, and its program where it is here already. */
export type ChosenSimulator =
  | { readonly kind: 'bmo'; readonly program: Program }
  | { readonly kind: 'kwok'; readonly program: Program | undefined };

type ChoiceOptions = Pick<BringUpOptions, 'bmoBinary' | 'simulator' | 'listener' | 'signal'>;

/** @throws TestbedError (`invalid-input`) for a program that was named and will not do */
export async function chooseSimulator(options: ChoiceOptions): Promise<ChosenSimulator> {
  const { bmoBinary, simulator, listener, signal } = options;
  if (bmoBinary !== undefined && simulator === 'kwok') {
    throw invalidInput('--bmo-binary is given with --simulator kwok: leave one of them out');
  }
  const search = { ...pass({ listener, signal }), fetch: false };
  if (bmoBinary !== undefined || simulator === 'bmo') {
    return {
      kind: 'bmo',
      program: await findProgram('baremetal-operator', { ...search, ...pass({ file: bmoBinary }) }),
    };
  }
  const operator = simulator === undefined ? await lookForProgram('baremetal-operator', search) : undefined;
  if (operator !== undefined && 'program' in operator) return { kind: 'bmo', program: operator.program };
  const kwok = await lookForProgram('kwok', search);
  return { kind: 'kwok', program: 'program' in kwok ? kwok.program : undefined };
}

/**
 * How each operator of the description is called as a process: as its Deployment would be.
 *
 * @throws TestbedError (`invalid-input`) where there is none, or the program is of a release that is called otherwise
 */
export function operatorCommands({ operators }: ResolvedTestbed, program: Program): readonly OperatorCommand[] {
  requireOperators(operators);
  // A process has no pod to hold the lease, and nobody to share it with.
  const commands = operators.map((operator) =>
    operatorArguments({ ...operator, webhook: false, leaderElection: false }),
  );
  const { flags } = program;
  if (flags !== undefined)
    for (const [i, { args }] of commands.entries()) requireFlags(args, flags, program.file, i, operators[i]);
  return commands;
}

/** @throws TestbedError (`invalid-input`) where nobody takes care of the hosts */
export function requireOperators(operators: readonly BareMetalOperatorProps[]): void {
  if (operators.length > 0) return;
  throw invalidInput('operators is empty, so nothing simulates the hosts: add an operator, or use --simulator kwok');
}

/** The operator exits at a flag that it does not know, which would show only once the cluster runs. */
function requireFlags(
  args: readonly string[],
  flags: ReadonlySet<string>,
  file: string,
  position: number,
  { version = defaultVersion }: BareMetalOperatorProps = {},
): void {
  const unknown = args
    .map((arg) => /^--?([^=]+)/.exec(arg)?.[1])
    .filter((name) => name !== undefined && !flags.has(name));
  if (unknown.length === 0) return;
  const has = `${file} has no flag ${unknown.map((name) => `--${name}`).join(', ')}`;
  const range = releasesWith(flags);
  const fits = Object.keys(releases).find(
    (release) =>
      range !== undefined &&
      (range.from === undefined || isAtLeast(release, range.from)) &&
      (range.until === undefined || !isAtLeast(release, range.until)),
  );
  // A flag of the user's own, which has nothing to do with the release.
  if (range === undefined || fits === version)
    throw invalidInput(`operators[${position}]: ${has}: leave it out of extraArgs, or give another binary`);
  const say = fits === undefined ? 'to its release, with its manifests' : `to ${fits}`;
  throw invalidInput(
    `operators[${position}].version: set it ${say}, or give a binary of ${version}: ${has}, so that it is a release ` +
      `${describeRange(range)}; given ${version}`,
  );
}
