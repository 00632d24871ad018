import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { Pool } from 'undici';
import { TestbedError } from '../../../lib/errors';
import { ApiError } from '../../../src/kubernetes/api-error';
import { KubernetesClient } from '../../../src/kubernetes/client';
import { exchange } from '../../../src/kubernetes/exchange';
import { MAX_BYTES_UNDER_WAY } from '../../../src/kubernetes/limits';
import { pagesOf } from '../../../src/kubernetes/pages';
import { until } from '../../../src/util/until';

const SILENCE_MS = 150;

/** A client of a server that answers its requests in turn, the last way again and again. */
async function clientOf(t: TestContext, ...answers: RequestListener[]) {
  let requests = 0;
  const server = createServer((request, response) => {
    const answer = answers[Math.min(requests++, answers.length - 1)];
    request.resume().on('end', () => answer?.(request, response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new KubernetesClient({ context: 'fake', server: `http://127.0.0.1:${port}`, token: 'none' });
  t.after(async () => {
    await client.close();
    server.closeAllConnections();
    server.close();
  });
  return { client, requests: () => requests };
}

const says =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(status, headers).end(body);
const OK = says(200, '{"kind":"Status"}');

describe('KubernetesClient', () => {
  for (const [what, answer] of [
    ['does not answer', () => undefined],
    ['begins to answer and falls silent', (_request, response) => response.writeHead(200).write('{"kind"')],
  ] as const satisfies readonly (readonly [string, RequestListener])[]) {
    it(`asks again where the server ${what}`, async (t) => {
      const { client, requests } = await clientOf(t, answer, OK);
      const codes: string[] = [];
      const given = await client.request('GET', '/x', {
        silenceMs: SILENCE_MS,
        onRetry: ({ code }) => codes.push(code),
      });
      assert.deepEqual(given, { kind: 'Status' });
      // Where the machine is busy, the second answer may come too late as well.
      assert.deepEqual([...new Set(codes)], ['ETIMEDOUT']);
      assert.ok(requests() > 1, `${requests()} requests`);
    });

    it(`says so where the server ${what}, and never does`, async (t) => {
      const { client } = await clientOf(t, answer);
      await assert.rejects(
        client.request('GET', '/x', { silenceMs: SILENCE_MS, retryMs: 0 }),
        /does not answer \(ETIMEDOUT\): check that its etcd runs/,
      );
    });
  }

  it('is patient with a silent server that has answered before: it is there, and busy', async (t) => {
    const now = performance.now.bind(performance);
    let later = 0;
    t.mock.method(performance, 'now', () => now() + later);
    const silentBeyondRetries: RequestListener = () => (later += 60_000);
    const silent = { silenceMs: SILENCE_MS };

    const known = await clientOf(t, OK, silentBeyondRetries, silentBeyondRetries, OK);
    await known.client.request('GET', '/x', silent);
    assert.deepEqual(await known.client.request('GET', '/x', silent), { kind: 'Status' });

    const unknown = await clientOf(t, silentBeyondRetries, OK);
    await assert.rejects(unknown.client.request('GET', '/x', silent), /does not answer \(ETIMEDOUT\)/);
    const gone = await clientOf(t, OK, silentBeyondRetries);
    await gone.client.request('GET', '/x', silent);
    await assert.rejects(gone.client.request('GET', '/x', silent), /does not answer \(ETIMEDOUT\)/);
  });

  it('is as patient where another request has found out that the server is silent', async (t) => {
    const now = performance.now.bind(performance);
    let later = 0;
    t.mock.method(performance, 'now', () => now() + later);
    const { client } = await clientOf(
      t,
      OK,
      () => undefined,
      () => (later += 60_000),
      OK,
    );
    await client.request('GET', '/x');
    const codes: string[] = [];
    // Its connection is made anew before it has noticed anything.
    const patient = client.request('GET', '/y', { silenceMs: 60_000, onRetry: ({ code }) => codes.push(code) });
    await client.request('GET', '/z', { silenceMs: SILENCE_MS });
    assert.deepEqual(await patient, { kind: 'Status' });
    assert.deepEqual(codes, ['UND_ERR_DESTROYED']);
  });

  it('waits for an answer that comes slowly', async (t) => {
    const silenceMs = 1_000;
    const text = '{"kind":"Status"}';
    const { client, requests } = await clientOf(t, (_request, response) => {
      let sent = 0;
      const timer = setInterval(() => {
        response.write(text[sent++]);
        if (sent < text.length) return;
        clearInterval(timer);
        response.end();
      }, silenceMs / 10);
    });
    assert.deepEqual(await client.request('GET', '/x', { silenceMs }), { kind: 'Status' });
    assert.equal(requests(), 1);
  });

  for (const status of [409, 429, 500, 502, 503, 504]) {
    it(`asks again after ${status}, whatever Retry-After is made of`, async (t) => {
      for (const retryAfter of ['0', '-5', 'Wed, 21 Oct 2015 07:28:00 GMT', new Date().toUTCString(), 'soon']) {
        const { client, requests } = await clientOf(t, says(status, 'later', { 'retry-after': retryAfter }), OK);
        assert.deepEqual(await client.request('GET', '/x'), { kind: 'Status' });
        assert.equal(requests(), 2, retryAfter);
      }
    });
  }

  for (const status of [400, 401, 403, 404, 422]) {
    it(`does not ask again after ${status}`, async (t) => {
      const { client, requests } = await clientOf(t, says(status, '{"message":"no"}'), OK);
      await assert.rejects(
        client.request('GET', '/x'),
        (error) => error instanceof ApiError && error.status === status,
      );
      assert.equal(requests(), 1);
    });
  }

  it('does not ask again for an object whose version has been replaced', async (t) => {
    const { client, requests } = await clientOf(t, says(409, '{"message":"the object has been modified"}'), OK);
    const body = { metadata: { name: 'a', resourceVersion: '7' } };
    await assert.rejects(client.request('PATCH', '/x', { body }), /the object has been modified/);
    assert.equal(requests(), 1);
  });

  it('waits no longer than its budget, whatever the server asks for', async (t) => {
    const { client, requests } = await clientOf(t, says(429, 'later', { 'retry-after': '86400' }));
    await assert.rejects(
      client.request('GET', '/x', { retryMs: 100 }),
      (error) => error instanceof ApiError && error.status === 429,
    );
    // One more after what is left of its budget, where the first has not used it up.
    assert.ok(requests() <= 2, `${requests()} requests`);
  });

  it('says what is wrong with a token, and with a proxy, instead of asking whether the cluster is up', async (t) => {
    const { client } = await clientOf(t, OK);
    const token = new KubernetesClient({ context: 'fake', server: client.server, token: 'canary\nline' });
    t.after(() => token.close());
    await assert.rejects(token.request('GET', '/x'), (error: Error) => {
      assert.match(error.message, /cannot be asked \(invalid authorization header\): check that the token/);
      return !error.message.includes('canary');
    });
    const proxy = createServer().on('connect', (_request, socket: Socket) => {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    t.after(() => proxy.close());
    const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const behind = new KubernetesClient({ context: 'fake', server: 'https://api.invalid', token: 'none', proxyUrl });
    t.after(() => behind.close());
    await assert.rejects(behind.request('GET', '/x'), /is behind a proxy that does not let it through \(.*407/);
  });

  it('does not quote an answer that is not valid JSON', async (t) => {
    const { client } = await clientOf(t, says(200, 'password: hunter2'));
    await assert.rejects(client.request('GET', '/x'), (error) => {
      assert.ok(error instanceof TestbedError);
      assert.match(error.message, /^the answer to GET \/x is not valid JSON \(17 characters\): check that/);
      assert.doesNotMatch(`${error.stack}${String(error.cause)}`, /hunter2|password/);
      return true;
    });
  });

  it('says that it was led elsewhere', async (t) => {
    const { client, requests } = await clientOf(t, says(302, '', { location: '/login' }));
    const expected = /answered GET \/x with a redirect \(302\): check that the address/;
    await assert.rejects(client.request('GET', '/x'), expected);
    assert.equal(requests(), 1);
    await assert.rejects(client.lines('/x').next(), expected);
  });

  it('does not quote what the API server found in a Secret', async (t) => {
    const message =
      'failed to create typed patch object (default/a; /v1, Kind=Secret): .data.b: expected string, got hunter2';
    const { client } = await clientOf(t, says(500, JSON.stringify({ message })));
    const refusal = (path: string) =>
      client.request('PATCH', path).then(
        () => '',
        (error: unknown) => `${(error as ApiError).status} ${(error as Error).message}`,
      );
    for (const path of ['/api/v1/namespaces/default/secrets/a', '/api/v1/secrets'])
      assert.match(await refusal(path), /^422 .*\.data\.b: expected string, got something else \(not shown\)$/);
    assert.match(await refusal('/api/v1/namespaces/secrets/pods/a'), /got hunter2$/);
  });

  it('lets a write that is under way land after its signal was aborted', async (t) => {
    const arrived = Promise.withResolvers<() => void>();
    const { client } = await clientOf(t, (_request, response) => {
      arrived.resolve(() => void response.writeHead(201).end('{"kind":"Status"}'));
    });
    const interrupt = new AbortController();
    const written = client.answer('PATCH', '/x', { body: {}, signal: interrupt.signal });
    const answer = await arrived.promise;
    interrupt.abort(new Error('interrupted'));
    answer();
    assert.equal((await written).status, 201);
  });

  it('waits but a moment for a write that does not land, and ends its connection', async (t) => {
    const arrived = Promise.withResolvers<Socket>();
    const { client, requests } = await clientOf(t, ({ socket }) => arrived.resolve(socket));
    const interrupt = new AbortController();
    const written = client.request('PATCH', '/x', { body: {}, signal: interrupt.signal });
    const socket = await arrived.promise;
    const closed = once(socket, 'close');
    interrupt.abort(new Error('interrupted'));
    await assert.rejects(written, /^Error: interrupted$/);
    await closed;
    assert.equal(requests(), 1);
  });

  it('does not wait for what is only read once its signal is aborted', async (t) => {
    const arrived = Promise.withResolvers<Socket>();
    const { client } = await clientOf(t, ({ socket }) => arrived.resolve(socket));
    const interrupt = new AbortController();
    const read = client.request('GET', '/x', { signal: interrupt.signal });
    const closed = once(await arrived.promise, 'close');
    interrupt.abort(new Error('interrupted'));
    await assert.rejects(read, /^Error: interrupted$/);
    await closed;
  });

  it("ends with the signal's own reason, before an answer and while it comes", async (t) => {
    const { client, requests } = await clientOf(t, (_request, response) => response.writeHead(200).write('{'));
    const early = new AbortController();
    early.abort(new Error('not at all'));
    await assert.rejects(client.request('GET', '/x', { signal: early.signal }), /^Error: not at all$/);
    assert.equal(requests(), 0);
    const late = new AbortController();
    const asked = client.request('GET', '/x', { signal: late.signal });
    await until(() => requests() === 1, { deadlineMs: 10_000, everyMs: 1 });
    late.abort(new Error('no longer'));
    await assert.rejects(asked, /^Error: no longer$/);
  });

  const LIST = { kind: 'List', apiVersion: 'v1', metadata: { resourceVersion: '1' } };
  it('asks for a page that is too large in smaller ones', async (t) => {
    const limits: number[] = [];
    const { client } = await clientOf(t, (request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://fake');
      const limit = Number(searchParams.get('limit'));
      limits.push(limit);
      const first = Number(searchParams.get('continue') ?? 0);
      const items = Array.from({ length: Math.min(limit, 40 - first) }, (_, i) => ({
        metadata: { name: `a-${first + i}`, annotations: { large: 'x'.repeat(1_000_000) } },
      }));
      const next = first + items.length < 40 ? { continue: String(first + items.length) } : {};
      response.end(JSON.stringify({ ...LIST, metadata: { ...LIST.metadata, ...next }, items }));
    });
    const names: string[] = [];
    for await (const { items } of pagesOf<{ metadata: { name: string } }>(client, '/api/v1/configmaps', { limit: 32 }))
      names.push(...items.map(({ metadata }) => metadata.name));
    assert.deepEqual(
      names,
      Array.from({ length: 40 }, (_, i) => `a-${i}`),
    );
    assert.deepEqual(limits, [32, 8, 8, 8, 8, 8].slice(0, limits.length));
  });

  it('does not let bytes that come steadily put its deadline off', async (t) => {
    const { client, requests } = await clientOf(t, (_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    });
    const hasty = new KubernetesClient({ context: 'fake', server: client.server, token: 'none' }, { timeoutMs: 1_000 });
    t.after(() => hasty.close());
    await assert.rejects(hasty.request('GET', '/api/v1/nodes'), {
      code: 'cluster',
      message: /^the answer to GET \/api\/v1\/nodes was not complete 1 s after it began/,
    });
    assert.equal(requests(), 1);
  });

  it('holds no more of all answers together than memory allows', async (t) => {
    const { client } = await clientOf(t, says(200, 'x'.repeat(2 * 1024 * 1024)));
    const pool = new Pool(client.server);
    t.after(() => pool.destroy());
    const others = MAX_BYTES_UNDER_WAY - 1024 * 1024;
    const underWay = { bytes: others };
    const limits = { silenceMs: 5_000, answerMs: 5_000, signal: undefined, underWay };
    const asked = exchange(pool, { method: 'GET', path: '/x' }, limits);
    await assert.rejects(asked, { name: 'LimitError', limit: 'bytes under way' });
    assert.equal(underWay.bytes, others);
    underWay.bytes = 0;
    assert.equal((await exchange(pool, { method: 'GET', path: '/x' }, limits)).text.length, 2 * 1024 * 1024);
    assert.equal(underWay.bytes, 0);
  });

  for (const [what, answer] of [
    ['null', null],
    ['a list', []],
    ['a kind alone', { kind: 'X' }],
    ['another object', { kind: 'Node', apiVersion: 'v1', metadata: { name: 'b' } }],
    ['labels that are numbers', { kind: 'Node', apiVersion: 'v1', metadata: { name: 'a', labels: { x: 1 } } }],
    ['a name that is not one', { kind: 'Node', apiVersion: 'v1', metadata: { name: 7 } }],
  ] as const) {
    it(`takes ${what} for no object`, async (t) => {
      const { client } = await clientOf(t, says(200, JSON.stringify(answer)));
      await assert.rejects(client.request('GET', '/api/v1/nodes/a'), {
        code: 'cluster',
        message: /^the answer to GET/,
      });
    });
  }

  it('shows what a server says as text, and 1 KB of it', async (t) => {
    const { client } = await clientOf(t, says(403, JSON.stringify({ message: '\u001b[2J'.repeat(100_000) })));
    await assert.rejects(client.request('GET', '/x'), (error: Error) => {
      assert.match(error.message, /refused GET \/x: \\u001b\[2J/);
      assert.ok(error.message.length < 1_200);
      return true;
    });
  });
});
