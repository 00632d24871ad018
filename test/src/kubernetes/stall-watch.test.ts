import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { buildConnector } from 'undici';
import { endingStalled } from '../../../src/kubernetes/stall-watch';

const STALLED_MS = 120;

/** Connects to a server that does as it is told with each connection. */
async function connected(
  t: TestContext,
  serve: (socket: Socket) => void,
  alpnProtocol: string | false = 'h2',
): Promise<Socket> {
  const server = createServer(serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const options = { hostname: '127.0.0.1', host: '127.0.0.1', protocol: 'http:', port: String(port) };
  const plain = buildConnector({});
  // What TLS would have agreed on.
  const agreed: typeof plain = (to, callback) =>
    plain(to, (...result) => {
      if (result[1]) Object.assign(result[1], { alpnProtocol });
      callback(...result);
    });
  const connect = endingStalled(agreed, STALLED_MS);
  const socket = await new Promise<Socket>((resolve, reject) =>
    connect(options, (...[error, socket]) => (socket === null ? reject(error) : resolve(socket))),
  );
  t.after(() => socket.destroy());
  return socket;
}

describe('endingStalled', () => {
  it('ends a connection on which nothing comes, and says why', async (t) => {
    const socket = await connected(t, (served) => served.resume());
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ETIMEDOUT');
    assert.match(error.message, /no data for 0\.12 s/);
  });

  it('leaves a connection alone while something comes, and ends it once that stops', async (t) => {
    const rounds = 10;
    const socket = await connected(t, (served) => {
      let left = rounds;
      const timer = setInterval(() => {
        served.write('.');
        if (--left === 0) clearInterval(timer);
      }, STALLED_MS / 3);
    });
    let received = 0;
    socket.on('data', (data: Buffer) => (received += data.length));
    await once(socket, 'error');
    assert.equal(received, rounds);
  });

  it('leaves a connection without HTTP/2 alone, on which nothing comes before an answer', async (t) => {
    const socket = await connected(t, (served) => setTimeout(() => served.end('late'), STALLED_MS * 3), false);
    const [data] = (await once(socket, 'data')) as [Buffer];
    assert.equal(String(data), 'late');
  });

  it('passes on that there is no connection', async () => {
    const connect = endingStalled(buildConnector({}), STALLED_MS);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const options = { hostname: '127.0.0.1', host: '127.0.0.1', protocol: 'http:', port: String(port) };
    const error = await new Promise((resolve) => connect(options, (...[failure]) => resolve(failure)));
    assert.match(String(error), /ECONNREFUSED/);
  });
});
