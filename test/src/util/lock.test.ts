import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestbedError } from '../../../lib/errors';
import { processIdentity } from '../../../src/process/identity';
import { withLock } from '../../../src/util/lock';
import { tempDir } from '../temp-dir';

/** A process number that is somebody's, with a start time that is not his. */
const REUSED = `${process.pid}@an-earlier-boot/1`;

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

  it('takes over the lock of a process that died, also where its number came round again', async (t) => {
    const lock = join(tempDir(t), 'lock');
    for (const left of [REUSED, `${2 ** 22 + 1}@gone`, 'nobody']) {
      symlinkSync(left, lock);
      assert.equal(await withLock(lock, () => Promise.resolve('taken'), { waitMs: 0 }), 'taken');
    }
    writeFileSync(lock, 'something else');
    assert.equal(await withLock(lock, () => Promise.resolve('taken'), { waitMs: 0 }), 'taken');
  });

  it('names the holder when waiting takes too long', async (t) => {
    const lock = join(tempDir(t), 'lock');
    symlinkSync(`${process.ppid}@${processIdentity(process.ppid)}`, lock);
    const waitedFor: number[] = [];
    const attempt = withLock(lock, () => assert.fail('it ran'), { waitMs: 250, onWait: (pid) => waitedFor.push(pid) });
    await assert.rejects(attempt, (error: TestbedError) => {
      assert.equal(error.code, 'timeout');
      assert.ok(error.message.includes(`process ${process.ppid}`), error.message);
      return true;
    });
    assert.deepEqual(waitedFor, [process.ppid]);
    assert.ok(readlinkSync(lock));
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

  it('lets one process in at a time, when six start at once on the lock of a dead one', async (t) => {
    const dir = tempDir(t);
    symlinkSync(REUSED, join(dir, 'lock'));
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
