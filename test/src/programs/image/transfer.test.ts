/** How an image comes over the network, and what becomes of it where that fails. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { cutAfter, sendBlob, serve, type FakeRegistry } from '../../../support/fake-registry';
import { HERE, digestOf, image, index, layer, type Blob } from '../../../support/images';
import { rejects } from '../../../support/rejects';
import { atEnd } from '../../../support/temp-dir';
import { PATH_IN_IMAGE, PROGRAM, machine } from './machine';

/** A layer that does not come in one piece. */
const LAYER = layer(
  [
    { name: PATH_IN_IMAGE, content: PROGRAM },
    { name: 'rest', content: randomBytes(300_000) },
  ],
  'none',
);
const SIZE = LAYER.bytes.length;
const isBlob = ({ path }: { readonly path: string }) => path.includes('/blobs/');

function ranges(registry: FakeRegistry): (string | undefined)[] {
  return registry.asked.filter(isBlob).map(({ range }) => range);
}

describe('the layer of an image', () => {
  it('goes on where its connection was cut', async (t) => {
    const { registry, taken, details } = await machine(t);
    registry.add('v0.8.0', image([LAYER]));
    const cuts = [100_000, 50_000, 0, 70_000];
    registry.hook = (asked, response) => {
      if (!isBlob(asked) || cuts.length === 0) return false;
      cutAfter(cuts.shift() ?? 0, LAYER.bytes, asked, response);
      return true;
    };
    assert.equal(await taken(), PROGRAM);
    // What came is kept, however much that was; the one that brought nothing is asked for again from there.
    const starts = ranges(registry).map((range) => Number(/\d+/.exec(range ?? '0')?.[0]));
    assert.equal(starts.length, 5);
    assert.deepEqual(
      [...starts].sort((a, b) => a - b),
      starts,
    );
    assert.ok(
      details().some((detail) => /was cut off after \d+ of \d+ bytes, going on/.test(detail)),
      details().join('\n'),
    );
  });

  it('goes on where an answer ended too early without an error', async (t) => {
    const { registry, taken } = await machine(t);
    registry.add('v0.8.0', image([LAYER]));
    let isFirst = true;
    registry.hook = (asked, response) => {
      if (!isBlob(asked) || !isFirst) return false;
      isFirst = false;
      // Without a length: an end like any other.
      response.writeHead(200).end(LAYER.bytes.subarray(0, 1000));
      return true;
    };
    assert.equal(await taken(), PROGRAM);
    assert.deepEqual(ranges(registry), [undefined, 'bytes=1000-']);
  });

  for (const [what, answer] of [
    ['sends all of it again', (bytes: Buffer) => ({ status: 200, headers: {}, bytes })],
    [
      'sends another part',
      (bytes: Buffer) => ({
        status: 206,
        headers: { 'content-range': `bytes 5-9/${SIZE}` },
        bytes: bytes.subarray(5, 10),
      }),
    ],
    [
      'sends a part and does not say which',
      (bytes: Buffer) => ({ status: 206, headers: {}, bytes: bytes.subarray(0, 10) }),
    ],
    ['knows no such part', () => ({ status: 416, headers: {}, bytes: Buffer.alloc(0) })],
  ] as const)
    it(`begins anew where a server ${what}`, async (t) => {
      const { registry, taken } = await machine(t);
      registry.add('v0.8.0', image([LAYER]));
      let isFirst = true;
      registry.hook = (asked, response) => {
        if (!isBlob(asked)) return false;
        if (isFirst) cutAfter(2000, LAYER.bytes, asked, response);
        else if (asked.range === undefined) return false;
        else {
          const { status, headers, bytes } = answer(LAYER.bytes);
          response.writeHead(status, headers).end(bytes);
        }
        isFirst = false;
        return true;
      };
      assert.equal(await taken(), PROGRAM);
    });

  it('is given up where every connection is cut, and nothing is kept', async (t) => {
    const { registry, take, kept } = await machine(t);
    registry.add('v0.8.0', image([LAYER]));
    registry.hook = (asked, response) => {
      if (!isBlob(asked)) return false;
      cutAfter(asked.range === undefined ? 2000 : 1, LAYER.bytes, asked, response);
      return true;
    };
    await rejects(take(), new RegExp(`blobs/sha256:\\w+ broke off after \\d+ of ${SIZE} bytes`), 'environment');
    assert.deepEqual(kept(), []);
  });

  for (const [what, wrong, message] of [
    [
      'has another digest',
      Buffer.concat([LAYER.bytes.subarray(1), Buffer.from('x')]),
      /has the digest sha256:\w+ instead: it was thrown away/,
    ],
    ['is longer', Buffer.concat([LAYER.bytes, Buffer.from('x')]), /has more than the \d+ bytes that its manifest says/],
    ['is shorter', LAYER.bytes.subarray(0, 1000), /broke off after 1000 of \d+ bytes/],
  ] as const)
    it(`is refused where it ${what} than its manifest says`, async (t) => {
      const { registry, take, kept } = await machine(t);
      registry.add('v0.8.0', image([LAYER]));
      registry.hook = (asked, response) => {
        if (!isBlob(asked)) return false;
        if (asked.range === undefined) response.writeHead(200).end(wrong);
        else response.writeHead(416).end();
        return true;
      };
      await rejects(take(), message, 'environment');
      assert.deepEqual(kept(), []);
    });

  it('is checked by SHA-512 too', async (t) => {
    const { registry, taken, take } = await machine(t);
    const right: Blob = { ...LAYER, digest: digestOf(LAYER.bytes, 'sha512') };
    registry.add('v0.8.0', image([right]));
    assert.equal(await taken(), PROGRAM);
    registry.add('other', image([{ ...right, digest: digestOf('else', 'sha512') }]));
    await rejects(take({ version: 'other' }), /has the digest sha512:/, 'environment');
  });

  it('is not begun where it is larger than any program', async (t) => {
    const { registry, take } = await machine(t);
    registry.add('v0.8.0', image([LAYER]));
    await rejects(take({ limits: { blobBytes: 1000 } }), /has \d+ bytes, and at most 1000 are taken/, 'environment');
    assert.deepEqual(ranges(registry), []);
  });

  it('is given up where it drips, and where it stops', async (t) => {
    const { registry, take, kept } = await machine(t);
    registry.add('v0.8.0', image([LAYER]));
    registry.hook = (asked, response) => {
      if (!isBlob(asked)) return false;
      response.writeHead(200, { 'content-length': SIZE });
      const timer = setInterval(() => response.write('x'), 5);
      response.on('close', () => clearInterval(timer));
      return true;
    };
    const slow = { leastBytes: 60_000, leastBytesMs: 100 };
    await rejects(take({ limits: slow }), /sends less than 60000 bytes in 0\.1 s/, 'environment');
    registry.hook = (asked, response) => {
      if (isBlob(asked)) response.writeHead(200, { 'content-length': SIZE }).flushHeaders();
      return isBlob(asked);
    };
    // Of a slow machine the manifest may already take longer.
    const silent = take({ limits: { silenceMs: 1000, retries: 0 } });
    await rejects(silent, /broke off after 0 of|it does not answer/, 'environment');
    await rejects(take({ limits: { blobMs: 100 } }), /blobs\/\S+ did not come in 0\.1 s/, 'environment');
    assert.deepEqual(kept(), []);
  });

  it('says how much of it has come, how fast, and how long the rest takes', async (t) => {
    const { registry, take, events } = await machine(t);
    registry.add('v0.8.0', image([LAYER]));
    registry.hook = (asked, response) => {
      if (!isBlob(asked)) return false;
      response.writeHead(200, { 'content-length': SIZE });
      let at = 0;
      const timer = setInterval(() => {
        response.write(LAYER.bytes.subarray(at, (at += 20_000)));
        if (at < SIZE) return;
        clearInterval(timer);
        response.end();
      }, 150);
      return true;
    };
    await take();
    const timed = events.flatMap((event) =>
      event.type === 'progress' && event.remainingSeconds !== undefined ? [event] : [],
    );
    const [first] = timed;
    assert.equal(first?.unit, 'bytes');
    assert.equal(first.total, SIZE);
    const { done = 0, perSecond = 0, remainingSeconds = 0 } = first;
    assert.ok(Math.abs(remainingSeconds * perSecond - (SIZE - done)) < 1, JSON.stringify(first));
  });

  it('stops coming once its caller is interrupted', async (t) => {
    const { registry, take, kept } = await machine(t);
    registry.add('v0.8.0', image([LAYER]));
    const stop = new AbortController();
    registry.hook = (asked, response) => {
      if (!isBlob(asked)) return false;
      response.writeHead(200, { 'content-length': SIZE }).write('x', () => stop.abort(new Error('interrupted')));
      return true;
    };
    await assert.rejects(take({ signal: stop.signal }), /^Error: interrupted$/);
    assert.deepEqual(kept(), []);
  });
});

describe('the manifest of an image', () => {
  it('is given up where it has no end, and where it drips', async (t) => {
    const { registry, take } = await machine(t);
    registry.hook = (_, response) => {
      response.writeHead(200);
      const go = () => {
        while (!response.destroyed) if (!response.write(' '.repeat(65_536))) return void response.once('drain', go);
      };
      go();
      return true;
    };
    await rejects(
      take({ limits: { manifestBytes: 1_000_000 } }),
      /manifests\/v0\.8\.0 has more than 1000000 bytes/,
      'environment',
    );
    registry.hook = (_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(' '), 5);
      response.on('close', () => clearInterval(timer));
      return true;
    };
    await rejects(take({ limits: { manifestMs: 100 } }), /manifests\/v0\.8\.0 did not come in 0\.1 s/, 'environment');
  });

  it('is refused where it is asked for by its digest and has another', async (t) => {
    const { registry, take, kept } = await machine(t);
    const right = image([LAYER]);
    registry.add('v0.8.0', right);
    registry.replace(right.manifest.digest, image([LAYER, LAYER]).manifest.bytes);
    const pinned = `registry.k8s.io/kwok/kwok@${right.manifest.digest}`;
    await rejects(take({ image: pinned }), /has the digest sha256:\w+, and sha256:\w+ was asked for/, 'environment');
    const several = index([[HERE, right]]);
    registry.add('v0.8.0', several);
    registry.replace(right.manifest.digest, image([LAYER, LAYER]).manifest.bytes);
    await rejects(take(), /has the digest sha256:\w+, and sha256:\w+ was asked for/, 'environment');
    assert.deepEqual(kept(), []);
  });

  it('is asked for again as a busy server says: in seconds, at a date, or by itself', async (t) => {
    const { registry, taken, details } = await machine(t);
    registry.add('v0.8.0', image([LAYER]));
    const answers = [
      { status: 429, headers: { 'retry-after': '1' } },
      { status: 429, headers: { 'retry-after': new Date(0).toUTCString() } },
      { status: 503, headers: {} },
    ];
    registry.hook = (_, response) => {
      const answer = answers.shift();
      if (answer !== undefined) response.writeHead(answer.status, answer.headers).end('{"errors":[]}');
      return answer !== undefined;
    };
    assert.equal(await taken(), PROGRAM);
    assert.deepEqual(
      details().map((detail) => detail.replace(/^\S+ /, '')),
      ['answered 429; asking again in 1 s', 'answered 429; asking again in 1 s', 'answered 503; asking again in 1 s'],
    );
  });

  it('is not waited for longer than anybody would, nor asked for without end', async (t) => {
    const { registry, take } = await machine(t);
    registry.hook = (_, response) => {
      response.writeHead(429, { 'retry-after': '7200' }).end();
      return true;
    };
    await rejects(take(), /answered 429 and asks to wait for 7200 s: run this again then/, 'environment');
    assert.equal(registry.asked.length, 1);
    registry.hook = (_, response) => {
      response.writeHead(503).end();
      return true;
    };
    await rejects(
      take({ limits: { retries: 2 } }),
      /answered 503: run this again later, or name a mirror/,
      'environment',
    );
    assert.equal(registry.asked.length, 1 + 3);
  });

  it('is asked for again where the connection breaks, and not where nobody is there', async (t) => {
    const { registry, taken, take, env } = await machine(t);
    registry.add('v0.8.0', image([LAYER]));
    let breaks = 2;
    registry.hook = (_, response) => {
      if (breaks-- > 0) response.destroy();
      return breaks >= 0;
    };
    assert.equal(await taken(), PROGRAM);
    const closed = await serve(t, () => undefined);
    const nobody = createServer();
    await new Promise<void>((resolve) => nobody.listen(0, '127.0.0.1', resolve));
    const { port } = nobody.address() as AddressInfo;
    await new Promise((resolve) => nobody.close(resolve));
    assert.ok(closed.origin);
    const gone = { ...env, METAL3_TESTBED_REGISTRIES: `registry.k8s.io=127.0.0.1:${port}` };
    await rejects(
      take({ env: gone, version: 'v0.8.1' }),
      /127\.0\.0\.1:\d+\/v2\/\S+ cannot be had: .*ECONNREFUSED/,
      'environment',
    );
  });

  it('is missed without what the server says, which may be anything', async (t) => {
    const { registry, take } = await machine(t);
    registry.hook = (_, response) => {
      response
        .writeHead(404, 'Gone', { 'content-type': 'application/json' })
        .end('{"errors":[{"message":"\u001b[2Jboo"}]}');
      return true;
    };
    const message = await rejects(
      take(),
      /answered 404: the image does not exist, or needs credentials$/,
      'environment',
    );
    assert.doesNotMatch(message, /boo|Gone/);
  });
});

describe('a redirect', () => {
  it('leads to another host without what the registry is shown', async (t) => {
    const { registry, taken, dir, env } = await machine(t);
    registry.add('v0.8.0', image([LAYER]));
    const shown: (string | undefined)[] = [];
    const store = await serve(t, (request, response) => {
      shown.push(request.headers.authorization, request.headers.cookie);
      sendBlob(
        LAYER.bytes,
        { method: '', path: '', authorization: '', body: '', range: request.headers.range },
        response,
      );
    });
    writeFileSync(
      join(dir, 'config.json'),
      JSON.stringify({ auths: { [registry.host]: { auth: btoa('user:secret') } } }),
    );
    registry.hook = (asked, response) => {
      if (asked.authorization === undefined) response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      else if (isBlob(asked))
        response.writeHead(307, { location: `${store.origin.replace('//', '//a:b@')}/x?signature=s` }).end();
      else return false;
      return true;
    };
    assert.equal(await taken({ env: { ...env, DOCKER_CONFIG: dir } }), PROGRAM);
    assert.deepEqual(shown, [undefined, undefined]);
    assert.equal(registry.asked.at(-1)?.authorization, `Basic ${btoa('user:secret')}`);
  });

  for (const [what, location, message] of [
    [
      'to plain HTTP on another machine',
      'http://192.0.2.1/x?key=SECRET',
      /leads to http:\/\/192\.0\.2\.1, which is not HTTPS/,
    ],
    ['to a file', 'file:///etc/passwd', /leads to null, which is not HTTPS|is not HTTPS/],
    ['to what is not a URL', 'http://', /redirects to what is not a URL/],
    ['in a circle', '/v2/kwok/kwok/manifests/v0.8.0?key=SECRET', /redirects more than 5 times/],
  ] as const)
    it(`is not followed ${what}, and its query is not told`, async (t) => {
      const { registry, take } = await machine(t);
      registry.hook = (_, response) => {
        response.writeHead(302, { location }).end();
        return true;
      };
      assert.doesNotMatch(await rejects(take(), message, 'environment'), /SECRET/);
    });
});

describe('a proxy', () => {
  it('is used for registries elsewhere, as the environment says, and its password is not told', async (t) => {
    const { env, take } = await machine(t);
    const asked: string[] = [];
    const proxy = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (data) => {
        asked.push(String(data));
        socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n');
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    atEnd(t, () => new Promise((resolve) => proxy.close(resolve)));
    const url = `http://me:PASSWORD@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const proxied = { ...env, https_proxy: url, METAL3_TESTBED_REGISTRIES: 'registry.k8s.io=registry.example' };
    const error = await rejects(take({ env: proxied }), /registry\.example\/v2\/\S+ cannot be had: /, 'environment');
    assert.doesNotMatch(error, /PASSWORD/);
    assert.match(asked[0] ?? '', /^CONNECT registry\.example:443 /);
  });

  it('is not used for a registry on this machine', async (t) => {
    const { env, registry, take } = await machine(t);
    registry.add('v0.8.0', image([LAYER]));
    const found = await take({ env: { ...env, HTTP_PROXY: 'http://127.0.0.1:1', HTTPS_PROXY: 'http://127.0.0.1:1' } });
    assert.equal(readFileSync(found?.file ?? '', 'utf8'), PROGRAM);
  });
});
