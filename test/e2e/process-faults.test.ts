/** Processes that are killed, stopped or started by commands that are killed; locks; damaged data; odd folders. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { startLocalCluster, stopLocalCluster } from '../../src/cluster/local/local-cluster';
import { stopSimulators } from '../../src/simulators/process-folders';
import { until } from '../../src/util/until';
import { lockContended } from '../faults/scenarios/lock';
import { starterKilled } from '../faults/scenarios/starter-killed';
import { fakeOperator } from '../src/programs/fake-program';
import { atEnd, tempDir } from '../support/temp-dir';
import { cli, root, type CliResult } from '../support/cli';

describe('the short forms of `npm run test:faults`', { timeout: 600_000 }, () => {
  const scenario = (name: string, run: () => Promise<string>) => {
    it(name, async (t) => t.diagnostic(await run()));
  };
  scenario('a lock has one holder, whoever dies in it', () => lockContended(10));
  // Between them they are killed at each position.
  scenario('etcd is found again', () => starterKilled('etcd', 2, 2));
  scenario('kube-apiserver is found again', () => starterKilled('kube-apiserver', 2, 5));
  scenario('kube-controller-manager is found again', () => starterKilled('kube-controller-manager', 2, 4));
  scenario('kwok is found again', () => starterKilled('kwok', 2, 1));
  scenario('the operator is found again', () => starterKilled('operator', 2, 3));
  scenario('a manager of Cluster API is found again', () => starterKilled('manager', 2, 2));
});

function succeeds(result: CliResult): CliResult {
  assert.equal(result.code, 0, result.stdout + result.stderr);
  return result;
}

/** A command that goes on while the test does something. */
function begin(args: readonly string[]) {
  const child: ChildProcess = spawn(process.execPath, [join(root, 'build', 'src', 'cli', 'main.js'), ...args]);
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return {
    child,
    ended,
    stderr: () => stderr,
    /** @returns after how many milliseconds it said so */
    async says(pattern: RegExp, deadlineMs: number): Promise<number> {
      const start = performance.now();
      const said = await until(() => pattern.test(stderr), { deadlineMs, everyMs: 20 });
      assert.ok(said, `it has not said ${String(pattern)} within ${deadlineMs} ms, but:\n${stderr}`);
      return performance.now() - start;
    },
  };
}

describe('a testbed of which a process', { timeout: 300_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-faults-'));
  const state = join(dir, 'state');
  const at = ['--state-dir', state];
  const pidFiles: Readonly<Record<string, string>> = {
    kwok: join(state, 'simulators', '1', 'simulator.pid'),
    'the watch of credentials': join(state, 'simulators', '1', 'credentials.pid'),
    etcd: join(state, 'run', 'etcd.pid'),
    'kube-apiserver': join(state, 'run', 'kube-apiserver.pid'),
    'kube-controller-manager': join(state, 'run', 'kube-controller-manager.pid'),
  };
  const pidOf = (name: string) => (JSON.parse(readFileSync(pidFiles[name] ?? '', 'utf8')) as { pid: number }).pid;
  const waiting = async () => {
    const wait = begin(['wait', '--for', 'provisioned', '--timeout', '60', ...at]);
    await wait.says(/waiting until they are provisioned/, 20_000);
    return wait;
  };
  before(async () => {
    succeeds(await cli(['up', '--hosts', '2', '--simulator', 'kwok', ...at]));
  });
  after(async () => {
    await cli(['down', '--delete', ...at]);
    rmSync(dir, { recursive: true, force: true });
  });

  for (const name of Object.keys(pidFiles)) {
    it(`one that stands still is named by status and wait: ${name}`, async () => {
      const pid = pidOf(name);
      const still = new RegExp(`${name} \\(process ${pid}\\) is stopped by a signal.*kill -CONT ${pid}`);
      const wait = await waiting();
      process.kill(pid, 'SIGSTOP');
      try {
        await wait.says(still, 10_000);
        const start = performance.now();
        const { stderr, code } = await cli(['status', ...at]);
        assert.match(stderr, still);
        assert.equal(code, ['etcd', 'kube-apiserver'].includes(name) ? 3 : 0);
        assert.ok(performance.now() - start < 10_000, 'status took long');
      } finally {
        process.kill(pid, 'SIGCONT');
        wait.child.kill('SIGKILL');
        await wait.ended;
      }
    });
  }

  it('stands still is part of the error of a wait that timed out', async () => {
    const pid = pidOf('kwok');
    process.kill(pid, 'SIGSTOP');
    try {
      const { code, stderr } = await cli(['wait', '--for', 'provisioned', '--timeout', '3', ...at]);
      assert.equal(code, 4);
      assert.match(stderr, /error: [^]*kwok \(process \d+\) is stopped by a signal/);
      const { stdout } = await cli(['status', '--json', ...at]);
      const { problems } = JSON.parse(stdout) as { problems: string[] };
      assert.match(
        problems.join(),
        /^the hosts do not change: kwok \(process \d+\) is stopped by a signal .*'kill -CONT \d+'$/,
      );
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  for (const name of Object.keys(pidFiles)) {
    it(`is killed during a wait has it back: ${name}`, async () => {
      const wait = await waiting();
      const pid = pidOf(name);
      process.kill(pid, 'SIGKILL');
      try {
        await wait.says(new RegExp(`${name} has ended.* and was started again; the end of its log`), 30_000);
        assert.notEqual(pidOf(name), pid);
      } finally {
        wait.child.kill('SIGKILL');
        await wait.ended;
      }
      assert.equal(succeeds(await cli(['status', ...at])).stderr, '');
    });
  }

  it('was stopped on purpose is left so by a wait', async () => {
    const wait = await waiting();
    assert.equal(await stopSimulators(state), true);
    await wait.says(/kwok does not run/, 10_000);
    assert.equal(existsSync(pidFiles['kwok'] ?? ''), false);
    wait.child.kill('SIGKILL');
    await wait.ended;
    succeeds(await cli(['up', '--hosts', '2', '--simulator', 'kwok', ...at]));
  });
});

describe('a simulator that ends again and again', { timeout: 120_000 }, () => {
  it('ends up at once, with what it said last, and without the credentials that it printed', async (t) => {
    const dir = tempDir(t);
    const state = join(dir, 'state');
    atEnd(t, () => cli(['down', '--delete', '--state-dir', state]));
    const script = join(dir, 'operator.js');
    const operator = fakeOperator(join(dir, 'operator'), 'v0.13', `exec ${process.execPath} ${script} "$@"`);
    writeFileSync(
      script,
      `const address = process.argv.find((arg) => arg.startsWith('--health-addr='));
const [host, port] = address.slice('--health-addr='.length).split(':');
require('node:http').createServer((request, response) => {
  response.end('ok');
  setTimeout(() => { console.error('password=hunter2 fatal: the bus has left'); process.exit(7); }, 1_500);
}).listen(Number(port), host);
`,
    );
    const start = performance.now();
    const { code, stderr } = await cli(['up', '--hosts', '1', '--bmo-binary', operator, '--state-dir', state]);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /warning: simulator: bmo has ended \(exit code 7\) and was started again/);
    assert.match(stderr, /error: bmo has ended.* again after a restart[^]*fatal: the bus has left/);
    assert.doesNotMatch(stderr, /hunter2/);
    assert.ok(performance.now() - start < 60_000, 'it waited for hosts that nobody takes care of');
  });
});

/** Writes over a part of a file. */
function overwrite(file: string, position: number, content: Buffer): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, content, 0, content.length, position);
  closeSync(descriptor);
}

describe('data of etcd', { timeout: 300_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-damage-'));
  const whole = join(dir, 'whole');
  let log = '';
  before(async () => {
    await startLocalCluster({ stateDir: whole });
    await stopLocalCluster(whole);
    log = readdirSync(join(whole, 'etcd', 'member', 'wal')).find((name) => name.endsWith('.wal')) ?? '';
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  const damages: Readonly<Record<string, readonly [file: string, damage: (member: string) => void]>> = {
    'whose log is missing': ['wal', (member) => rmSync(join(member, 'wal'), { recursive: true })],
    'whose log is empty': ['wal', (member) => truncateSync(join(member, 'wal', log), 0)],
    'whose log was cut off': ['wal', (member) => truncateSync(join(member, 'wal', log), 100_000)],
    'whose log was overwritten': [
      'wal',
      (member) => overwrite(join(member, 'wal', log), 60_000, Buffer.alloc(9_000, 7)),
    ],
    'whose database was cut off': ['snap/db', (member) => truncateSync(join(member, 'snap', 'db'), 100_000)],
    'whose database was overwritten': [
      'snap/db',
      (member) => overwrite(join(member, 'snap', 'db'), 0, Buffer.alloc(200_000, 7)),
    ],
    'whose database has holes': [
      'snap/db',
      (member) => overwrite(join(member, 'snap', 'db'), 12_288, Buffer.alloc(400_000)),
    ],
  };
  for (const [what, [file, damage]] of Object.entries(damages)) {
    it(`${what} is named, with what to do, and kept`, async (t: TestContext) => {
      const state = join(dir, 'damaged');
      atEnd(t, () => rmSync(state, { recursive: true }));
      cpSync(whole, state, { recursive: true });
      damage(join(state, 'etcd', 'member'));
      const message = await startLocalCluster({ stateDir: state }).then(
        async () => {
          await stopLocalCluster(state);
          return assert.fail('it started');
        },
        (error: Error) => error.message,
      );
      const [sentence = ''] = message.split('\n');
      assert.match(sentence, new RegExp(`etcd cannot start from its data: \\S+/member/${file}\\S* is damaged`));
      assert.match(
        sentence,
        /restore the folder .* from a copy, or delete the testbed with 'metal3-testbed down --delete'/,
      );
      assert.doesNotMatch(sentence, /kube-apiserver/);
      assert.ok(existsSync(join(state, 'etcd', 'member')));
    });
  }
});

describe('a state folder', { timeout: 200_000 }, () => {
  const names = {
    'with a comma, quotes, a line break and more in its name': `a,b"c'd e\nü%41$HOME:;=&#[1]*?\\`,
    'with a name of 200 characters': 'x'.repeat(200),
  };
  for (const [what, name] of Object.entries(names)) {
    it(`${what} holds a testbed`, async (t) => {
      const state = join(tempDir(t), name);
      mkdirSync(state);
      rmSync(state, { recursive: true });
      atEnd(t, () => cli(['down', '--delete', '--state-dir', state]));
      const { stdout } = succeeds(await cli(['up', '--hosts', '2', '--simulator', 'kwok', '--state-dir', state]));
      assert.match(stdout, /2 hosts: 2 available/);
      assert.equal(succeeds(await cli(['status', '--state-dir', state])).stderr, '');
      succeeds(await cli(['down', '--delete', '--state-dir', state]));
      assert.equal(existsSync(state), false);
    });
  }
});
