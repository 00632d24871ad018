/**
 * A mark that a background process carries in its environment from its very first moment on, so that it is found again
 * whatever happens to those who started it, and to their files.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { runSync } from './spawn';

/** The variable that holds the mark. */
export const MARKER_VARIABLE = 'METAL3_TESTBED_DAEMON';

/** A mark of its own for one process: `<name>.<folder>.<random>`. No spaces, for `ps` puts them between variables. */
export function newMarker(dir: string, name: string): string {
  return `${placeOf(dir, name)}${randomBytes(12).toString('hex')}`;
}

/** The processes with this very mark, apart from this one: the program that was started, and what it started in its turn. */
export function processesMarked(marker: string): number[] {
  return marked().flatMap(([pid, value]) => (value === marker ? [pid] : []));
}

/**
 * The processes that were started under this name in this folder. That is how one is found of which nothing is written any
 * more: its folder was deleted under it, or its pid file.
 */
export function processesOf(dir: string, name: string): number[] {
  const place = placeOf(dir, name);
  return marked().flatMap(([pid, value]) => (value.startsWith(place) && worksIn(pid, dir) ? [pid] : []));
}

function placeOf(dir: string, name: string): string {
  return `${name}.${createHash('sha256').update(realPath(dir)).digest('hex').slice(0, 16)}.`;
}

function realPath(dir: string): string {
  try {
    return realpathSync(dir);
  } catch {
    return dir;
  }
}

/**
 * Whether that folder is the process's working folder. It is not where the folder was moved since and another is in its
 * place, nor in another container, where the same path is another folder.
 */
function worksIn(pid: number, dir: string): boolean {
  if (process.platform !== 'linux') return true;
  try {
    const isSameMount = readlinkSync(`/proc/${pid}/ns/mnt`) === readlinkSync('/proc/self/ns/mnt');
    const cwd = readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, '');
    return isSameMount && cwd === realPath(dir);
  } catch {
    return false;
  }
}

/** All processes with a mark whose environment we may see, which are those of this user. */
function marked(): (readonly [pid: number, marker: string])[] {
  const all = process.platform === 'linux' ? marksOfProc() : marksOfPs();
  return all.filter(([pid]) => pid !== process.pid);
}

function marksOfProc(): (readonly [number, string])[] {
  const prefix = `${MARKER_VARIABLE}=`;
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const variables = readFileSync(`/proc/${entry}/environ`, 'utf8').split('\0');
      const own = variables.find((variable) => variable.startsWith(prefix));
      return own === undefined ? [] : [[Number(entry), own.slice(prefix.length)] as const];
    } catch {
      // It has ended meanwhile, or is another user's.
      return [];
    }
  });
}

/** Where there is no /proc, on macOS. */
export function marksOfPs(): (readonly [number, string])[] {
  // With their environments: `E` on macOS, `e` elsewhere.
  const all = process.platform === 'darwin' ? ['-axwwE'] : ['axeww'];
  const lines = runSync('ps', [...all, '-o', 'pid=,command='])?.split('\n') ?? [];
  const pattern = new RegExp(`^\\s*(\\d+) .* ${MARKER_VARIABLE}=(\\S+)`);
  return lines.flatMap((line) => {
    const [, pid, marker] = pattern.exec(line) ?? [];
    return pid === undefined || marker === undefined ? [] : [[Number(pid), marker] as const];
  });
}
