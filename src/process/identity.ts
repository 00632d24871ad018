import { readFileSync } from 'node:fs';
import { runSync } from './spawn';

/**
 * What tells a process from any other that had or will have the same number: when it started, and on Linux since
 * which boot of the machine. Undefined where there is no such process, or only the remains of one (a zombie).
 *
 * Synchronous on purpose: between starting a daemon and writing down who it is nothing else may run.
 */
export function processIdentity(pid: number): string | undefined {
  return process.platform === 'linux' ? linuxIdentity(pid) : psIdentity(pid);
}

function linuxIdentity(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // proc_pid_stat(5): the second field is the program's name in brackets and may hold spaces and brackets itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields[0], fields[19]];
  if (startTime === undefined || state === 'Z' || state === 'X') return undefined;
  return `${bootId()}/${startTime}`;
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown-boot';
  }
}

function psIdentity(pid: number): string | undefined {
  const line = runSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)])?.trim();
  if (!line) return undefined;
  const [state = '', ...startTime] = line.split(/\s+/);
  return state.startsWith('Z') ? undefined : startTime.join(' ');
}
