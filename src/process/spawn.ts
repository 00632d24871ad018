/**
 * The one file through which this package starts processes, so that tests can stand in for it and a reader can see
 * everything that is ever run.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, isAbsolute, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay } from 'node:timers/promises';

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
  /** How many bytes it may write; after more it is killed, and the result says `overflowed`. @default no limit */
  readonly maxOutput?: number;
  /** Descriptor of an open file that takes stdout as it is; the result's `stdout` is empty then. @default none */
  readonly stdoutTo?: number;
  /** Receives stdout as it is; the result's `stdout` is empty then, and no line of it goes to `onLine`. @default none */
  readonly onStdout?: (chunk: Buffer) => void;
}

/** What a program that ended left behind. */
export interface RunResult {
  /** Exit code; undefined where the program was ended by a signal or could not be started. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  readonly overflowed?: boolean;
  /** Why the program could not be started (it is missing, it is not a program). */
  readonly startError?: NodeJS.ErrnoException;
}

/** Output kept from one program: enough for any error message, and bounded for a build of an hour. */
const MAX_KEPT_CHARACTERS = 256 * 1024;
/** How long the last lines of a program that has ended may take to arrive, in milliseconds. */
const AFTER_EXIT_MS = 2_000;

/**
 * Runs a program to its end, without a shell. A failing program is a result, not an exception.
 *
 * @throws the signal's reason once `signal` is aborted and the program is gone
 */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  options.signal?.throwIfAborted();
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: withFullPath(options.env ?? process.env),
    stdio: ['ignore', options.stdoutTo ?? 'pipe', 'pipe'],
  });
  let startError: NodeJS.ErrnoException | undefined;
  child.on('error', (error) => (startError ??= error));
  if (child.pid === undefined) {
    await once(child, 'close').catch(() => undefined);
    return { code: undefined, stdout: '', stderr: '', timedOut: false, startError };
  }

  const kept = { stdout: '', stderr: '' };
  let [length, overflowed] = [0, false];
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (overflowed || length <= (options.maxOutput ?? Infinity)) return;
      overflowed = true;
      child.kill('SIGKILL');
      for (const pipe of [child.stdout, child.stderr]) pipe?.destroy();
    });
    if (name === 'stdout' && options.onStdout !== undefined) {
      child.stdout?.on('data', options.onStdout);
      continue;
    }
    onLines(child[name], (line) => {
      kept[name] += `${line}\n`;
      // Not at each line: each cut copies what is kept.
      if (kept[name].length > 2 * MAX_KEPT_CHARACTERS) kept[name] = kept[name].slice(-MAX_KEPT_CHARACTERS);
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
    // What it left behind may keep the pipes open for as long as it lives.
    if (!options.signal?.aborted && !timedOut && !overflowed)
      await Promise.race([closed, delay(AFTER_EXIT_MS, undefined, { ref: false })]);
    options.signal?.throwIfAborted();
    return { code: code ?? undefined, ...kept, timedOut, overflowed };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
    // Nor may it keep this process.
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

/** Calls back for each line; one that does not end is cut, so that no output takes more memory than that. */
function onLines(input: Readable | null, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  input?.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split(/\r?\n/);
    rest = (lines.pop() ?? '').slice(0, MAX_KEPT_CHARACTERS);
    lines.forEach(onLine);
  });
  input?.on('end', () => {
    rest += decoder.end();
    if (rest !== '') onLine(rest);
  });
}

/** An environment whose PATH means the same in every folder: that of a program is not the one it was written for. */
function withFullPath(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const path = env['PATH'];
  if (!path || path.split(delimiter).every((dir) => isAbsolute(dir))) return env;
  const full = path.split(delimiter).map((dir) => resolve(dir));
  return { ...env, PATH: full.join(delimiter) };
}

/** All processes of a machine with their environments are a few megabytes. */
const MAX_LISTING_BYTES = 64 * 1024 ** 2;

/** Runs a short program and waits for it in this very tick. Undefined where it fails. */
export function runSync(file: string, args: readonly string[]): string | undefined {
  const result = spawnSync(file, args, {
    encoding: 'utf8',
    timeout: 5_000,
    maxBuffer: MAX_LISTING_BYTES,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return result.status === 0 ? result.stdout : undefined;
}

/** Where flock is, whatever PATH says. */
const SYSTEM_PATH = ['/usr/bin', '/bin', '/usr/local/bin'];

/**
 * Runs a short program of the system that works on an open file of ours, which it has as descriptor 3, and waits for it in
 * this very tick.
 */
export function runWithDescriptor(
  file: string,
  args: readonly string[],
  descriptor: number,
): Pick<RunResult, 'code' | 'stderr' | 'startError'> {
  const { status, stderr, error } = spawnSync(file, args, {
    encoding: 'utf8',
    env: { PATH: [...SYSTEM_PATH, process.env['PATH'] ?? ''].join(':') },
    timeout: 10_000,
    stdio: ['ignore', 'ignore', 'pipe', descriptor],
  });
  const startError: NodeJS.ErrnoException | undefined = error;
  return {
    code: status ?? undefined,
    stderr: stderr ?? '',
    startError: startError?.code === 'ETIMEDOUT' ? undefined : startError,
  };
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
    env: withFullPath(options.env),
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
