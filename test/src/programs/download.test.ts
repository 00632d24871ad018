import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { TestbedError } from '../../../lib/errors';
import type { TestbedEvent } from '../../../src/util/events';
import { platform } from '../../../src/programs/cache';
import type { Download, ProgramSpec } from '../../../src/programs/catalog';
import { downloadRelease } from '../../../src/programs/download';
import { findProgram } from '../../../src/programs/find';
import { atEnd, tempDir } from '../../support/temp-dir';
import { tinyDisk, withoutTmpfs } from '../../support/tmpfs';
import { fakeProgram } from './fake-program';

const PROGRAM = '#!/bin/sh\necho "fake v0.8.0"\n';

const digestOf = (algorithm: 'sha256' | 'sha512', content: string | Buffer) =>
  `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`;

/** A server of downloads, and an empty cache beside it. */
async function mirror(t: TestContext, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(t, () => {
    server.closeAllConnections();
    server.close();
  });
  const dir = tempDir(t);
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = {
    XDG_CACHE_HOME: join(dir, 'cache'),
    PATH: '/usr/bin:/bin',
    METAL3_TESTBED_DOWNLOADS: `${base}/mirror/`,
  };
  return { dir, env, requests, cache: join(dir, 'cache', 'metal3-testbed', platform()) };
}

/** A program that can only be downloaded. */
function downloadable(download: Omit<Download, 'path'>, name: ProgramSpec['name'] = 'kwok'): ProgramSpec {
  return {
    name,
    variable: 'METAL3_TESTBED_NONE',
    question: { type: 'version', args: ['--version'], says: /fake/ },
    howToGet: 'nowhere',
    release: { id: 'release-1', downloads: { [platform()]: { path: 'some/file', ...download } } },
  };
}

async function rejection(promise: Promise<unknown>): Promise<TestbedError> {
  const error = await promise.then(
    () => assert.fail('it did not fail'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof TestbedError, String(error));
  assert.equal(error.code, 'environment');
  return error;
}

/** What is left in the cache: nothing but locks' folders. */
const leftovers = (cache: string) => (existsSync(cache) ? readdirSync(cache) : []);

describe('downloadRelease', () => {
  it('keeps and runs a file whose digest is the pinned one, and asks for it only once', async (t) => {
    const { env, requests, cache } = await mirror(t, (_, response) => response.end(PROGRAM));
    const spec = downloadable({ digest: digestOf('sha256', PROGRAM) });
    const found = await findProgram('kwok', { env, spec });
    assert.deepEqual(found, {
      name: 'kwok',
      file: join(cache, 'release-1', 'kwok'),
      version: 'v0.8.0',
      source: 'download',
      image: undefined,
      tagged: undefined,
      why: 'download; PATH: no kwok in it',
    });
    assert.equal((await findProgram('kwok', { env, spec })).source, 'cache');
    assert.deepEqual(requests, ['/mirror/some/file']);
    assert.deepEqual(leftovers(cache), ['release-1']);
  });

  it('refuses a file with another digest and keeps nothing of it', async (t) => {
    const { env, cache } = await mirror(t, (_, response) => response.end(PROGRAM + '# changed'));
    const digest = digestOf('sha256', PROGRAM);
    const error = await rejection(downloadRelease(downloadable({ digest }), { env }));
    assert.ok(error.message.includes(`${digest.slice('sha256:'.length)} is expected`), error.message);
    assert.deepEqual(leftovers(cache), []);
  });

  for (const [what, headers] of [
    ['without an end', {}],
    ['that says it is larger', { 'content-length': '99999999999' }],
  ] as const) {
    it(`takes no more than a program can have of a file ${what}, and keeps nothing`, async (t) => {
      const { env, cache } = await mirror(t, (_, response) => {
        response.writeHead(200, headers);
        const go = () => {
          while (!response.destroyed) if (!response.write('x'.repeat(65_536))) return void response.once('drain', go);
        };
        go();
      });
      const maxBytes = 4 * 1024 * 1024;
      const error = await rejection(
        downloadRelease(downloadable({ digest: digestOf('sha256', '') }), { env, maxBytes }),
      );
      assert.match(error.message, /some\/file has more than 4 MiB, which no program has; it was thrown away/);
      assert.deepEqual(leftovers(cache), []);
    });
  }

  it('says how far it came when the connection is cut, and keeps nothing', async (t) => {
    const { env, cache } = await mirror(t, (_, response) => {
      response.writeHead(200, { 'content-length': '1000000' });
      response.write('x'.repeat(5000), () => response.destroy());
    });
    const error = await rejection(downloadRelease(downloadable({ digest: digestOf('sha256', PROGRAM) }), { env }));
    assert.match(error.message, /broke off after 5000 bytes|cannot be reached/);
    assert.deepEqual(leftovers(cache), []);
  });

  it('names the URL and the answer when there is no such file', async (t) => {
    const { env, cache } = await mirror(t, (_, response) => response.writeHead(404).end('gone'));
    const error = await rejection(downloadRelease(downloadable({ digest: digestOf('sha256', PROGRAM) }), { env }));
    assert.match(error.message, /mirror\/some\/file answered 404 Not Found/);
    assert.deepEqual(leftovers(cache), []);
  });

  it('follows a redirect', async (t) => {
    const { env, requests } = await mirror(t, (request, response) => {
      if (request.url === '/mirror/some/file') response.writeHead(302, { location: '/elsewhere' }).end();
      else response.end(PROGRAM);
    });
    const file = await downloadRelease(downloadable({ digest: digestOf('sha256', PROGRAM) }), { env });
    assert.equal(readFileSync(file ?? '', 'utf8'), PROGRAM);
    assert.deepEqual(requests, ['/mirror/some/file', '/elsewhere']);
  });

  it('reports how many bytes have come, also when the process has only just started', async (t) => {
    t.mock.method(performance, 'now', () => 1);
    const { env } = await mirror(t, (_, response) =>
      response.writeHead(200, { 'content-length': PROGRAM.length }).end(PROGRAM),
    );
    const events: TestbedEvent[] = [];
    await downloadRelease(downloadable({ digest: digestOf('sha256', PROGRAM) }), {
      env,
      listener: (event) => events.push(event),
    });
    assert.deepEqual(events[1], {
      type: 'progress',
      task: 'kwok',
      unit: 'bytes',
      done: PROGRAM.length,
      total: PROGRAM.length,
      perSecond: undefined,
      remainingSeconds: undefined,
    });
    assert.equal(events.at(-1)?.type, 'done');
  });

  it('stops when it is aborted, and keeps nothing', async (t) => {
    const abort = new AbortController();
    const { env, cache } = await mirror(t, (_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('x', () => abort.abort(new Error('enough')));
    });
    const download = downloadRelease(downloadable({ digest: digestOf('sha256', PROGRAM) }), {
      env,
      signal: abort.signal,
    });
    await assert.rejects(download, /enough/);
    assert.deepEqual(leftovers(cache), []);
  });

  it('downloads once when two runs ask at the same moment', async (t) => {
    const { env, requests } = await mirror(t, (_, response) => response.end(PROGRAM));
    const spec = downloadable({ digest: digestOf('sha256', PROGRAM) });
    const files = await Promise.all([1, 2, 3].map(() => downloadRelease(spec, { env })));
    assert.equal(new Set(files).size, 1);
    assert.equal(requests.length, 1);
  });

  it('says so when the disk is full, and leaves no part of the file', { skip: withoutTmpfs }, async (t) => {
    const big = Buffer.alloc(3 * 1024 * 1024, 'x');
    const { env } = await mirror(t, (_, response) => response.end(big));
    const disk = tinyDisk(t, 1);
    const spec = downloadable({ digest: digestOf('sha256', big) });
    const error = await rejection(downloadRelease(spec, { env: { ...env, XDG_CACHE_HOME: disk } }));
    assert.match(error.message, /the disk is full: .* free some space, or set XDG_CACHE_HOME/);
    assert.deepEqual(leftovers(join(disk, 'metal3-testbed', platform())), []);
  });
});

describe('downloadRelease of an archive', () => {
  /** Packs a folder with the system's tar. */
  function pack(dir: string, ...args: string[]): Buffer {
    const archive = join(dir, 'packed.tar.gz');
    execFileSync('tar', ['-czf', archive, '-C', join(dir, 'content'), ...args], { stdio: 'pipe' });
    return readFileSync(archive);
  }

  it('takes out the named members and nothing else', async (t) => {
    const dir = tempDir(t);
    fakeProgram(join(dir, 'content/kit/etcd'), '3.6.4');
    fakeProgram(join(dir, 'content/kit/kube-apiserver'), 'v1.34.1');
    fakeProgram(join(dir, 'content/kit/kubectl'), 'v1.34.1');
    const archive = pack(dir, 'kit');
    const { env, cache, requests } = await mirror(t, (_, response) => response.end(archive));
    const members = { etcd: 'kit/etcd', 'kube-apiserver': 'kit/kube-apiserver' };
    const digest = digestOf('sha512', archive);
    assert.equal(
      (await findProgram('etcd', { env, spec: downloadable({ digest, members }, 'etcd') })).version,
      'v3.6.4',
    );
    const second = await findProgram('kube-apiserver', {
      env,
      spec: downloadable({ digest, members }, 'kube-apiserver'),
    });
    assert.deepEqual([second.version, second.source], ['v1.34.1', 'cache']);
    assert.equal(requests.length, 1);
    assert.deepEqual(readdirSync(join(cache, 'release-1')).sort(), ['etcd', 'kube-apiserver']);
  });

  it('writes nothing outside of the cache, whatever paths the archive holds', async (t) => {
    const dir = tempDir(t);
    mkdirSync(join(dir, 'content/kit'), { recursive: true });
    writeFileSync(join(dir, 'escaped'), 'evil');
    const victim = join(dir, 'victim');
    writeFileSync(victim, 'untouched');
    symlinkSync(victim, join(dir, 'content/kit/etcd'));
    // -P keeps the ".." that tar would strip.
    const archive = pack(dir, '-P', 'kit', '../escaped');
    const { env, cache, dir: target } = await mirror(t, (_, response) => response.end(archive));
    const digest = digestOf('sha512', archive);

    const link = await rejection(
      downloadRelease(downloadable({ digest, members: { etcd: 'kit/etcd' } }, 'etcd'), { env }),
    );
    assert.match(link.message, /kit\/etcd: it is empty, or not a file/);
    const absent = await rejection(
      downloadRelease(downloadable({ digest, members: { etcd: 'kit/absent' } }, 'etcd'), { env }),
    );
    assert.match(absent.message, /cannot unpack kit\/absent/);
    assert.equal(readFileSync(victim, 'utf8'), 'untouched');
    assert.deepEqual(leftovers(cache), []);
    assert.deepEqual(readdirSync(target), ['cache']);
  });
});
