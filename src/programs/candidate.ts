import { isAtLeast } from '../../lib/version';
import { run } from '../process/spawn';
import type { ProgramSpec } from './catalog';
import { whyNotExecutable } from './executable';

/** What is known of a program that will do. */
export interface Accepted {
  /** `v1.34.4`, or `unknown` where the program does not say. */
  readonly version: string;
  /** The names of its command-line flags, where it was asked for them. */
  readonly flags?: ReadonlySet<string>;
}

/** What became of looking at one file: what the program says of itself, or why the file will not do. */
export type Verdict = Accepted | { readonly refused: string };

/** The version of a program that cannot be asked. */
export const UNKNOWN_VERSION = 'unknown';
const ANSWER_MS = 20_000;
/** No program has that much to say of itself. */
const MAX_ANSWER = 1024 * 1024;
/** Quoted of what a file answers that is not the program. */
const QUOTED = 200;

/** Looks whether a file is the program: it can be run, is the one that is meant, and has a version that works here. */
export async function judge(spec: ProgramSpec, file: string, signal?: AbortSignal): Promise<Verdict> {
  const problem = await whyNotExecutable(file);
  if (problem !== undefined) return { refused: problem };

  const { args } = spec.question;
  const asked = await run(file, args, { timeoutMs: ANSWER_MS, maxOutput: MAX_ANSWER, signal });
  const command = `${file} ${args.join(' ')}`;
  if (asked.startError) return { refused: `${command}: ${asked.startError.message}` };
  if (asked.timedOut) return { refused: `${command} timed out after ${ANSWER_MS / 1000} s` };
  if (asked.overflowed) return { refused: `${file} is not ${spec.name}: it does not stop answering ${args.join(' ')}` };
  const output = `${asked.stdout}\n${asked.stderr}`;
  if (spec.question.type === 'flags') return judgeFlags(spec, file, output);

  if (asked.code !== 0) return { refused: `${command} failed: ${lastLine(asked.stderr || asked.stdout)}` };
  const [, version, release] = /v?((\d+\.\d+\.\d+)\S*)/.exec(asked.stdout) ?? [];
  if (version === undefined) return { refused: `${command} printed no version: ${lastLine(asked.stdout)}` };
  if (!spec.question.says.test(asked.stdout))
    return { refused: `${file} is not ${spec.name}: its ${args.join(' ')} says '${lastLine(asked.stdout)}'` };
  if (spec.oldest !== undefined && !isAtLeast(`v${release}`, `v${spec.oldest}`)) {
    return { refused: `${file} is version ${version}; ${spec.oldest} or newer is needed` };
  }
  return { version: `v${version}` };
}

/** A program of Go's flag package says `-name type`, a line each; by others it may be `--name`. */
function judgeFlags({ name, question }: ProgramSpec, file: string, output: string): Verdict {
  const flags = new Set([...output.matchAll(/^\s*--?([A-Za-z][\w.-]*)/gm)].map(([, flag]) => flag ?? ''));
  const required = question.type === 'flags' ? question.required : [];
  if (required.every((flag) => flags.has(flag))) return { version: UNKNOWN_VERSION, flags };
  const said = output.trim() === '' ? 'nothing' : `'${lastLine(output)}'`;
  return {
    refused: `${file} is not the program ${name}: asked for its flags by ${question.args.join(' ')}, it says ${said}`,
  };
}

/**
 * What a program does not know of what it is to be called with: it would exit at that.
 *
 * @param flags of the program; undefined where it does not say
 * @returns `<file> has no flag --a, --b`; undefined where it knows all
 */
export function missingFlags(
  args: readonly string[],
  flags: ReadonlySet<string> | undefined,
  file: string,
): string | undefined {
  if (flags === undefined) return undefined;
  const names = args.map((arg) => /^--?([^=]+)/.exec(arg)?.[1]);
  const missing = names.filter((name) => name !== undefined && !flags.has(name));
  return missing.length === 0 ? undefined : `${file} has no flag ${missing.map((name) => `--${name}`).join(', ')}`;
}

/** The last line, cut, and without characters that a terminal would act on. */
function lastLine(text: string): string {
  const line = text.trimEnd().split('\n').at(-1) ?? '';
  return line.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?').slice(0, QUOTED);
}
