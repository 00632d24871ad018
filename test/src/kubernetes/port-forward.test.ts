import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { text } from 'node:stream/consumers';
import { KubernetesClient } from '../../../src/kubernetes/client';
import { portForward } from '../../../src/kubernetes/port-forward';

/** RFC 6455, 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const POD = { namespace: 'bmo', name: 'manager-1', port: 8443 };
const MIB = 1024 * 1024;

/** A connection to a pod for which a server answers that does as it is told once it is open. */
async function forwarded(t: TestContext, serve: (socket: Socket) => void) {
  const server = createServer().on('upgrade', (request, socket: Socket) => {
    socket.on('error', () => undefined);
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${GUID}`).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\nsec-websocket-protocol: v4.channel.k8s.io\r\n\r\n`,
    );
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new KubernetesClient({ context: 'fake', server: `http://127.0.0.1:${port}`, token: 'none' });
  t.after(async () => {
    await client.close();
    server.close();
  });
  return portForward(client, POD);
}

/** A frame of WebSocket. @param isLast of its message @param length that it announces, where that is not the payload's */
function frame(opcode: number, payload: Buffer, isLast = true, length = BigInt(payload.length)): Buffer {
  const header = Buffer.alloc(10);
  header[0] = opcode | (isLast ? 0x80 : 0);
  header[1] = 127;
  header.writeBigUInt64BE(length, 2);
  return Buffer.concat([header, payload]);
}

/** Writes again and again, as fast as it is read. */
function flood(socket: Socket, chunk: Buffer): void {
  const go = () => {
    while (!socket.destroyed) if (!socket.write(chunk)) return void socket.once('drain', go);
  };
  go();
}

const BINARY = 2;
const CONTINUATION = 0;
const PORT = Buffer.of(0, 0xfb, 0x20);

describe('a port of a pod', () => {
  it('gives what the pod sends, until it ends', async (t) => {
    const stream = await forwarded(t, (socket) => {
      socket.write(Buffer.concat([frame(BINARY, PORT), frame(BINARY, Buffer.from('\0hello'))]));
      socket.write(Buffer.of(0x88, 2, 0x03, 0xe8));
      // Once it has been answered.
      socket.once('data', () => socket.end());
    });
    assert.equal(await text(stream), 'hello');
  });

  for (const [what, serve, message] of [
    ['floods one that does not read', (s) => flood(s, frame(BINARY, Buffer.alloc(MIB))), /more has come than is read/],
    [
      'announces a message of an exabyte',
      (s) => (s.write(frame(BINARY, PORT, true, 1n << 60n)), flood(s, Buffer.alloc(MIB))),
      /the connection broke/,
    ],
    [
      'sends a message without an end',
      (s) => (s.write(frame(BINARY, PORT, false)), flood(s, frame(CONTINUATION, Buffer.alloc(MIB), false))),
      /the connection broke/,
    ],
    ['says in colour why not', (s) => s.write(frame(BINARY, Buffer.from('\u0001xx\u001b[31mno'))), /: \\u001b\[31mno$/],
  ] as const satisfies readonly (readonly [string, (socket: Socket) => void, RegExp])[]) {
    it(`ends where the server ${what}, in bounded memory`, { timeout: 30_000 }, async (t) => {
      const before = process.memoryUsage().rss;
      const stream = await forwarded(t, serve);
      const [error] = (await once(stream, 'error')) as [Error];
      assert.match(error.message, /^port 8443 of pod bmo\/manager-1 cannot be reached: /);
      assert.match(error.message, message);
      assert.ok(process.memoryUsage().rss - before < 150 * MIB);
    });
  }
});
