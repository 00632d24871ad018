import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { run } from '../process/spawn';
import type { ProgramSpec } from './catalog';

/** What became of looking at one file: the program's version, or why the file will not do. */
export type Verdict = { readonly version: string } | { readonly refused: string };

/** The versions below which nothing is said of a program that cannot be asked. */
const UNKNOWN_VERSION = 'unknown';

/** Looks whether a file is the program: it can be run, says its version, and the version is one that works here. */
export async function judge(spec: ProgramSpec, file: string, signal?: AbortSignal): Promise<Verdict> {
  const found = await stat(file).catch(() => undefined);
  if (!found) return { refused: `${file} does not exist` };
  if (!found.isFile()) return { refused: `${file} is not a file` };
  const executable = await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!executable) return { refused: `${file} is not executable (chmod +x ${file})` };
  if (!spec.versionArgs) return { version: UNKNOWN_VERSION };

  const asked = await run(file, spec.versionArgs, { timeoutMs: 20_000, ...(signal ? { signal } : {}) });
  const command = `${file} ${spec.versionArgs.join(' ')}`;
  if (asked.startError) return { refused: `${command}: ${asked.startError.message}` };
  if (asked.timedOut) return { refused: `${command} gave no answer within 20 s` };
  if (asked.code !== 0) return { refused: `${command} failed: ${lastLine(asked.stderr || asked.stdout)}` };
  const version = /v?(\d+\.\d+\.\d+[^\s]*)/.exec(asked.stdout)?.[1];
  if (version === undefined) return { refused: `${command} names no version: ${lastLine(asked.stdout)}` };
  if (spec.oldest !== undefined && isOlder(version, spec.oldest)) {
    return { refused: `${file} is version ${version}; ${spec.oldest} or newer is needed` };
  }
  return { version: `v${version}` };
}

/** Compares as many numbers as the limit has. */
function isOlder(version: string, limit: string): boolean {
  const numbers = version.split(/[.+-]/).map(Number);
  for (const [index, wanted] of limit.split('.').map(Number).entries()) {
    const given = numbers[index] ?? 0;
    if (given !== wanted) return given < wanted;
  }
  return false;
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
