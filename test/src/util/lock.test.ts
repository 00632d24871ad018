import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { TestbedError } from '../../../lib/errors';
import { processIdentity } from '../../../src/process/identity';
import { withLock } from '../../../src/util/lock';
import { atEnd, tempDir } from '../../support/temp-dir';
import { tinyDisk, withoutTmpfs } from '../../support/tmpfs';

/** A program that takes a lock, says so, and holds it until it is ended. */
function programOf(lock: string, waitMs = 0, holdMs = 0): string {
  return `
    const { withLock } = require(${JSON.stringify(require.resolve('../../../src/util/lock'))});
    withLock(${JSON.stringify(lock)}, () => {
      process.stdout.write('inside\\n');
      return new Promise((resolve) => setTimeout(resolve, ${holdMs}));
    }, { waitMs: ${waitMs} });`;
}

async function holding(t: TestContext, lock: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', programOf(lock, 0, 60_000)], { stdio: ['ignore', 'pipe', 'inherit'] });
  atEnd(t, () => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

async function taken(lock: string): Promise<string> {
  return withLock(lock, () => Promise.resolve('taken'), { waitMs: 0 }).catch((error: TestbedError) => {
    assert.equal(error.code, 'timeout');
    return 'held';
  });
}

describe('withLock', () => {
  it('gives back what the action gives, and leaves no file', async (t) => {
    const dir = tempDir(t);
    assert.equal(await withLock(join(dir, 'lock'), () => Promise.resolve(7)), 7);
    await assert.rejects(
      withLock(join(dir, 'lock'), () => Promise.reject(new Error('no'))),
      /no/,
    );
    assert.deepEqual(readdirSync(dir), []);
  });

  it('is there again at the very moment at which its holder is killed', async (t) => {
    const lock = join(tempDir(t), 'lock');
    const holder = await holding(t, lock);
    assert.equal(await taken(lock), 'held');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    assert.equal(await taken(lock), 'taken');
  });

  it('takes no file for a lock that nobody holds, whatever it says', async (t) => {
    const lock = join(tempDir(t), 'lock');
    for (const left of [`${process.ppid}@${processIdentity(process.ppid)}`, 'something else']) {
      writeFileSync(lock, left);
      assert.equal(await taken(lock), 'taken');
    }
    // As versions before had it, whose target is not a path.
    symlinkSync(`${process.pid}@an-earlier-boot/1`, lock);
    assert.equal(await taken(lock), 'taken');
  });

  it('names the holder when waiting takes too long', async (t) => {
    const lock = join(tempDir(t), 'lock');
    const { pid } = await holding(t, lock);
    const waitedFor: number[] = [];
    const attempt = withLock(lock, () => assert.fail('it ran'), { waitMs: 250, onWait: (pid) => waitedFor.push(pid) });
    await assert.rejects(attempt, (error: TestbedError) => {
      assert.equal(error.code, 'timeout');
      assert.ok(error.message.includes(`process ${pid}`), error.message);
      return true;
    });
    assert.deepEqual(waitedFor, [pid]);
  });

  it('is held against a container that shares the folder and nothing else', { skip: withoutTmpfs }, async (t) => {
    const dir = tempDir(t);
    const [here, there] = [join(dir, 'here'), join(dir, 'there')];
    mkdirSync(here);
    mkdirSync(there);
    const attempt = (waitMs: number) =>
      spawnSync(
        'unshare',
        [
          ...['--mount', '--pid', '--net', '--fork', 'sh', '-c', 'mount --bind "$1" "$2" && exec "$3" -e "$4"', 'sh'],
          ...[here, there, process.execPath, programOf(join(there, 'lock'), waitMs)],
        ],
        { encoding: 'utf8' },
      );
    await withLock(join(here, 'lock'), () => {
      const refused = attempt(0);
      assert.match(refused.stderr, /still working here/, refused.stdout);
      return Promise.resolve();
    });
    assert.equal(attempt(5_000).stdout, 'inside\n');
  });

  it('can be taken on a full disk', { skip: withoutTmpfs }, async (t) => {
    const dir = tinyDisk(t, 1);
    assert.throws(() => writeFileSync(join(dir, 'ballast'), Buffer.alloc(2 * 1024 ** 2)), /ENOSPC/);
    await withLock(join(dir, 'lock'), async () => assert.equal(await taken(join(dir, 'lock')), 'held'));
  });

  it('stops waiting when it is aborted', async (t) => {
    const lock = join(tempDir(t), 'lock');
    const abort = new AbortController();
    await withLock(lock, async () => {
      const second = withLock(lock, () => assert.fail('it ran'), {
        signal: abort.signal,
        onWait: () => abort.abort(new Error('enough')),
      });
      await assert.rejects(second, /enough/);
    });
  });

  it('lets one process in at a time, when six start at once on what a dead one left', async (t) => {
    const dir = tempDir(t);
    writeFileSync(join(dir, 'lock'), `${process.pid}@an-earlier-boot/1`);
    writeFileSync(join(dir, 'count'), '0');
    // Each reads, lets others run, and writes: two at once would lose a count.
    const program = `
      const { withLock } = require(${JSON.stringify(require.resolve('../../../src/util/lock'))});
      const { readFileSync, writeFileSync } = require('node:fs');
      const count = ${JSON.stringify(join(dir, 'count'))};
      (async () => {
        for (let i = 0; i < 5; i++) await withLock(${JSON.stringify(join(dir, 'lock'))}, async () => {
          const before = Number(readFileSync(count, 'utf8'));
          await new Promise((resolve) => setTimeout(resolve, 2));
          writeFileSync(count, String(before + 1));
        });
      })();`;
    const children = Array.from({ length: 6 }, () => spawn(process.execPath, ['-e', program], { stdio: 'inherit' }));
    const codes = await Promise.all(children.map(async (child) => ((await once(child, 'exit')) as [number])[0]));
    assert.deepEqual(codes, [0, 0, 0, 0, 0, 0]);
    assert.equal(readFileSync(join(dir, 'count'), 'utf8'), '30');
    assert.deepEqual(readdirSync(dir), ['count']);
  });
});
