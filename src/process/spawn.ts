/**
 * The one file through which this package starts processes, so that tests can stand in for it and a reader can see
 * everything that is ever run.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** How a program is run to its end. */
export interface RunOptions {
  /** @default the current folder */
  readonly cwd?: string;
  /** @default this process's environment */
  readonly env?: NodeJS.ProcessEnv;
  /** After which the program is killed and the result says `timedOut`. @default no limit */
  readonly timeoutMs?: number;
  /** Kills the program; `run` then rejects with the signal's reason. @default none */
  readonly signal?: AbortSignal;
  /** Receives each line of stdout and stderr as it comes. @default none */
  readonly onLine?: (line: string) => void;
  /** Descriptor of an open file that takes stdout as it is; the result's `stdout` is empty then. @default none */
  readonly stdoutTo?: number;
}

/** What a program that ended left behind. */
export interface RunResult {
  /** Exit code; undefined where the program was ended by a signal or could not be started. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  /** Why the program could not be started (it is missing, it is no program). */
  readonly startError?: NodeJS.ErrnoException;
}

/** Output kept from one program: enough for any error message, and bounded for a build of an hour. */
const MAX_KEPT_CHARACTERS = 256 * 1024;

/**
 * Runs a program to its end, without a shell. A failing program is a result, not an exception.
 *
 * @throws the signal's reason once `signal` is aborted and the program is gone
 */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  options.signal?.throwIfAborted();
  const child = spawn(file, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: options.env ?? process.env,
    stdio: ['ignore', options.stdoutTo ?? 'pipe', 'pipe'],
  });
  let startError: NodeJS.ErrnoException | undefined;
  child.on('error', (error) => (startError ??= error));
  if (child.pid === undefined) {
    await once(child, 'close').catch(() => undefined);
    return { code: undefined, stdout: '', stderr: '', timedOut: false, ...(startError ? { startError } : {}) };
  }

  const kept = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    const input = child[name];
    if (!input) continue;
    createInterface({ input }).on('line', (line) => {
      kept[name] = (kept[name] + line + '\n').slice(-MAX_KEPT_CHARACTERS);
      options.onLine?.(line);
    });
  }
  let timedOut = false;
  const kill = () => child.kill('SIGKILL');
  const timer = setTimeout(
    () => {
      timedOut = true;
      kill();
    },
    options.timeoutMs ?? 2 ** 31 - 1,
  );
  // SIGTERM first: a compiler driver removes its temporary files on it.
  const onAbort = () => {
    child.kill('SIGTERM');
    setTimeout(kill, 5_000).unref();
  };
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    // `exit` and not `close`: a grandchild that inherited the pipes must not keep an aborted run waiting.
    const closed = once(child, 'close');
    const [code] = (await once(child, 'exit')) as [number | null];
    if (!options.signal?.aborted && !timedOut) await closed;
    options.signal?.throwIfAborted();
    return { code: code ?? undefined, ...kept, timedOut };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
    // Nor may it keep this process.
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

/** Runs a short program and waits for it in this very tick. Undefined where it fails. */
export function runSync(file: string, args: readonly string[]): string | undefined {
  const result = spawnSync(file, args, { encoding: 'utf8', timeout: 5_000, stdio: ['ignore', 'pipe', 'ignore'] });
  return result.status === 0 ? result.stdout : undefined;
}

/** A process that goes on when this one ends. */
export interface Detached {
  readonly pid: number;
  /** Settles when the process ends while this one is still there to see it. */
  readonly ended: Promise<{ readonly code: number | undefined; readonly signal: string | undefined }>;
}

/**
 * Starts a process in a session of its own, with both its outputs going to an open file.
 * Synchronous, so that the caller can write down the process id before anything else can happen.
 *
 * @param output the file descriptor of the log
 * @returns undefined with the reason where the program cannot be started
 */
export function spawnDetached(
  file: string,
  args: readonly string[],
  options: { readonly output: number; readonly env: NodeJS.ProcessEnv; readonly cwd: string },
): Detached | Promise<NodeJS.ErrnoException> {
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['ignore', options.output, options.output],
  });
  if (child.pid === undefined) return once(child, 'error').then(([error]) => error as NodeJS.ErrnoException);
  child.on('error', () => undefined);
  child.unref();
  const ended = new Promise<{ code: number | undefined; signal: string | undefined }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }));
  });
  return { pid: child.pid, ended };
}
