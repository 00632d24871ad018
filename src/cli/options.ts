import { existsSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { invalidInput } from '../../lib/errors';
import { PROGRAMS_LOCK } from '../programs/programs-lock';
import { defaultStateDir } from '../testbed/state';

/** The description of the testbed, where a command is given none and it is there. */
export const DEFAULT_FILE = 'testbed.yaml';

/** The file of the description that a command works on; undefined for the default testbed. */
export function descriptionFile(given: string | undefined): string | undefined {
  return given ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined);
}

/** Where the testbed keeps its state; the same for every command. */
export function stateDirOption(): Option {
  return new Option('--state-dir <dir>', 'folder of the testbed: state, data, kubeconfig and logs').default(
    defaultStateDir(),
    'METAL3_TESTBED_STATE_DIR, or metal3-testbed/default in XDG_STATE_HOME',
  );
}

/** Which testbeds of a state folder a command is about. */
export interface ChoiceFlags {
  readonly stateDir: string;
  readonly managementCluster?: readonly string[];
}

/** For commands that do the same to several. */
export function managementClusterOption(): Option {
  return new Option(
    '--management-cluster <name>',
    'one of several management clusters; may be repeated (default: all)',
  ).argParser((name: string, before: readonly string[] = []) => [...before, name]);
}

/** For commands that do something to one. */
export function oneManagementClusterOption(): Option {
  return new Option('--management-cluster <name>', 'which one, where there are several management clusters').argParser(
    (name: string) => [name],
  );
}

/** What digests tags of images stand for. */
export function lockOption(): Option {
  return new Option(
    '--lock <file>',
    `lock file of a project, such as ${PROGRAMS_LOCK} beside ${DEFAULT_FILE}: what digests the tags of images stand for that programs are taken from (default: one in the folder of the testbed)`,
  );
}

/** A file for all operators, or one for each release that has its own. */
export type BinaryFlag = string | Readonly<Record<string, string>>;

const OF_RELEASE = /^(v\d+\.\d+\.[^=/]+)=(.*)$/s;

/** The binaries of operators that run on this machine. */
export function bmoBinaryOption(): Option {
  return new Option(
    '--bmo-binary <[version=]file>',
    'binary of the Bare Metal Operator, to run in test mode on this machine; may be repeated, with a version each, where the description has several',
  ).argParser(bmoBinary);
}

function bmoBinary(text: string, before?: BinaryFlag): BinaryFlag {
  const [, version, file = ''] = OF_RELEASE.exec(text) ?? [];
  if (version === undefined && before === undefined) return text;
  const known = typeof before === 'object' ? before : {};
  if (version === undefined || typeof before === 'string')
    throw new InvalidArgumentError(
      'Give one binary for all operators, or several with a version each: v0.13.2=./bin/manager.',
    );
  if (version in known) throw new InvalidArgumentError(`Give one binary for ${version}.`);
  return { ...known, [version]: file };
}

/** Whether `up` and `run` go on where there are hosts of others. */
export function takeOverHostsOption(): Option {
  return new Option(
    '--take-over-hosts',
    'continue even if the cluster has BareMetalHosts that this testbed did not create: its simulator then simulates them too; they are never deleted',
  );
}

/** @throws TestbedError (`invalid-input`) where the folder of the testbed is given as nothing, which would be this one */
export function requireStateDir(command: Command): void {
  const { stateDir } = command.opts<{ readonly stateDir?: unknown }>();
  if (typeof stateDir !== 'string' || stateDir.trim() !== '') return;
  throw invalidInput(
    command.getOptionValueSource('stateDir') === 'cli'
      ? '--state-dir is empty: name a folder, or leave the option out; is a variable not set in the shell?'
      : 'METAL3_TESTBED_STATE_DIR is set and empty: name a folder in it, or unset it',
  );
}

/** Reads a whole number from `min` on. */
export function whole(min: number): (text: string) => number {
  return (text) => {
    if (!/^\d+$/.test(text) || Number(text) < min || !Number.isSafeInteger(Number(text))) {
      throw new InvalidArgumentError(`Give a whole number of at least ${min}.`);
    }
    return Number(text);
  };
}

/** Reads a share: `90%` or `0.9`, above 0. */
export function share(text: string): number {
  const [, number = '', percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const value = Number(number) / (percent === '%' ? 100 : 1);
  if (number === '' || !(value > 0) || value > 1)
    throw new InvalidArgumentError('Give a share of the hosts above 0, such as 90% or 0.9.');
  return value;
}

/** Reads a time in seconds, above 0. */
export function seconds(text: string): number {
  const value = Number(text);
  // A timer takes at most 2^31 - 1 milliseconds.
  if (text.trim() === '' || !(value > 0) || value > 2_000_000)
    throw new InvalidArgumentError('Give a number of seconds above 0.');
  return value;
}
