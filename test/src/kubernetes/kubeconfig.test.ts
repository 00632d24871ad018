import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { TestbedError } from '../../../lib/errors';
import { Authentication } from '../../../src/kubernetes/authentication';
import { KubernetesClient } from '../../../src/kubernetes/client';
import { runExecPlugin } from '../../../src/kubernetes/exec-plugin';
import { kubeconfigFiles, readKubeconfig } from '../../../src/kubernetes/kubeconfig';
import { until } from '../../../src/util/until';
import { tempDir } from '../../support/temp-dir';

function write(t: TestContext, user: object, cluster: object = {}): string {
  const dir = tempDir(t);
  const file = join(dir, 'config');
  const config = {
    'current-context': 'one',
    contexts: [
      { name: 'one', context: { cluster: 'c', user: 'u', namespace: 'lab' } },
      { name: 'two', context: { cluster: 'd', user: 'u' } },
    ],
    clusters: [
      { name: 'c', cluster: { server: 'https://one.example:6443/', ...cluster } },
      { name: 'd', cluster: { server: 'https://two.example' } },
    ],
    users: [{ name: 'u', user }],
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

describe('a kubeconfig', () => {
  it('gives its current context, another one by name, and another server on request', async (t) => {
    const file = write(t, { token: 'secret-token' });
    assert.deepEqual(await readKubeconfig(file), {
      context: 'one',
      server: 'https://one.example:6443',
      token: 'secret-token',
      namespace: 'lab',
    });
    assert.equal((await readKubeconfig(file, 'two')).server, 'https://two.example');
    assert.equal(
      (await readKubeconfig(file, 'two', { server: 'https://three.example:1' })).server,
      'https://three.example:1',
    );
    await assert.rejects(readKubeconfig(file, 'four'), /has no context 'four': it has one, two/);
    await assert.rejects(readKubeconfig(file, 'two', { server: 'ftp://x' }), /use https:\/\/HOST:PORT/);
  });

  it('may be several files, of which the first that has a name is right', async (t) => {
    const files = [write(t, { token: 'first' }), write(t, { token: 'second' })];
    assert.equal((await readKubeconfig(['/nowhere', ...files])).token, 'first');
    assert.deepEqual(kubeconfigFiles(undefined, { KUBECONFIG: '/a:/b' }), ['/a', '/b']);
    assert.deepEqual(kubeconfigFiles('/c', { KUBECONFIG: '/a:/b' }), ['/c']);
  });

  it('may leave open what kubectl does not need', async (t) => {
    const empty = join(tempDir(t), 'empty');
    writeFileSync(empty, '\n');
    const user = { token: 't', 'client-certificate': '', 'client-certificate-data': '', as: '', exec: null };
    const file = write(t, user, { 'tls-server-name': '', 'proxy-url': '' });
    assert.deepEqual(await readKubeconfig([empty, file], 'two'), {
      context: 'two',
      server: 'https://two.example',
      token: 't',
    });
    assert.deepEqual(Object.keys(await readKubeconfig(file)).sort(), ['context', 'namespace', 'server', 'token']);
    await assert.rejects(readKubeconfig(empty), /names no current context: it has none/);
    const none = join(tempDir(t), 'none');
    for (const [text, expected] of [
      ['contexts: null\nclusters: [null]\nusers:\n', /names no current context: it has none/],
      ['- a\n', /kubeconfig \S+ is not a kubeconfig: name another file/],
      ['a: [', /cannot be read as YAML/],
    ] as const) {
      writeFileSync(none, text);
      await assert.rejects(readKubeconfig(none), expected);
    }
  });

  it('is refused where TLS is not verified, and where a form has been removed', async (t) => {
    await assert.rejects(readKubeconfig(write(t, {}, { 'insecure-skip-tls-verify': true })), /skips TLS verification/);
    await assert.rejects(readKubeconfig(write(t, { 'auth-provider': { name: 'gcp' } })), /auth-provider/);
    await assert.rejects(
      readKubeconfig(write(t, { username: 'a', password: 'canary' })),
      (error: Error) => /password/.test(error.message) && !error.message.includes('canary'),
    );
  });

  it('may name a token file, which is read again once the token is refused', async (t) => {
    const tokenFile = join(tempDir(t), 'token');
    writeFileSync(tokenFile, 'first\n');
    const authentication = new Authentication(await readKubeconfig(write(t, { tokenFile })));
    assert.equal((await authentication.current()).token, 'first');
    writeFileSync(tokenFile, 'second\n');
    assert.equal((await authentication.current()).token, 'first');
    authentication.invalidate();
    assert.equal((await authentication.current()).token, 'second');
  });

  it('may name a plugin, which is run again when its credential ends, and whose output is never shown', async (t) => {
    const plugin = join(tempDir(t), 'plugin');
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: plugin,
      env: [{ name: 'WHO', value: 'me' }],
    };
    const script = (body: string) => {
      writeFileSync(plugin, `#!/bin/sh\n${body}\n`);
      chmodSync(plugin, 0o755);
    };
    const authentication = new Authentication(await readKubeconfig(write(t, { exec })));
    script(`echo '{"status": {"token": "'"$WHO"'", "expirationTimestamp": "2000-01-01T00:00:00Z"}}'`);
    assert.equal((await authentication.current()).token, 'me');
    script(`echo '{"status": {"token": "again"}}'`);
    assert.equal((await authentication.current()).token, 'again');
    script(`echo 'canary'; exit 3`);
    authentication.invalidate();
    await assert.rejects(
      async () => authentication.current(),
      (error: Error) =>
        /credential plugin .* failed with exit code 3/.test(error.message) && !error.message.includes('canary'),
    );
  });

  it('may name a plugin that floods, hangs, or gives what is no credential', async () => {
    const run = (script: string) =>
      runExecPlugin(
        { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script], env: [] },
        new AbortController().signal,
        1_000,
      );
    for (const [script, message] of [
      ['exec yes', /credential plugin 'sh' of the kubeconfig printed more than 204800 bytes: run it by hand/],
      ['exec yes >&2', /printed more than 204800 bytes/],
      ['exec sleep 60', /timed out after 1 s/],
      // Its own child has its output, and lives on.
      ['sleep 5 & wait', /timed out after 1 s/],
      ['echo null', /returned neither a token nor a certificate/],
      [`echo '{"status": 7}'`, /returned neither a token nor a certificate/],
      [`echo '{"status": {"token": {"a": 1}}}'`, /gave something else than a credential/],
      [`echo '{"status": {"clientCertificateData": [], "clientKeyData": 7}}'`, /gave something else than a credential/],
      ['echo canary', /gave no JSON/],
    ] as const) {
      await assert.rejects(run(script), (error: Error) => {
        assert.ok(error instanceof TestbedError, script);
        assert.match(error.message, message);
        return !error.message.includes('canary');
      });
    }
  });

  it('may name a plugin that hangs, which ends with the client', async (t) => {
    const started = join(tempDir(t), 'started');
    // Its own child has its output too.
    const script = `sleep 300 & echo $! > ${started}.new; mv ${started}.new ${started}; wait`;
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] };
    const client = new KubernetesClient(await readKubeconfig(write(t, { exec })));
    const interrupt = new AbortController();
    const asked = client.request('GET', '/x', { signal: interrupt.signal });
    const pid = await until(() => existsSync(started) && Number(readFileSync(started, 'utf8')), { deadlineMs: 30_000 });
    assert.ok(pid, 'the plugin runs');
    t.after(() => process.kill(pid));
    interrupt.abort(new Error('interrupted'));
    await assert.rejects(asked, /^Error: interrupted$/);
    const isRunning = () => process.getActiveResourcesInfo().includes('ProcessWrap');
    assert.ok(isRunning());
    await client.close();
    assert.ok(await until(() => !isRunning(), { deadlineMs: 4_000 }), 'the plugin is ended at once');
  });
});
