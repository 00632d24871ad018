import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';

/** A proxy of HTTP that leads to this machine, whatever it is asked for. */
export interface ConnectProxy {
  /** `HOST:PORT` of the proxy. */
  readonly address: string;
  /** What it was asked for, as `HOST:PORT`. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

export async function startConnectProxy(): Promise<ConnectProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('connect', ({ url = '' }: { url?: string }, inside: Socket) => {
    asked.push(url);
    const outside = connect(Number(url.split(':').at(-1)), '127.0.0.1', () => {
      inside.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      inside.pipe(outside).pipe(inside);
    });
    for (const socket of [inside, outside]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => [inside, outside].forEach((each) => each.destroy()));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
