import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { fetchManifest, urlOf } from '../../../src/apply/fetch-manifest';
import { rejects } from '../../support/rejects';

async function serve(t: TestContext, listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a.yaml?token=hidden`);
}

describe('manifests at a URL', () => {
  it('are told from files as kubectl does it', () => {
    assert.equal(urlOf('https://example.com/a.yaml')?.hostname, 'example.com');
    assert.equal(urlOf('http://example.com/a.yaml')?.protocol, 'http:');
    for (const file of ['a.yaml', 'ftp://a', './http://a', 'https.yaml']) assert.equal(urlOf(file), undefined);
    assert.throws(() => urlOf('https://'), /is not a valid URL/);
  });

  it('are followed through redirects, and a password goes to its own server only', async (t) => {
    const shown: (string | undefined)[] = [];
    const last = await serve(t, ({ headers }, response) => {
      shown.push(headers.authorization);
      response.end('kind: A');
    });
    const first = await serve(t, ({ headers, url }, response) => {
      shown.push(headers.authorization);
      const location = url?.startsWith('/a') ? '/b' : last.href;
      response.writeHead(302, { location }).end();
    });
    [first.username, first.password] = ['me', 'p%40ss'];
    const { bytes, isWhole } = await fetchManifest(first, undefined);
    assert.equal(Buffer.from(bytes).toString(), 'kind: A');
    assert.ok(isWhole);
    const basic = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    assert.deepEqual(shown, [basic, basic, undefined]);
  });

  it('are asked for again where the server has a fault of its own, three times', async (t) => {
    let asked = 0;
    const url = await serve(t, (_, response) => {
      response.writeHead(++asked < 3 ? 503 : 200).end('kind: A');
    });
    await fetchManifest(url, undefined);
    asked = -10;
    await rejects(fetchManifest(url, undefined), /answered 503/, 'environment');
    assert.equal(asked, -7);
  });

  it('are bounded in size, time and redirects, and errors show no token', async (t) => {
    const tooSlow = /took more than 1 s/;
    const cases: readonly (readonly [RequestListener, RegExp])[] = [
      [(_, response) => response.writeHead(200, { 'content-length': 2 ** 30 }).write('a'), /more than 1 MiB/],
      [(_, response) => endless(response), /more than 1 MiB/],
      [() => undefined, tooSlow],
      [(_, response) => drip(response), tooSlow],
      [({ url }, response) => response.writeHead(302, { location: `${url}x` }).end(), /redirects more than 10 times/],
      [
        (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
        /an address that is not http or https/,
      ],
      [(_, response) => response.writeHead(404).end(), /answered 404/],
      [({ socket }) => socket.destroy(), /cannot be fetched/],
      [(_, response) => cutShort(response), /cannot be fetched/],
    ];
    for (const [listener, expected] of cases) {
      const url = await serve(t, listener);
      // The others end by themselves, however long a busy machine takes.
      const limits = { maxBytes: 1024 * 1024, timeoutMs: expected === tooSlow ? 1_000 : 60_000, silenceMs: 60_000 };
      const message = await rejects(fetchManifest(url, undefined, limits), expected, 'environment');
      assert.doesNotMatch(message, /hidden/);
    }
  });

  it('prove nothing where the server does not say where they end', async (t) => {
    const url = await serve(t, ({ socket }) => socket.end('HTTP/1.0 200 OK\r\n\r\nkind: A'));
    assert.equal((await fetchManifest(url, undefined)).isWhole, false);
  });
});

type Response = Parameters<RequestListener>[1];

function endless(response: Response): void {
  const more = () => {
    while (response.write('#'.repeat(1 << 16)));
  };
  response.on('drain', more);
  more();
}

function drip(response: Response): void {
  const timer = setInterval(() => response.write('#'), 50);
  response.on('close', () => clearInterval(timer));
}

function cutShort(response: Response): void {
  response.writeHead(200, { 'content-length': 100 });
  response.write('kind: A', () => response.destroy());
}
