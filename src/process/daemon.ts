/**
 * Background processes that outlive the command that started them: a log file, a pid file, and a way to be sure that
 * the process with that number is still the one that was started. Each carries a mark that is written down before it is
 * started, so that it is found again where the command that started it was killed at any moment.
 */
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TestbedError } from '../../lib/errors';
import { writeFileAtomicSync } from '../util/atomic-file';
import { readBoundedSync } from '../util/read-bounded';
import { until } from '../util/until';
import { processIdentity } from './identity';
import { MARKER_VARIABLE, newMarker, processesMarked, processesOf } from './marker';
import { sendSignal } from './signal';
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

/** Who has been started; or, without a process, who is about to be. */
interface PidFile {
  readonly file: string;
  /** Missing in those that versions before this one wrote. */
  readonly marker: string | undefined;
  readonly process: Process | undefined;
  /** Whether somebody has begun to stop it. */
  readonly isStopping: boolean;
}

interface Process {
  readonly pid: number;
  readonly identity: string;
}

/** How a daemon is. */
export interface DaemonStatus {
  /**
   * `ended`: it was started, nobody stopped it, and it is gone. `none`: it was never started, or was stopped on purpose.
   */
  readonly state: 'running' | 'ended' | 'none';
  /** Of the process that runs, or that has ended. */
  readonly pid?: number;
  /** How it ended, where this very process started it and saw it end. */
  readonly ending?: string;
  readonly logFile: string;
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
  const { dir, name, file } = props;
  const running = findDaemon(dir, name);
  if (running) throw new TestbedError('environment', `${name} already runs (process ${running.pid})`);
  const { pidFile, logFile, previousLogFile } = files(dir, name);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (sizeOf(logFile) > 0) renameSync(logFile, previousLogFile);

  const output = openSync(logFile, 'a', 0o600);
  const marker = newMarker(dir, name);
  let started: ReturnType<typeof spawnDetached>;
  try {
    // The intent: from here on the process is found by its mark, should this one be killed before it knows its number.
    writeFileAtomicSync(pidFile, JSON.stringify({ marker, file }) + '\n');
    started = spawnDetached(file, props.args ?? [], {
      output,
      env: { ...(props.env ?? plainEnvironment()), [MARKER_VARIABLE]: marker },
      cwd: props.cwd ?? dir,
    });
  } catch (error) {
    removePidFile(dir, name);
    throw error;
  } finally {
    closeSync(output);
  }
  if (started instanceof Promise) {
    const error = await started;
    removePidFile(dir, name);
    throw new TestbedError('environment', `cannot start ${file}: ${error.message}`, { cause: error });
  }

  const { pid, ended } = started;
  const identity = processIdentity(pid);
  if (identity !== undefined) {
    try {
      writeFileAtomicSync(pidFile, JSON.stringify({ marker, file, pid, identity }) + '\n');
    } catch (error) {
      sendSignal(pid, 'SIGKILL');
      throw error;
    }
  }
  let ending: string | undefined;
  void ended.then(({ code, signal }) => {
    ending = signal === undefined ? `exit code ${code}` : `signal ${signal}`;
    endings.set(pidFile, { pid, ending });
  });
  return {
    name,
    pid,
    file,
    logFile,
    previousLogFile,
    isAlive: () => ending === undefined && identity !== undefined && processIdentity(pid) === identity,
    ending: () => ending,
  };
}

/** How the daemons that this process started have ended, by their pid files. */
const endings = new Map<string, { readonly pid: number; readonly ending: string }>();

/** The daemon of that name that runs now; undefined where none does, whatever an old pid file says. */
export function findDaemon(dir: string, name: string): Daemon | undefined {
  const { pidFile, logFile, previousLogFile } = files(dir, name);
  const record = readPidFile(pidFile);
  const found = record?.process ? aliveOf([record.process.pid], record.process) : search(dir, name, record);
  const [process] = found;
  if (process === undefined) return undefined;
  return {
    name,
    pid: process.pid,
    file: record?.file ?? '',
    logFile,
    previousLogFile,
    isAlive: () => isAlive(process),
    ending: () => undefined,
  };
}

/** How the daemon of that name is now. */
export function daemonStatus(dir: string, name: string): DaemonStatus {
  const { pidFile, logFile } = files(dir, name);
  const running = findDaemon(dir, name);
  if (running) return { state: 'running', pid: running.pid, logFile };
  const record = readPidFile(pidFile);
  const pid = record?.process?.pid;
  if (record === undefined || pid === undefined || record.isStopping) return { state: 'none', logFile };
  const end = endings.get(pidFile);
  return { state: 'ended', pid, logFile, ending: end?.pid === pid ? end.ending : undefined };
}

/** How a daemon is stopped. */
export interface StopOptions {
  /** How long it may take over SIGTERM before SIGKILL, in milliseconds; 0 for SIGKILL at once. @default 15000 */
  readonly graceMs?: number;
}

/** How long a program may be on its way from being started to carrying its mark, in milliseconds. */
const UNDER_WAY_MS = 300;

/**
 * Stops the daemon of that name, and what it has started in its turn: SIGTERM, then SIGKILL. Returns once all is gone and
 * its pid file is removed; the log stays. Fine where none runs.
 *
 * @returns whether one ran
 * @throws TestbedError (environment) where the process cannot be stopped (it belongs to another user, it hangs)
 */
export async function stopDaemon(dir: string, name: string, options: StopOptions = {}): Promise<boolean> {
  const record = readPidFile(files(dir, name).pidFile);
  const look = () => everyProcess(dir, name, record);
  let targets = look();
  if (targets.length === 0 && record !== undefined && record.process === undefined) {
    // Who started it was killed in that very moment, perhaps.
    targets = (await until(() => orNothing(look()), { deadlineMs: UNDER_WAY_MS, everyMs: 20 })) ?? [];
  }
  const any = targets.length > 0;
  if (any && record !== undefined) noteStopping(dir, name, record);
  const { graceMs = 15_000 } = options;
  const steps = [...(graceMs > 0 ? [['SIGTERM', graceMs] as const] : []), ['SIGKILL', 10_000] as const];
  for (const [signal, deadlineMs] of steps) {
    const deadline = performance.now() + deadlineMs;
    // Anew until none is left: one that ends may have started another just before.
    while (targets.length > 0 && performance.now() < deadline) {
      for (const { pid } of targets) send(name, pid, signal);
      const left = deadline - performance.now();
      await until(() => !targets.some(isAlive), { deadlineMs: left, everyMs: 20 });
      targets = look();
    }
  }
  const [left] = targets;
  if (left !== undefined) {
    throw new TestbedError(
      'environment',
      `${name} (process ${left.pid}) does not stop; stop it yourself, then run this again`,
    );
  }
  removePidFile(dir, name);
  return any;
}

/** Written down first, so that nobody takes its end for a mishap and starts it again. */
function noteStopping(dir: string, name: string, { file, marker, process }: PidFile): void {
  try {
    writeFileAtomicSync(
      files(dir, name).pidFile,
      JSON.stringify({ marker, file, ...process, isStopping: true }) + '\n',
    );
  } catch {
    // It is stopped on a full disk too.
  }
}

/** All processes of a daemon: the one that was started, and those that it has started. */
function everyProcess(dir: string, name: string, record: PidFile | undefined): readonly Process[] {
  const own = record?.process ? aliveOf([record.process.pid], record.process) : [];
  const marked = search(dir, name, record).filter(({ pid }) => pid !== own[0]?.pid);
  return [...own, ...marked];
}

/** The processes with the mark of a daemon, the first to be started first. Without a record, those of its folder. */
function search(dir: string, name: string, record: PidFile | undefined): readonly Process[] {
  const pids = record?.marker === undefined ? processesOf(dir, name) : processesMarked(record.marker);
  return aliveOf(pids);
}

/** @param expected who it has to be */
function aliveOf(pids: readonly number[], expected?: Process): readonly Process[] {
  return pids.flatMap((pid) => {
    const identity = processIdentity(pid);
    const isIt = identity !== undefined && (expected === undefined || identity === expected.identity);
    return isIt ? [{ pid, identity }] : [];
  });
}

function isAlive({ pid, identity }: Process): boolean {
  return processIdentity(pid) === identity;
}

function orNothing<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

function files(dir: string, name: string) {
  const logFile = join(dir, `${name}.log`);
  return { pidFile: join(dir, `${name}.pid`), logFile, previousLogFile: `${logFile}.1` };
}

function readPidFile(file: string): PidFile | undefined {
  try {
    const record = JSON.parse(readBoundedSync(file).toString()) as Partial<Process & PidFile>;
    const { pid, identity, marker } = record;
    const isProcess = typeof pid === 'number' && Number.isInteger(pid) && pid >= 2 && typeof identity === 'string';
    const isMarked = typeof marker === 'string' && marker !== '';
    if (!isProcess && !isMarked) return undefined;
    return {
      file: record.file ?? '',
      marker: isMarked ? marker : undefined,
      process: isProcess ? { pid, identity } : undefined,
      isStopping: record.isStopping === true,
    };
  } catch {
    return undefined;
  }
}

/** With what a killed command left of writing it. */
function removePidFile(dir: string, name: string): void {
  const { pidFile } = files(dir, name);
  rmSync(pidFile, { force: true });
  if (!existsSync(dir)) return;
  const partial = new RegExp(`^${name}\\.pid\\.\\d+\\.partial$`);
  for (const entry of readdirSync(dir)) if (partial.test(entry)) rmSync(join(dir, entry), { force: true });
}

function send(name: string, pid: number, signal: NodeJS.Signals): void {
  try {
    sendSignal(pid, signal);
    // One that stands still would heed SIGTERM only when it is continued.
    if (signal === 'SIGTERM') sendSignal(pid, 'SIGCONT');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new TestbedError(
      'environment',
      `cannot stop ${name} (process ${pid}): ${code ?? String(error)}; does it belong to another user?`,
    );
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
