import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { runSync } from './spawn';

interface ProcessStatus {
  /** One letter, as ps has it: `T` for one that a signal stopped, `Z` for the remains of one that ended. */
  readonly state: string;
  /** When it started. */
  readonly startTime: string;
}

/**
 * What tells a process from any other that had or will have the same number: when it started, and on Linux since
 * which boot of the machine. Undefined where there is no such process, or only the remains of one (a zombie).
 *
 * Synchronous on purpose: between starting a daemon and writing down who it is nothing else may run.
 */
export function processIdentity(pid: number): string | undefined {
  const status = statusOf(pid);
  if (status === undefined || isOver(status)) return undefined;
  return process.platform === 'linux' ? `${bootId()}/${status.startTime}` : status.startTime;
}

/** How long a process is looked at before it is taken for stopped, and how often, in milliseconds. */
const LOOK_MS = 300;
const LOOK_EVERY_MS = 5;

/**
 * Whether a process has been stopped (SIGSTOP, Ctrl-Z, a debugger) and stands still. One that is stopped and continued many
 * times a second, as a scenario does to slow an API server down, is none.
 */
export async function isStopped(pid: number): Promise<boolean> {
  const end = performance.now() + LOOK_MS;
  for (;;) {
    if (!/^[Tt]/.test(statusOf(pid)?.state ?? '')) return false;
    if (performance.now() >= end) return true;
    await delay(LOOK_EVERY_MS);
  }
}

/** What is said of a process that was stopped by a signal. */
export function standsStill(name: string, pid: number): string {
  return `${name} (process ${pid}) is stopped by a signal (SIGSTOP): continue it with 'kill -CONT ${pid}'`;
}

function statusOf(pid: number): ProcessStatus | undefined {
  return process.platform === 'linux' ? linuxStatus(pid) : psStatus(pid);
}

function linuxStatus(pid: number): ProcessStatus | undefined {
  const status = readStat(`/proc/${pid}/stat`);
  if (status === undefined || !isOver(status)) return status;
  // Of a process that is killed the first thread may be gone while others still hold its files and ports.
  return { ...status, state: restOf(pid) ?? status.state };
}

/** The state of a thread that is still there, of a process whose first one has ended. */
function restOf(pid: number): string | undefined {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .map((thread) => readStat(`/proc/${pid}/task/${thread}/stat`))
      .find((status) => status !== undefined && !isOver(status))?.state;
  } catch {
    return undefined;
  }
}

function isOver({ state }: ProcessStatus): boolean {
  return state === 'Z' || state === 'X';
}

function readStat(file: string): ProcessStatus | undefined {
  let stat: string;
  try {
    stat = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  // proc_pid_stat(5): the second field is the program's name in brackets and may hold spaces and brackets itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields[0], fields[19]];
  return state === undefined || startTime === undefined ? undefined : { state, startTime };
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown-boot';
  }
}

function psStatus(pid: number): ProcessStatus | undefined {
  const line = runSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)])?.trim();
  if (!line) return undefined;
  const [state = '', ...startTime] = line.split(/\s+/);
  return { state: state.slice(0, 1), startTime: startTime.join(' ') };
}
