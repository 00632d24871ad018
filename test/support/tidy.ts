/**
 * What a test has started in a folder ends with it, however it ends: also killed, by a deadline say, when nothing of its own
 * runs any more. Without that, servers of nobody go on until somebody finds them.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../src/util/until';

/**
 * Has a process of its own wait for this one to end, which then ends what still runs for the folder, and removes it.
 *
 * @param dir full path of a folder of this test alone
 */
export function tidyAtExit(dir: string): void {
  const child = spawn(process.execPath, [__filename, dir], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.unref();
  // Neither does the pipe, which closes with this process, keep it from ending.
  (child.stdin as unknown as { unref(): void }).unref();
}

/** Processes that have a folder in what they were called with, or are in it; none where the system does not tell. */
function processesFor(dir: string): readonly number[] {
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    return pid > 0 && pid !== process.pid && isFor(dir, join('/proc', name)) ? [pid] : [];
  });
}

function isFor(dir: string, about: string): boolean {
  const read = [
    () => readlinkSync(join(about, 'cwd')),
    () => readFileSync(join(about, 'cmdline'), 'utf8'),
    // What Pulumi starts knows the folder as its home.
    () => readFileSync(join(about, 'environ'), 'utf8'),
  ];
  return read.some((text) => {
    try {
      return text().includes(dir);
    } catch {
      // It has ended in between, or is somebody else's.
      return false;
    }
  });
}

/** Ends what runs, and what that starts meanwhile. */
async function tidy(dir: string): Promise<void> {
  // Most often the test has done it.
  if (!existsSync(dir)) return;
  await until(
    () => {
      const pids = processesFor(dir);
      for (const pid of pids) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It has ended by itself.
        }
      }
      return pids.length === 0;
    },
    { deadlineMs: 30_000 },
  );
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
}

if (require.main === module) {
  const [, , dir = ''] = process.argv;
  process.stdin.resume().once('end', () => void tidy(dir));
}
