/** Many processes at one lock, which die inside and are held up at the worst places. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROCESSES = 12;
/** How often each takes the lock, unless it dies before. */
const TURNS = 3;

/**
 * Takes the lock again and again. Each call by which the lock is made may nap before and after, and may be the last thing
 * that the process does; so may what is done inside. The stamps are of a clock that all processes share.
 */
const MEMBER = `
const fs = require('node:fs');
const processes = require('node:child_process');
const [lockModule, folder, log] = process.argv.slice(1);
const nap = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
const stamp = (what) => appendFileSync(log, what + ' ' + process.pid + ' ' + process.hrtime.bigint() + '\\n');
const { appendFileSync } = fs;
let isInside = false;
const trouble = () => {
  const luck = Math.random();
  if (luck < 0.15) nap(1 + Math.random() * 15);
  else if (luck < 0.165) {
    if (isInside) stamp('dies');
    process.kill(process.pid, 'SIGKILL');
    nap(10_000);
  }
};
for (const [module, names] of [
  [fs, ['openSync', 'closeSync', 'statSync', 'fstatSync', 'rmSync', 'ftruncateSync', 'writeSync', 'mkdirSync']],
  [processes, ['spawnSync']],
])
  for (const name of names) {
    const real = module[name];
    module[name] = (...args) => {
      trouble();
      const result = real(...args);
      trouble();
      return result;
    };
  }
const { withLock } = require(lockModule);
(async () => {
  for (let turn = 0; turn < ${TURNS}; turn++)
    await withLock(folder + '/lock', async () => {
      stamp('enters');
      isInside = true;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 6));
      if (Math.random() < 0.25) {
        stamp('dies');
        process.kill(process.pid, 'SIGKILL');
        nap(10_000);
      }
      isInside = false;
      stamp('leaves');
      // As 'down --delete' does, at the very end, while others wait.
      // Those may be putting their lock there at that moment, which makes it a folder that is not empty.
      try {
        if (Math.random() < 0.2) fs.rmSync(folder, { recursive: true, force: true });
      } catch (error) {
        if (error.code !== 'ENOTEMPTY') throw error;
      }
    });
})();`;

interface Stay {
  readonly pid: string;
  readonly from: bigint;
  readonly to: bigint;
}

/** @returns how many stays there were inside the lock, and that no two of a trial were at the same time */
export async function lockContended(trials: number): Promise<string> {
  let stays = 0;
  let deaths = 0;
  for (let trial = 0; trial < trials; trial++) {
    const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-lock-'));
    try {
      const log = join(dir, 'log');
      const args = ['-e', MEMBER, require.resolve('../../../src/util/lock'), join(dir, 'folder'), log];
      const children = Array.from({ length: PROCESSES }, () =>
        spawn(process.execPath, args, {
          stdio: ['ignore', 'ignore', 'inherit'],
          timeout: 60_000,
          killSignal: 'SIGABRT',
        }),
      );
      const ends = await Promise.all(children.map(async (child) => (await once(child, 'exit')) as [number, string]));
      for (const [code, signal] of ends)
        assert.ok(
          code === 0 || signal === 'SIGKILL',
          `a process ended with ${code ?? signal}: the lock hangs, or throws`,
        );
      const inside = staysOf(readFileSync(log, 'utf8'));
      for (const [i, stay] of inside.entries()) {
        const before = inside[i - 1];
        assert.ok(
          before === undefined || before.to <= stay.from,
          `trial ${trial}: ${before?.pid} and ${stay.pid} were inside at the same time`,
        );
      }
      stays += inside.length;
      deaths += ends.filter(([, signal]) => signal === 'SIGKILL').length;
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
  assert.ok(deaths > trials, 'processes died');
  return `${trials} trials of ${PROCESSES} processes: ${stays} stays in the lock, ${deaths} deaths, 0 overlaps`;
}

/** Who was inside from when to when, in the order in which they entered. */
function staysOf(log: string): Stay[] {
  const open = new Map<string, bigint>();
  const stays: Stay[] = [];
  for (const line of log.trimEnd().split('\n')) {
    const [what = '', pid = '', time = ''] = line.split(' ');
    if (what === 'enters') open.set(pid, BigInt(time));
    else {
      const from = open.get(pid);
      // Whoever dies on the way out has left already.
      if (from !== undefined) stays.push({ pid, from, to: BigInt(time) });
      open.delete(pid);
    }
  }
  assert.equal(open.size, 0, 'whoever entered left, or died');
  return stays.sort((a, b) => (a.from < b.from ? -1 : 1));
}
