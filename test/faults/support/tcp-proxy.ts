import { createServer, connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';
import type { Credentials } from '../../../src/kubernetes/kubeconfig';

/** Passes bytes on to an API server, and cuts connections when told to. */
export interface TcpProxy {
  /** The API server's credentials, by way of the proxy. */
  readonly credentials: Credentials;
  /** Cuts all connections with a reset. @returns how many there were */
  cut(): number;
  /** Whether new connections are refused. */
  setClosed(isClosed: boolean): void;
  stop(): Promise<void>;
}

export async function startTcpProxy(credentials: Credentials): Promise<TcpProxy> {
  const url = new URL(credentials.server);
  const pairs = new Set<readonly [Socket, Socket]>();
  let isClosed = false;
  const server = createServer((inside) => {
    if (isClosed) {
      inside.resetAndDestroy();
      return;
    }
    const outside = connect(Number(url.port), url.hostname);
    const pair = [inside, outside] as const;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    inside.pipe(outside).pipe(inside);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    const count = pairs.size;
    for (const [inside, outside] of pairs) {
      inside.resetAndDestroy();
      outside.destroy();
    }
    return count;
  };
  return {
    credentials: { ...credentials, server: `https://127.0.0.1:${(server.address() as AddressInfo).port}` },
    cut,
    setClosed: (closed) => (isClosed = closed),
    async stop() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
