import assert from 'node:assert/strict';
import { chmodSync, mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import type { TestbedError } from '../../../lib/errors';
import type { TestbedEvent } from '../../../src/events';
import { platform } from '../../../src/programs/cache';
import { CATALOG } from '../../../src/programs/catalog';
import { findProgram, lookForProgram } from '../../../src/programs/find';
import { tempDir } from '../temp-dir';
import { fakeProgram, script } from './fake-program';

/** A machine with nothing but what the test puts on it; `/usr/bin` and `/bin` are for the scripts' own needs. */
function machine(t: TestContext) {
  const dir = tempDir(t);
  const at = (...parts: string[]) => join(dir, ...parts);
  const env = { HOME: dir, XDG_CACHE_HOME: at('cache'), PATH: [at('bin1'), at('bin2')].join(':') };
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
    assert.deepEqual(found, { name: 'kube-apiserver', file, version: 'v1.32.0', source: 'given' });
  });

  it('takes the file that the variable names ahead of PATH', async (t) => {
    const { at, env } = machine(t);
    fakeProgram(at('bin1/etcd'), '3.6.1');
    const file = fakeProgram(at('variable'), '3.6.2');
    const found = await findProgram('etcd', { env: { ...env, METAL3_TESTBED_ETCD: file } });
    assert.deepEqual(found, { name: 'etcd', file, version: 'v3.6.2', source: 'environment variable' });
  });

  it('refuses a named file that will not do, instead of taking another', async (t) => {
    const { at, env } = machine(t);
    fakeProgram(at('bin1/kube-apiserver'), 'v1.34.0');
    const cases: [string, RegExp][] = [
      [at('nowhere'), /does not exist/],
      [fakeProgram(at('old'), 'v1.26.9'), /is version 1\.26\.9; 1\.27 or newer is needed/],
      [script(at('broken'), 'echo "cannot load libfoo" >&2; exit 127'), /cannot load libfoo/],
      [script(at('mute'), 'echo hello'), /names no version: hello/],
    ];
    const notExecutable = fakeProgram(at('plain'), 'v1.34.0');
    chmodSync(notExecutable, 0o644);
    cases.push([notExecutable, /not executable/]);
    mkdirSync(at('folder'));
    cases.push([at('folder'), /is not a file/]);
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
    assert.deepEqual(found, { name: 'etcd', file, version: 'v3.6.16', source: 'cache' });
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
      assert.match(error.message, /go build: Go is not installed/);
      assert.match(error.message, /set METAL3_TESTBED_ETCD .* install Go/);
      return true;
    });
  });

  it('does not fetch a program that is only looked for', async (t) => {
    const { env } = machine(t);
    for (const name of ['kind', 'kubectl', 'baremetal-operator'] as const) {
      assert.deepEqual(await lookForProgram(name, { env }), { tried: [`PATH: no ${name} in it`] });
    }
  });

  it('takes a program that cannot be asked for its version', async (t) => {
    const { at, env } = machine(t);
    const file = script(at('bin2/baremetal-operator'), 'exit 1');
    assert.deepEqual(await findProgram('baremetal-operator', { env }), {
      ...{ name: 'baremetal-operator', file, version: 'unknown', source: 'PATH' },
    });
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
