import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { findDaemon, startDaemon, stopDaemon, tailOf } from '../../../src/process/daemon';
import { processIdentity } from '../../../src/process/identity';
import { until } from '../../../src/util/until';
import { atEnd, tempDir } from '../temp-dir';

/** Starts a shell script as a daemon, and waits for a line in its log that says it is at work. */
async function shell(t: TestContext, dir: string, body: string) {
  const daemon = await startDaemon({ name: 'sleeper', dir, file: '/bin/sh', args: ['-c', `${body}`] });
  atEnd(t, () => stopDaemon(dir, 'sleeper', { graceMs: 0 }));
  await until(async () => (await tailOf(daemon.logFile)).includes('at work'), { deadlineMs: 5_000, everyMs: 10 });
  return daemon;
}

describe('a daemon', () => {
  it('is found again by its pid file, and stops on SIGTERM', async (t) => {
    const dir = tempDir(t);
    const daemon = await shell(t, dir, 'echo at work; exec tail -f /dev/null');
    assert.equal(findDaemon(dir, 'sleeper')?.pid, daemon.pid);
    assert.equal(statSync(join(dir, 'sleeper.pid')).mode & 0o777, 0o600);
    assert.equal(statSync(daemon.logFile).mode & 0o777, 0o600);
    assert.equal(await stopDaemon(dir, 'sleeper'), true);
    assert.equal(daemon.isAlive(), false);
    assert.equal(findDaemon(dir, 'sleeper'), undefined);
    assert.deepEqual(readdirSync(dir), ['sleeper.log']);
    assert.equal(await stopDaemon(dir, 'sleeper'), false);
  });

  it('is killed where it does not heed SIGTERM', async (t) => {
    const dir = tempDir(t);
    const daemon = await shell(t, dir, 'trap "" TERM; echo at work; while :; do read -r _ < /dev/zero || :; done');
    await stopDaemon(dir, 'sleeper', { graceMs: 100 });
    assert.equal(daemon.isAlive(), false);
    assert.ok(await until(() => daemon.ending(), { deadlineMs: 5_000 }));
    assert.equal(daemon.ending(), 'signal SIGKILL');
  });

  it('is not taken for another process that got its number', (t) => {
    const dir = tempDir(t);
    for (const record of [
      JSON.stringify({ pid: process.ppid, identity: 'an-earlier-boot/1', file: '/bin/sh' }),
      JSON.stringify({ pid: 1 }),
      '{"pid": 12',
      '',
    ]) {
      writeFileSync(join(dir, 'sleeper.pid'), record);
      assert.equal(findDaemon(dir, 'sleeper'), undefined);
    }
  });

  it('does not kill another process that got its number', async (t) => {
    const dir = tempDir(t);
    writeFileSync(
      join(dir, 'sleeper.pid'),
      JSON.stringify({ pid: process.pid, identity: 'an-earlier-boot/1', file: '/bin/sh' }),
    );
    assert.equal(await stopDaemon(dir, 'sleeper'), false);
    assert.equal(existsSync(join(dir, 'sleeper.pid')), false);
  });

  it('cannot be started twice under one name', async (t) => {
    const dir = tempDir(t);
    const daemon = await shell(t, dir, 'echo at work; exec tail -f /dev/null');
    await assert.rejects(shell(t, dir, 'echo second'), new RegExp(`sleeper already runs \\(process ${daemon.pid}\\)`));
    assert.equal(daemon.isAlive(), true);
  });

  it('keeps the log of the run before', async (t) => {
    const dir = tempDir(t);
    await shell(t, dir, 'echo first run at work');
    await until(() => findDaemon(dir, 'sleeper') === undefined, { deadlineMs: 5_000, everyMs: 10 });
    const second = await shell(t, dir, 'echo second run at work');
    assert.equal(readFileSync(second.previousLogFile, 'utf8'), 'first run at work\n');
    assert.equal(readFileSync(second.logFile, 'utf8'), 'second run at work\n');
  });

  it('is told nothing of the environment that may hold a credential', async (t) => {
    process.env['METAL3_TESTBED_TEST_TOKEN'] = 'secret';
    atEnd(t, () => delete process.env['METAL3_TESTBED_TEST_TOKEN']);
    const daemon = await shell(t, tempDir(t), 'env; echo at work');
    const log = readFileSync(daemon.logFile, 'utf8');
    assert.match(log, /^PATH=/m);
    assert.doesNotMatch(log, /secret/);
  });

  it('says why it cannot be started, and leaves no pid file', async (t) => {
    const dir = tempDir(t);
    await assert.rejects(
      startDaemon({ name: 'none', dir, file: join(dir, 'missing') }),
      /cannot start .*missing: .*ENOENT/,
    );
    assert.equal(existsSync(join(dir, 'none.pid')), false);
  });
});

describe('processIdentity', () => {
  it('is the same each time it is asked for a process, and another for another process', () => {
    assert.equal(processIdentity(process.pid), processIdentity(process.pid));
    assert.notEqual(processIdentity(process.pid), processIdentity(process.ppid));
    assert.equal(processIdentity(2 ** 22 + 1), undefined);
  });
});

describe('tailOf', () => {
  it('gives the last lines of a log however long it is', async (t) => {
    const log = join(tempDir(t), 'log');
    writeFileSync(log, Array.from({ length: 100_000 }, (_, index) => `line ${index}`).join('\n') + '\n');
    assert.equal(await tailOf(log, 2), 'line 99998\nline 99999');
    assert.equal(await tailOf(`${log}.none`), '');
  });
});
