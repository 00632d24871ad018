import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { daemonStatus, findDaemon, startDaemon, stopDaemon } from '../../../src/process/daemon';
import { isStopped, processIdentity } from '../../../src/process/identity';
import { tailOf } from '../../../src/process/log-tail';
import { marksOfPs } from '../../../src/process/marker';
import { until } from '../../../src/util/until';
import { atEnd, tempDir } from '../../support/temp-dir';

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

describe('a daemon of which little is written', () => {
  const running = 'echo at work; exec tail -f /dev/null';

  it('is found by its mark where its starter was killed before it knew its number', async (t) => {
    const dir = tempDir(t);
    const { pid } = await shell(t, dir, running);
    const pidFile = join(dir, 'sleeper.pid');
    const { marker, file } = JSON.parse(readFileSync(pidFile, 'utf8')) as { marker: string; file: string };
    writeFileSync(pidFile, JSON.stringify({ marker, file }));
    writeFileSync(`${pidFile}.123.partial`, '{"mark');
    assert.equal(findDaemon(dir, 'sleeper')?.pid, pid);
    await assert.rejects(shell(t, dir, running), /already runs/);
    assert.equal(await stopDaemon(dir, 'sleeper'), true);
    assert.equal(processIdentity(pid), undefined);
    assert.deepEqual(readdirSync(dir), ['sleeper.log']);
  });

  it('is found by its folder where its pid file is gone or damaged', async (t) => {
    const dir = tempDir(t);
    const { pid } = await shell(t, dir, running);
    writeFileSync(join(dir, 'sleeper.pid'), '{"pid": 12');
    assert.equal(findDaemon(dir, 'sleeper')?.pid, pid);
    assert.equal(findDaemon(dir, 'another'), undefined);
    rmSync(join(dir, 'sleeper.pid'));
    assert.equal(findDaemon(dir, 'sleeper')?.pid, pid);
    assert.equal(await stopDaemon(dir, 'sleeper'), true);
    assert.equal(processIdentity(pid), undefined);
  });

  it('is found where its folder was deleted under it and made anew, and not by another folder that took its place', async (t) => {
    const dir = join(tempDir(t), 'run');
    const { pid } = await shell(t, dir, running);
    renameSync(dir, `${dir}-moved`);
    mkdirSync(dir);
    assert.equal(findDaemon(dir, 'sleeper'), undefined);
    assert.equal(findDaemon(`${dir}-moved`, 'sleeper')?.pid, pid);
    rmSync(dir, { recursive: true });
    renameSync(`${dir}-moved`, dir);
    rmSync(dir, { recursive: true });
    mkdirSync(dir);
    assert.equal(await stopDaemon(dir, 'sleeper'), true);
    assert.equal(processIdentity(pid), undefined);
  });

  it('ends with what it has started, also where it was killed itself before', async (t) => {
    const dir = tempDir(t);
    const daemon = await shell(t, dir, 'tail -f /dev/null & echo at work $!; wait');
    const child = Number(/at work (\d+)/.exec(readFileSync(daemon.logFile, 'utf8'))?.[1]);
    process.kill(daemon.pid, 'SIGKILL');
    assert.ok(await until(() => !daemon.isAlive(), { deadlineMs: 5_000, everyMs: 5 }));
    assert.notEqual(processIdentity(child), undefined);
    assert.equal(await stopDaemon(dir, 'sleeper'), true);
    assert.equal(processIdentity(child), undefined);
  });

  it('is found by ps as well, as where there is no /proc', async (t) => {
    const dir = tempDir(t);
    const { pid } = await shell(t, dir, running);
    const { marker } = JSON.parse(readFileSync(join(dir, 'sleeper.pid'), 'utf8')) as { marker: string };
    assert.deepEqual(
      marksOfPs().filter(([, value]) => value === marker),
      [[pid, marker]],
    );
  });

  it('ends at SIGTERM though it stands still', async (t) => {
    const dir = tempDir(t);
    const { pid } = await shell(t, dir, running);
    process.kill(pid, 'SIGSTOP');
    assert.ok(await until(() => isStopped(pid), { deadlineMs: 5_000 }));
    const start = performance.now();
    await stopDaemon(dir, 'sleeper');
    assert.ok(performance.now() - start < 5_000);
  });

  it('has ended where nobody stopped it, and not where somebody did', async (t) => {
    const dir = tempDir(t);
    assert.equal(daemonStatus(dir, 'sleeper').state, 'none');
    const daemon = await shell(t, dir, running);
    assert.equal(daemonStatus(dir, 'sleeper').state, 'running');
    process.kill(daemon.pid, 'SIGKILL');
    assert.ok(await until(() => daemon.ending(), { deadlineMs: 5_000, everyMs: 5 }));
    const { state, pid, ending } = daemonStatus(dir, 'sleeper');
    assert.deepEqual({ state, pid, ending }, { state: 'ended', pid: daemon.pid, ending: 'signal SIGKILL' });
    await stopDaemon(dir, 'sleeper');
    assert.equal(daemonStatus(dir, 'sleeper').state, 'none');
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

  it('leaves out credentials, and shows control characters', async (t) => {
    const log = join(tempDir(t), 'log');
    const key = '-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----';
    writeFileSync(
      log,
      `a\x1b[31mb\x1b[0m\x07\nAuthorization: Bearer abcdefgh.ijk\npassword=x1 token: "y2"\nhttps://me:z3@host/\n${key}\n${'w'.repeat(9_000)}`,
    );
    const tail = await tailOf(log);
    for (const secret of ['abcdefgh', 'x1', 'y2', 'z3', 'MIIEvQ', '\x1b', '\x07'])
      assert.ok(!tail.includes(secret), secret);
    assert.match(tail, /^ab\\x07\nAuthorization: Bearer \*\*\*$/m);
    assert.ok(tail.length < 1_000);
    assert.equal(await tailOf(log, 1), `${'w'.repeat(500)}…`);
  });
});
