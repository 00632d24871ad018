import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import type { TestbedError } from '../../../lib/errors';
import type { TestbedEvent } from '../../../src/util/events';
import { platform } from '../../../src/programs/cache';
import { CATALOG } from '../../../src/programs/catalog';
import { findProgram, lookForProgram } from '../../../src/programs/find';
import { tempDir } from '../../support/temp-dir';
import { rejects } from '../../support/rejects';
import { fakeOperator, fakeProgram, script } from './fake-program';

/** A machine with nothing but what the test puts on it; `/usr/bin` and `/bin` are for the scripts' own needs. */
function machine(t: TestContext) {
  const dir = tempDir(t);
  const at = (...parts: string[]) => join(dir, ...parts);
  const env = {
    HOME: dir,
    XDG_CACHE_HOME: at('cache'),
    PATH: [at('bin1'), at('bin2')].join(':'),
    // Nothing of a test is asked of anybody.
    METAL3_TESTBED_REGISTRIES: ['registry.k8s.io', 'gcr.io', 'quay.io'].map((each) => `${each}=127.0.0.1:1`).join(','),
  };
  return { at, env };
}

/** A port on which nothing listens. */
async function portThatRefuses(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('findProgram', () => {
  it('takes the file it is given ahead of everything else', async (t) => {
    const { at, env } = machine(t);
    fakeProgram(at('bin1/kube-apiserver'), 'v1.34.0');
    fakeProgram(at('variable'), 'v1.33.0');
    const file = fakeProgram(at('given'), 'v1.32.0');
    const found = await findProgram('kube-apiserver', {
      file,
      env: { ...env, METAL3_TESTBED_KUBE_APISERVER: at('variable') },
    });
    assert.deepEqual(found, {
      name: 'kube-apiserver',
      file,
      version: 'v1.32.0',
      source: 'given',
      image: undefined,
      tagged: undefined,
      why: 'given',
    });
  });

  it('takes the file that the variable names ahead of PATH', async (t) => {
    const { at, env } = machine(t);
    fakeProgram(at('bin1/etcd'), '3.6.1');
    const file = fakeProgram(at('variable'), '3.6.2');
    const found = await findProgram('etcd', { env: { ...env, METAL3_TESTBED_ETCD: file } });
    assert.deepEqual(found, {
      name: 'etcd',
      file,
      version: 'v3.6.2',
      source: 'environment variable',
      image: undefined,
      tagged: undefined,
      why: 'METAL3_TESTBED_ETCD',
    });
  });

  it('refuses a named file that will not do, instead of taking another', async (t) => {
    const { at, env } = machine(t);
    fakeProgram(at('bin1/kube-apiserver'), 'v1.34.0');
    const cases: [string, RegExp][] = [
      [at('nowhere'), /does not exist/],
      [fakeProgram(at('old'), 'v1.26.9'), /is version 1\.26\.9; 1\.27 or newer is needed/],
      [script(at('broken'), 'echo "cannot load libfoo" >&2; exit 127'), /cannot load libfoo/],
      [script(at('mute'), 'echo hello'), /printed no version: hello/],
    ];
    const notExecutable = fakeProgram(at('plain'), 'v1.34.0');
    chmodSync(notExecutable, 0o644);
    cases.push([notExecutable, /not executable/]);
    mkdirSync(at('folder'));
    cases.push([at('folder'), /is a folder, not a file/]);
    for (const [file, message] of cases) {
      await assert.rejects(findProgram('kube-apiserver', { file, env }), (error: TestbedError) => {
        assert.equal(error.code, 'invalid-input');
        assert.match(error.message, message);
        return true;
      });
    }
  });

  it('takes KUBEBUILDER_ASSETS ahead of PATH', async (t) => {
    const { at, env } = machine(t);
    fakeProgram(at('bin1/etcd'), '3.6.1');
    fakeProgram(at('assets/etcd'), '3.5.0');
    const found = await findProgram('etcd', { env: { ...env, KUBEBUILDER_ASSETS: at('assets') } });
    assert.equal(found.source, 'KUBEBUILDER_ASSETS');
    assert.equal(found.version, 'v3.5.0');
  });

  it('passes over programs on PATH that are too old or do not answer', async (t) => {
    const { at, env } = machine(t);
    fakeProgram(at('bin1/kube-apiserver'), 'v1.9.11');
    const good = fakeProgram(at('bin2/kube-apiserver'), 'v1.27.0');
    assert.equal((await findProgram('kube-apiserver', { env })).file, good);
    script(at('bin1/kube-apiserver'), 'exit 1');
    assert.equal((await findProgram('kube-apiserver', { env })).file, good);
  });

  it('falls back to what an earlier run put into the cache', async (t) => {
    const { at, env } = machine(t);
    const file = fakeProgram(at('cache/metal3-testbed', platform(), 'etcd-v3.6.16-go-build/etcd'), '3.6.16');
    const found = await findProgram('etcd', { env, fetch: false });
    assert.deepEqual(found, {
      name: 'etcd',
      file,
      version: 'v3.6.16',
      source: 'cache',
      image: undefined,
      tagged: undefined,
      why: 'cache; PATH: no etcd in it',
    });
  });

  it('tells which one it took', async (t) => {
    const { at, env } = machine(t);
    const file = fakeProgram(at('bin1/kwok'), 'v0.8.0');
    const events: TestbedEvent[] = [];
    await findProgram('kwok', { env, listener: (event) => events.push(event) });
    const untimed = events.map((event) => ({ ...event, seconds: 0 }));
    assert.deepEqual(untimed, [{ type: 'done', task: 'kwok', detail: `${file} v0.8.0 (PATH)`, seconds: 0 }]);
  });

  it('fails with everything it tried and how to mend it', async (t) => {
    const { at, env } = machine(t);
    const old = fakeProgram(at('bin1/etcd'), '3.4.9');
    const offline = { ...env, METAL3_TESTBED_DOWNLOADS: `http://127.0.0.1:${await portThatRefuses()}` };
    await assert.rejects(findProgram('etcd', { env: offline }), (error: TestbedError) => {
      assert.equal(error.code, 'environment');
      assert.ok(error.message.includes(`PATH: ${old} is version 3.4.9; 3.5 or newer is needed`), error.message);
      assert.match(error.message, /download: http:\/\/127\.0\.0\.1:\d+\/\S+ cannot be reached: .*ECONNREFUSED/);
      assert.match(
        error.message,
        /image: http:\/\/127\.0\.0\.1:1\/v2\/etcd-development\/\S+ cannot be had: .*ECONNREFUSED/,
      );
      assert.match(error.message, /go build: Go is not installed/);
      assert.match(error.message, /set METAL3_TESTBED_ETCD .* install Go/);
      return true;
    });
  });

  it('does not fetch a program that is only looked for', async (t) => {
    const { env } = machine(t);
    for (const name of ['kind', 'kubectl', 'baremetal-operator', 'kube-apiserver'] as const) {
      assert.deepEqual(await lookForProgram(name, { env, fetch: false }), { tried: [`PATH: no ${name} in it`] });
    }
  });

  it('knows the Bare Metal Operator by its flags, since it tells no version', async (t) => {
    const { at, env } = machine(t);
    const file = fakeOperator(at('bin2/baremetal-operator'), 'v0.13');
    const { flags, ...found } = await findProgram('baremetal-operator', { env });
    assert.deepEqual(found, {
      name: 'baremetal-operator',
      file,
      version: 'unknown',
      source: 'PATH',
      image: undefined,
      tagged: undefined,
      why: 'PATH',
    });
    assert.ok(flags?.has('test-mode') && !flags.has('provisioner'));
    script(at('bin1/baremetal-operator'), 'exit 0');
    assert.equal((await findProgram('baremetal-operator', { env })).file, file);
  });

  it('takes paths as relative to the current folder, wherever a daemon is started from', async (t) => {
    const { at, env } = machine(t);
    const here = process.cwd();
    t.after(() => process.chdir(here));
    mkdirSync(at('work'));
    process.chdir(at('work'));
    for (const dir of ['given', 'variable', 'assets', 'path']) fakeProgram(at('work', dir, 'etcd'), '3.6.1');
    fakeProgram(at('work', 'kwok'), 'v0.8.0');
    const fileOf = async (options: Parameters<typeof findProgram>[1]) =>
      (await findProgram('etcd', { ...options, fetch: false, env: { ...env, ...options?.env } })).file;
    assert.equal(await fileOf({ file: './given/etcd' }), at('work/given/etcd'));
    assert.equal(await fileOf({ file: 'given/../given/etcd' }), at('work/given/etcd'));
    assert.equal(await fileOf({ env: { METAL3_TESTBED_ETCD: 'variable/etcd' } }), at('work/variable/etcd'));
    assert.equal(await fileOf({ env: { KUBEBUILDER_ASSETS: 'assets' } }), at('work/assets/etcd'));
    assert.equal(await fileOf({ env: { PATH: './path:/usr/bin' } }), at('work/path/etcd'));
    const empty = await findProgram('kwok', { env: { ...env, PATH: '/nowhere:' }, fetch: false });
    assert.equal(empty.file, at('work/kwok'));
  });

  it('refuses what is not a program without running it, and says what it is', async (t) => {
    const { at, env } = machine(t);
    const file = (name: string, content: string | Buffer, mode = 0o755) => {
      writeFileSync(at(name), content, { mode });
      return at(name);
    };
    // A shell would run this line by line.
    const text = `touch ${at('it-ran')}\n`;
    const elf = (machine: number) => {
      const head = Buffer.alloc(64);
      head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
      head.writeUInt16LE(machine, 18);
      return head;
    };
    const here = { x64: 62, arm64: 183 }[process.arch as string];
    const dynamic = (loader: string) => {
      const head = Buffer.concat([elf(here ?? 62), Buffer.alloc(56 * 2), Buffer.from(`${loader}\0`)]);
      head.writeBigUInt64LE(64n, 32);
      head.writeUInt16LE(56, 54);
      head.writeUInt16LE(2, 56);
      head.writeUInt32LE(3, 64 + 56);
      head.writeBigUInt64LE(BigInt(64 + 56 * 2), 64 + 56 + 8);
      return head;
    };
    const [otherMachine, otherArch] = process.arch === 's390x' ? [62, 'x64'] : [22, 's390x'];
    const cases: readonly (readonly [string, RegExp])[] = [
      [file('empty', ''), /empty is empty$/],
      [file('text', text), /is not a program: neither a binary, nor a script that begins with #!$/],
      [file('text-not-executable', text, 0o644), /is not a program: neither/],
      [
        file('orphan', `#!${at('no-interpreter')} -x\n${text}`),
        /is a script for .*no-interpreter, which does not exist$/,
      ],
      [file('bare', '#!\n'), /is a script without an interpreter/],
      [file('cut', elf(62).subarray(0, 10)), /is cut off/],
      [file('other', elf(otherMachine)), new RegExp(`is built for ${otherArch}, and this machine is ${process.arch}`)],
      ...(here === undefined || process.platform !== 'linux'
        ? []
        : [
            [
              file('dynamic', dynamic('/lib/ld-nowhere.so')),
              /dynamic needs \/lib\/ld-nowhere\.so, which is not here: take a build that is linked statically$/,
            ] as const,
          ]),
      [file('windows.exe', 'MZ\u0000\u0000'), /is a program for Windows, and this is/],
      [at('.'), /is a folder, not a file: name the program in it$/],
      ['/dev/null', /is not a file$/],
    ];
    for (const name of ['etcd', 'kube-apiserver', 'kwok', 'baremetal-operator', 'kind'] as const)
      for (const [path, message] of cases)
        await rejects(findProgram(name, { file: path, env }), message, 'invalid-input');
    assert.ok(!existsSync(at('it-ran')));
  });

  it('refuses another program, however it answers', async (t) => {
    const { at, env } = machine(t);
    const others = [
      script(at('silent'), 'exit 0'),
      script(at('other'), 'echo other v24.1.0'),
      script(at('endless'), 'yes'),
      script(at('one-line'), 'cat /dev/zero'),
      script(at('failing'), 'echo "unknown option: $1" >&2; exit 2'),
    ];
    for (const name of ['etcd', 'kube-apiserver', 'kwok', 'baremetal-operator', 'kind', 'kubectl'] as const)
      for (const file of others) await rejects(findProgram(name, { file, env }), /cannot be used: /, 'invalid-input');
    await rejects(
      findProgram('baremetal-operator', { file: others[1]!, env }),
      /other is not the program baremetal-operator: asked for its flags by -h, it says 'other v24\.1\.0'$/,
      'invalid-input',
    );
    await rejects(
      findProgram('etcd', { file: others[1]!, env }),
      /other is not etcd: its --version says/,
      'invalid-input',
    );
  });

  it('does not wait for what a program leaves running behind it', async (t) => {
    const { at, env } = machine(t);
    const file = script(at('etcd'), `sleep 300 & echo $! > ${at('pid')}; echo etcd 3.6.1`);
    const found = await findProgram('etcd', { file, env });
    process.kill(Number(readFileSync(at('pid'), 'utf8')));
    assert.equal(found.version, 'v3.6.1');
  });
});

describe('the catalog', () => {
  it('pins every download by a digest of the right length', () => {
    for (const { release } of Object.values(CATALOG)) {
      for (const { digest } of Object.values(release?.downloads ?? {}))
        assert.match(digest, /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/);
    }
  });

  it('has official builds of the control plane for Linux and macOS on both architectures', () => {
    for (const name of ['etcd', 'kube-apiserver'] as const) {
      assert.deepEqual(Object.keys(CATALOG[name].release?.downloads ?? {}).sort(), [
        'darwin-amd64',
        'darwin-arm64',
        'linux-amd64',
        'linux-arm64',
      ]);
    }
  });
});
