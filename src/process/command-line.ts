import { readFileSync } from 'node:fs';

/** How a process was called. */
export interface CommandLine {
  readonly args: readonly string[];
  /** The variables of its environment that were asked for. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * How a process of this user was called, as Linux tells it.
 *
 * @param variables of its environment; others may be secret
 * @returns undefined where there is no such process, and on other systems
 */
export function commandLineOf(pid: number, variables: readonly string[] = []): CommandLine | undefined {
  try {
    const [, ...args] = partsOf(`/proc/${pid}/cmdline`);
    const env = partsOf(`/proc/${pid}/environ`).flatMap((entry): [string, string][] => {
      const at = entry.indexOf('=');
      const name = entry.slice(0, at);
      return variables.includes(name) ? [[name, entry.slice(at + 1)]] : [];
    });
    return { args, env: Object.fromEntries(env) };
  } catch {
    return undefined;
  }
}

function partsOf(file: string): readonly string[] {
  return readFileSync(file, 'utf8').replace(/\0$/, '').split('\0');
}
