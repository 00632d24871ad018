/** Ports of simulated pods: `kubectl port-forward`, and Cluster API's way to etcd and to each API server. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { SpdyConnection, type SpdyStream } from './spdy';
import { badRequest, StatusError } from './status-error';
import { acceptKey, WebSocketBytes } from './web-socket';

const PROTOCOL = 'portforward.k8s.io';
const TUNNEL = `SPDY/3.1+${PROTOCOL}`;
const MOST_PAIRS = 32;

/**
 * Connects to a port.
 *
 * @returns why nothing listens there; undefined where it is served from now on
 */
export type Connect = (port: number, connection: Duplex) => string | undefined;

/**
 * Answers an upgrade, by WebSocket or by SPDY itself, and serves the streams that come then.
 *
 * @param early what has come behind the request
 * @throws StatusError (400) for another kind of upgrade
 */
export function answerPortForward(request: IncomingMessage, socket: Duplex, early: Buffer, connect: Connect): void {
  const upgrade = (request.headers.upgrade ?? '').toLowerCase();
  if (upgrade === 'websocket') {
    const key = request.headers['sec-websocket-key'];
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim());
    if (key === undefined || request.headers['sec-websocket-version'] !== '13' || !offered.includes(TUNNEL))
      throw badRequest(`a WebSocket has to speak ${TUNNEL}`);
    answerUpgrade(socket, {
      upgrade: 'websocket',
      'sec-websocket-accept': acceptKey(key),
      'sec-websocket-protocol': TUNNEL,
    });
    const bytes = new WebSocketBytes(socket);
    bytes.begin(early);
    serve(bytes, connect);
    return;
  }
  if (upgrade !== 'spdy/3.1') throw badRequest('Upgrade has to be websocket or SPDY/3.1');
  const offered = String(request.headers['x-stream-protocol-version'] ?? '')
    .split(',')
    .map((each) => each.trim());
  if (!offered.includes(PROTOCOL)) throw new StatusError(403, `X-Stream-Protocol-Version has to be ${PROTOCOL}`);
  answerUpgrade(socket, { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': PROTOCOL });
  if (early.length > 0) socket.unshift(early);
  serve(socket, connect);
}

function answerUpgrade(socket: Duplex, headers: Readonly<Record<string, string>>): void {
  const lines = Object.entries({ connection: 'Upgrade', ...headers }).map((each) => each.join(': '));
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
}

function serve(transport: Duplex, connect: Connect): void {
  /** Streams for errors that wait for the one for data, by request. */
  const errors = new Map<string, SpdyStream>();
  new SpdyConnection(transport, (stream) => {
    const id = stream.headers.get('requestid') ?? '';
    const type = stream.headers.get('streamtype');
    if (type === 'error') {
      if (errors.size >= MOST_PAIRS) return void stream.destroy();
      errors.set(id, stream);
      stream.on('close', () => errors.delete(id));
      return;
    }
    const port = Number(stream.headers.get('port'));
    const error = errors.get(id);
    const why =
      type === 'data' && Number.isInteger(port) && port > 0 && port < 65_536
        ? connect(port, stream)
        : 'it is not valid';
    if (why !== undefined) {
      error?.end(`error forwarding port ${port}: ${why}`);
      stream.resume();
      stream.end();
      return;
    }
    stream.on('close', () => error?.end());
  });
}
