import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fetchBytes } from '../../../src/upstream/fetch';
import { sourceOf } from '../../../src/upstream/source';
import { refuses } from '../../support/refuses';
import { rejects } from '../../support/rejects';
import { server } from './workbench';

describe('fetching', () => {
  it('follows redirects, and not for ever', async (t) => {
    const { base } = await server(t, (request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end('here');
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    assert.equal(Buffer.from(await fetchBytes(new URL(`${base}/5`))).toString(), 'here');
    await rejects(fetchBytes(new URL(`${base}/6`)), /\/6 redirects more than 5 times/, 'environment');
  });

  it('follows no redirect to a place without TLS', async (t) => {
    const { base } = await server(t, (_, response) =>
      response.writeHead(301, { location: 'http://b.example/x' }).end(),
    );
    await rejects(fetchBytes(new URL(base)), /^http:\/\/b\.example\/x is not fetched: use https/, 'invalid-input');
  });

  it('refuses what is too large, announced or not, compressed or not', async (t) => {
    const { base } = await server(t, (request, response) => {
      if (request.url === '/announced')
        response.writeHead(200, { 'content-length': 2_000_000 }).end(Buffer.alloc(2_000_000));
      else if (request.url === '/streamed') response.end(Buffer.alloc(2_000_000));
      else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(2_000_000)));
    });
    for (const path of ['announced', 'streamed', 'compressed']) {
      await rejects(
        fetchBytes(new URL(`${base}/${path}`), { maxBytes: 1_000_000 }),
        /more than 1000000 bytes/,
        'environment',
      );
      assert.equal((await fetchBytes(new URL(`${base}/${path}`))).length, 2_000_000);
    }
  });

  it('gives a server up that is silent, or drips for ever', async (t) => {
    const { base } = await server(t, (request, response) => {
      if (request.url === '/silent') return;
      response.writeHead(200);
      const timer = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(timer));
    });
    await rejects(
      fetchBytes(new URL(`${base}/silent`), { silenceMs: 200 }),
      /cannot be fetched: .*[Tt]imeout/,
      'environment',
    );
    await rejects(
      fetchBytes(new URL(`${base}/drips`), { timeoutMs: 300 }),
      /it took more than 0\.3 s; check the network, or name a mirror/,
      'environment',
    );
  });

  it('says what a server answered, and what to do where there is none', async (t) => {
    const { base, close } = await server(t, (request, response) =>
      response.writeHead(request.url === '/none' ? 404 : 500).end(),
    );
    await rejects(
      fetchBytes(new URL(`${base}/none`)),
      /answered 404 Not Found; is the name of the release right\?/,
      'environment',
    );
    await rejects(fetchBytes(new URL(`${base}/other`)), /answered 500 Internal Server Error$/, 'environment');
    close();
    await rejects(
      fetchBytes(new URL(base)),
      /cannot be fetched: .*ECONNREFUSED.*METAL3_TESTBED_MIRRORS/,
      'environment',
    );
  });

  it('ends with the reason of the signal', async (t) => {
    const { base } = await server(t, () => undefined);
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    await assert.rejects(fetchBytes(new URL(base), { signal }), reason);
  });
});

describe('a source', () => {
  it('is a URL with TLS, and without credentials', () => {
    refuses(() => sourceOf('http://a.example/x.yaml', '/'), /use https/);
    refuses(() => sourceOf('ftp://a.example/x.yaml', '/'), /use https/);
    refuses(() => sourceOf('file:///etc/passwd', '/'), /use https/);
    assert.doesNotMatch(
      refuses(() => sourceOf('https://me:secret@a.example/x.yaml', '/'), /credentials/),
      /secret/,
    );
    assert.doesNotMatch(
      refuses(() => sourceOf('https://me:secret@/', '/'), /./),
      /secret/,
    );
    assert.equal(sourceOf('http://localhost:1/x.yaml', '/').type, 'url');
  });
});
