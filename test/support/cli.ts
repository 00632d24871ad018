import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** The folder of the repository. */
export const root = join(__dirname, '..', '..', '..');

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string;
  /** Sends Ctrl-C, once, as soon as this is on stderr. */
  readonly interruptAt?: RegExp;
  /** Kills it, without warning, once this resolves. */
  readonly killOn?: Promise<unknown>;
}

/** Runs the CLI as a user would, in a process of its own. */
export function cli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return runProgram(process.execPath, [join(root, 'build', 'src', 'cli', 'main.js'), ...args], options);
}

/** Runs a program to its end. */
export async function runProgram(file: string, args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const child = spawn(file, args, { cwd: options.cwd ?? root, env: { ...process.env, ...options.env }, stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  let interrupted = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (!interrupted && options.interruptAt?.test(stderr)) interrupted = child.kill('SIGINT');
  });
  void options.killOn?.then(() => child.kill('SIGKILL'));
  // A program that does not read its input may have closed it.
  child.stdin.on('error', () => undefined).end(options.stdin ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** Whether a program is on PATH, for tests that are skipped by name without it. */
export async function isOnPath(file: string): Promise<boolean> {
  const found = await runProgram('sh', ['-c', `command -v ${file}`]);
  return found.code === 0;
}
