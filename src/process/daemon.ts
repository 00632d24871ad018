/**
 * Background processes that outlive the command that started them: a log file, a pid file, and a way to be sure that
 * the process with that number is still the one that was started.
 */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { TestbedError } from '../../lib/errors';
import { writeFileAtomicSync } from '../util/atomic-file';
import { until } from '../util/until';
import { processIdentity } from './identity';
import { spawnDetached } from './spawn';

/** What is started. */
export interface DaemonProps {
  /** Names the pid file and the log: `kube-apiserver`. */
  readonly name: string;
  /** Folder for pid file and log; made (0700) where it is missing. One folder may hold many daemons. */
  readonly dir: string;
  /** The program's file. */
  readonly file: string;
  /** @default none */
  readonly args?: readonly string[];
  /** The daemon's whole environment: a long-lived process has no use for the caller's credentials. @default `plainEnvironment()` */
  readonly env?: NodeJS.ProcessEnv;
  /** @default `dir` */
  readonly cwd?: string;
}

/** A background process that was started, now or earlier. */
export interface Daemon {
  readonly name: string;
  readonly pid: number;
  /** The file of the program that runs. */
  readonly file: string;
  readonly logFile: string;
  /** The log of the run before this one. */
  readonly previousLogFile: string;
  isAlive(): boolean;
  /** How it ended, where this very process started it and saw it end; else undefined. */
  ending(): string | undefined;
}

interface PidFile {
  readonly pid: number;
  readonly identity: string;
  readonly file: string;
}

/** The variables a daemon needs to find its way about, and none that may hold a credential. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ', 'USER'];
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

/**
 * Starts a daemon. The log of the run before is kept as `<name>.log.1`.
 *
 * @throws TestbedError (environment) where the program cannot be started, one of that name already runs, or the
 * folder cannot be written; no process is left then
 */
export async function startDaemon(props: DaemonProps): Promise<Daemon> {
  const running = findDaemon(props.dir, props.name);
  if (running) throw new TestbedError('environment', `${props.name} already runs (process ${running.pid})`);
  const { pidFile, logFile, previousLogFile } = files(props.dir, props.name);
  mkdirSync(props.dir, { recursive: true, mode: 0o700 });
  rmSync(pidFile, { force: true });
  if (sizeOf(logFile) > 0) renameSync(logFile, previousLogFile);

  const output = openSync(logFile, 'a', 0o600);
  let started: ReturnType<typeof spawnDetached>;
  try {
    started = spawnDetached(props.file, props.args ?? [], {
      output,
      env: props.env ?? plainEnvironment(),
      cwd: props.cwd ?? props.dir,
    });
  } finally {
    closeSync(output);
  }
  if (started instanceof Promise) {
    const error = await started;
    throw new TestbedError('environment', `cannot start ${props.file}: ${error.message}`, { cause: error });
  }

  // Nothing awaits from here until the pid file is written: a process nobody remembers could never be stopped.
  const { pid, ended } = started;
  const identity = processIdentity(pid);
  if (identity !== undefined) {
    try {
      writeFileAtomicSync(pidFile, JSON.stringify({ pid, identity, file: props.file } satisfies PidFile) + '\n');
    } catch (error) {
      process.kill(pid, 'SIGKILL');
      throw error;
    }
  }
  let ending: string | undefined;
  void ended.then(({ code, signal }) => {
    ending = signal === undefined ? `exit code ${code}` : `signal ${signal}`;
  });
  return {
    ...{ name: props.name, pid, file: props.file, logFile, previousLogFile },
    isAlive: () => ending === undefined && identity !== undefined && processIdentity(pid) === identity,
    ending: () => ending,
  };
}

/** The daemon of that name that runs now; undefined where none does, whatever an old pid file says. */
export function findDaemon(dir: string, name: string): Daemon | undefined {
  const { pidFile, logFile, previousLogFile } = files(dir, name);
  const record = readPidFile(pidFile);
  if (record === undefined || processIdentity(record.pid) !== record.identity) return undefined;
  return {
    ...{ name, pid: record.pid, file: record.file, logFile, previousLogFile },
    isAlive: () => processIdentity(record.pid) === record.identity,
    ending: () => undefined,
  };
}

/** How a daemon is stopped. */
export interface StopOptions {
  /** How long it may take over SIGTERM before SIGKILL, in milliseconds. @default 15000 */
  readonly graceMs?: number;
}

/**
 * Stops the daemon of that name: SIGTERM, then SIGKILL. Returns once it is gone and its pid file is removed; the log
 * stays. Fine where none runs.
 *
 * @returns whether one ran
 * @throws TestbedError (environment) where the process cannot be stopped (it belongs to another user, it hangs)
 */
export async function stopDaemon(dir: string, name: string, options: StopOptions = {}): Promise<boolean> {
  const daemon = findDaemon(dir, name);
  if (daemon) {
    for (const [signal, deadlineMs] of [
      ['SIGTERM', options.graceMs ?? 15_000],
      ['SIGKILL', 10_000],
    ] as const) {
      send(daemon, signal);
      if (await until(() => !daemon.isAlive(), { deadlineMs, everyMs: 20 })) break;
      if (signal === 'SIGKILL') {
        throw new TestbedError(
          'environment',
          `${name} (process ${daemon.pid}) does not end; end it yourself, then run this again`,
        );
      }
    }
  }
  rmSync(files(dir, name).pidFile, { force: true });
  return daemon !== undefined;
}

/** The last lines of a log, for an error message; empty where there is none. */
export async function tailOf(logFile: string, lines = 12): Promise<string> {
  const maxBytes = 16 * 1024;
  try {
    const handle = await open(logFile);
    try {
      const { size } = await handle.stat();
      const start = Math.max(0, size - maxBytes);
      const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(maxBytes), position: start });
      return buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-lines).join('\n');
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}

function files(dir: string, name: string) {
  const logFile = join(dir, `${name}.log`);
  return { pidFile: join(dir, `${name}.pid`), logFile, previousLogFile: `${logFile}.1` };
}

function readPidFile(file: string): PidFile | undefined {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as Partial<PidFile>;
    const { pid, identity } = record;
    if (typeof pid !== 'number' || !Number.isInteger(pid) || pid < 2 || typeof identity !== 'string') return undefined;
    return { pid, identity, file: record.file ?? '' };
  } catch {
    return undefined;
  }
}

function send(daemon: Daemon, signal: NodeJS.Signals): void {
  try {
    process.kill(daemon.pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH') return;
    throw new TestbedError(
      'environment',
      `cannot stop ${daemon.name} (process ${daemon.pid}): ${code ?? String(error)}; is it another user's?`,
    );
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
