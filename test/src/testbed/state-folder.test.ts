import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { TestbedError } from '../../../lib/errors';
import { recordedCluster } from '../../../src/apply/recorded-cluster';
import { down } from '../../../src/testbed/down';
import { readState } from '../../../src/testbed/state';
import { checkStateFolder, claimStateFolder, isTestbedFolder, testbedId } from '../../../src/testbed/state-folder';
import { cli } from '../../support/cli';
import { tempDir } from '../../support/temp-dir';

const STATE = { cluster: 'existing', kubeconfig: '/nowhere/kubeconfig', simulator: 'kwok' };

function refused(work: () => unknown, code: TestbedError['code'], message: RegExp): void {
  assert.throws(work, (error: unknown) => {
    assert.ok(error instanceof TestbedError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  });
}

/** Every path below a folder, links not followed. */
const tree = (dir: string) => (readdirSync(dir, { recursive: true }) as string[]).sort();

describe('the folder of a testbed', () => {
  it('is marked before anything else is written, and keeps its mark', (t) => {
    const dir = join(tempDir(t), 'a', 'b');
    assert.equal(isTestbedFolder(dir), false);
    const id = claimStateFolder(dir);
    assert.match(id, /^[0-9a-f]{8}$/);
    assert.deepEqual(readdirSync(dir), ['.metal3-testbed']);
    assert.equal(statSync(dir).mode & 0o777, 0o700);
    writeFileSync(join(dir, 'anything'), '');
    assert.equal(claimStateFolder(dir), id);
    assert.notEqual(claimStateFolder(join(tempDir(t), 'other')), id);
  });

  it('is not a folder in which something else is', (t) => {
    for (const [name, content] of [
      ['simulators/src/a.c', 'precious'],
      ['etcd/member/snap/db', 'precious'],
      ['run/notes.txt', 'precious'],
      ['.git/HEAD', 'ref: refs/heads/main'],
      ['cluster.json', '{"kind":"something else"}'],
      ['kubeconfig', 'precious'],
    ] as const) {
      const dir = tempDir(t);
      mkdirSync(join(dir, name, '..'), { recursive: true });
      writeFileSync(join(dir, name), content);
      const message = /is not empty and holds no testbed \(.*\): name an empty or a new folder with --state-dir/;
      refused(() => claimStateFolder(dir), 'invalid-input', message);
      assert.equal(existsSync(join(dir, '.metal3-testbed')), false);
    }
  });

  it('is one of an earlier version, and one in which a start has failed or several testbeds are', (t) => {
    for (const [name, content] of [
      ['testbed.json', JSON.stringify(STATE)],
      ['cluster.json', '{"kind":"local","ports":{"apiServer":6443,"etcd":2379,"etcdPeer":2380}}'],
      ['cluster.json', '{"kind":"kind","name":"lab","engine":"docker","phase":"creating","config":""}'],
      ['inventory.json', '{"objects":[],"hostNamespaces":[]}'],
      ['apply-sets.json', '{}'],
      ['run/etcd.log', ''],
      ['lost+found/x', ''],
      ['report.json', '{}'],
      ['one/.metal3-testbed', '{"id":"0123abcd"}'],
    ] as const) {
      const dir = tempDir(t);
      mkdirSync(join(dir, name, '..'), { recursive: true });
      writeFileSync(join(dir, name), content);
      if (name === 'lost+found/x') rmSync(join(dir, name));
      assert.match(claimStateFolder(dir), /^[0-9a-f]{8}$/, name);
    }
  });

  it('cannot be a file, a link to nothing, a path that is too long, or one where no folder can be made', (t) => {
    const dir = tempDir(t);
    writeFileSync(join(dir, 'file'), '');
    symlinkSync(join(dir, 'nowhere'), join(dir, 'link'));
    refused(() => claimStateFolder(join(dir, 'file')), 'invalid-input', /is a file: name a folder/);
    refused(() => claimStateFolder(join(dir, 'file', 'x')), 'invalid-input', /is a file/);
    refused(() => claimStateFolder(join(dir, 'link')), 'invalid-input', /is a dangling link/);
    refused(() => claimStateFolder(join(dir, 'link', 'x')), 'invalid-input', /is a dangling link/);
    refused(
      () => claimStateFolder(join(dir, 'x'.repeat(300))),
      'invalid-input',
      /its path is too long \(ENAMETOOLONG\)/,
    );
    refused(() => claimStateFolder(`/tmp/${'y/'.repeat(3000)}`), 'invalid-input', /too long/);
    // Node.js makes folders there for ever. Some kernels say that it may not be written, others that it is not there.
    if (existsSync('/proc/1'))
      assert.throws(
        () => claimStateFolder('/proc/1/x/y'),
        /state folder \/proc\/1\/x\/y cannot be (had|read and written)/,
      );
    assert.deepEqual(readdirSync(dir).sort(), ['file', 'link']);
  });

  it('has a damaged file named, whatever is in it', (t) => {
    for (const content of ['null', '{}', '[]', '"x"', '7', '', '{"cluster":"moon"}', '{"cluster":"local"', '\u0000']) {
      const dir = tempDir(t);
      for (const name of ['testbed.json', '.metal3-testbed', 'apply-sets.json']) {
        const file = join(dir, name);
        writeFileSync(file, content);
        const read = {
          'testbed.json': () => readState(dir),
          '.metal3-testbed': () => testbedId(dir),
          'apply-sets.json': () => recordedCluster(dir, 'x'),
        }[name];
        if (!(name === 'apply-sets.json' && content === '{}'))
          refused(read ?? (() => undefined), 'environment', /is damaged: delete it and run 'metal3-testbed up' again/);
        rmSync(file);
      }
    }
  });

  it('has no file read that is a pipe or never ends', (t) => {
    const dir = tempDir(t);
    symlinkSync('/dev/zero', join(dir, 'testbed.json'));
    refused(() => readState(dir), 'environment', /is damaged/);
    refused(() => checkStateFolder(dir), 'environment', /is damaged/);
  });
});

describe('down in a folder', () => {
  it('touches nothing where up has not been', async (t) => {
    const dir = tempDir(t);
    for (const path of ['simulators/src', 'simulators/1', 'etcd/member', 'run', 'pki']) {
      mkdirSync(join(dir, path), { recursive: true });
      writeFileSync(join(dir, path, 'a.c'), 'precious');
    }
    for (const name of ['kubeconfig', 'cluster.json', 'lock', 'kind.yaml', 'run/etcd.log', 'pki/ca.crt'])
      writeFileSync(join(dir, name), 'precious');
    const before = tree(dir);
    for (const options of [{}, { delete: true }]) assert.equal(await down(dir, options), 'nothing');
    assert.deepEqual(tree(dir), before);
  });

  it('deletes what a testbed has there, and keeps what somebody else has put beside it', async (t) => {
    const dir = join(tempDir(t), 'state');
    claimStateFolder(dir);
    const own = ['simulators/1/simulator.log', 'simulators/1/kwok-stages.yaml', 'etcd/member/snap/db', 'pki/ca.key'];
    const theirs = ['notes.txt', 'simulators/src/a.c', 'simulators/1/notes.txt', 'run/notes.txt', 'etcd/notes.txt'];
    for (const path of [...own, ...theirs, 'run/etcd.log', 'kubeconfig']) {
      mkdirSync(join(dir, path, '..'), { recursive: true });
      writeFileSync(join(dir, path), '');
    }
    writeFileSync(join(dir, 'cluster.json'), '{"kind":"local","ports":{"apiServer":1,"etcd":2,"etcdPeer":3}}');
    const warnings: string[] = [];
    const listener = (event: { type: string; detail?: string }) =>
      void (event.type === 'warning' && warnings.push(event.detail ?? ''));
    assert.equal(await down(dir, { delete: true, listener }), 'deleted');
    assert.deepEqual(
      tree(dir).filter((path) => !statSync(join(dir, path)).isDirectory()),
      theirs.sort(),
    );
    assert.match(warnings.join(), /was kept, since it holds other files: etcd, notes\.txt, run, …/);
    assert.equal(await down(dir, { delete: true }), 'nothing');
  });

  it('deletes through a link, and leaves the link and its folder', async (t) => {
    const dir = tempDir(t);
    mkdirSync(join(dir, 'target'));
    symlinkSync(join(dir, 'target'), join(dir, 'link'));
    claimStateFolder(join(dir, 'link'));
    assert.equal(await down(join(dir, 'link'), { delete: true }), 'deleted');
    assert.deepEqual(readdirSync(join(dir, 'target')), []);
    claimStateFolder(join(dir, 'link'));
  });
});

describe('the commands, with a state folder that cannot be one', { concurrency: 2 }, () => {
  const failing = async (args: readonly string[], code: number, message: RegExp, env: Record<string, string> = {}) => {
    const result = await cli(args, { env });
    assert.equal(result.code, code, result.stderr);
    assert.match(result.stderr, message);
    assert.doesNotMatch(result.stderr, /^\s+at /m);
    assert.equal(result.stderr.trim().split('\n').length, 1, result.stderr);
  };

  it('refuse an empty one', async () => {
    for (const command of [['up'], ['down', '--delete'], ['status'], ['wait', '--for', 'available'], ['run']])
      await failing([...command, '--state-dir', ''], 2, /^error: --state-dir is empty: name a folder/);
    await failing(['down'], 2, /METAL3_TESTBED_STATE_DIR is set and empty/, { METAL3_TESTBED_STATE_DIR: '' });
    // Where no testbed is used, it is nobody's business.
    assert.equal((await cli(['generate', '--count', '1'], { env: { METAL3_TESTBED_STATE_DIR: '' } })).code, 0);
  });

  it('say in one sentence what is wrong with it', async (t) => {
    const dir = tempDir(t);
    symlinkSync('/nowhere', join(dir, 'link'));
    mkdirSync(join(dir, 'damaged'));
    writeFileSync(join(dir, 'damaged', 'testbed.json'), 'null');
    const up = ['up', '--simulator', 'kwok', '--state-dir'];
    await failing([...up, join(dir, 'x'.repeat(300))], 2, /its path is too long/);
    await failing([...up, join(dir, 'link')], 2, /is a dangling link/);
    for (const command of ['status', 'down'])
      await failing([command, '--state-dir', join(dir, 'damaged')], 3, /testbed\.json is damaged/);
    await failing(['status', '--state-dir', join(dir, 'x'.repeat(300))], 3, /there is no testbed in/);
  });

  it('say that a folder was moved, or has lost its kubeconfig', async (t) => {
    const dir = tempDir(t);
    const [before, after] = [join(dir, 'before'), join(dir, 'after')];
    claimStateFolder(before);
    writeFileSync(join(before, 'testbed.json'), JSON.stringify({ ...STATE, kubeconfig: join(before, 'kubeconfig') }));
    const gone = /the kubeconfig of the testbed in .* is gone .*run 'metal3-testbed up' again/;
    for (const command of ['status', 'down']) await failing([command, '--state-dir', before], 3, gone);
    renameSync(before, after);
    await failing(['status', '--state-dir', after], 3, gone);
    mkdirSync(before);
    writeFileSync(join(before, 'kubeconfig'), '');
    const other = /the kubeconfig of the testbed in .* is of another folder/;
    for (const command of ['status', 'down']) await failing([command, '--state-dir', after], 3, other);
    assert.equal(readFileSync(join(after, 'testbed.json'), 'utf8').includes('existing'), true);
  });
});
