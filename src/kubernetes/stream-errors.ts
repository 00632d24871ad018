/**
 * undici takes its listeners off an HTTP/2 stream that it is done with, and an error that Node.js reports on it later, as
 * where a connection is closed while requests on it are cancelled, would end the process of whoever uses this package. So
 * every stream on a connection of ours has a listener from its beginning to its end. Streams of others are left alone.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { ClientHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';

const IS_OURS = Symbol('connection of metal3-testbed');

subscribe('http2.client.stream.created', (message) => {
  const { stream } = message as { readonly stream: ClientHttp2Stream };
  // A session hands out its socket behind a proxy, through which properties of it can be read.
  const socket: MarkedSocket | undefined = stream.session?.socket;
  if (socket?.[IS_OURS]) stream.on('error', ignore);
});

interface MarkedSocket extends Socket {
  [IS_OURS]?: true;
}

/** Whoever waits for the request is told by undici. */
function ignore(): void {}

/** A connector whose HTTP/2 streams never end in an error that nobody listens for. */
export function listeningForErrors(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) =>
    connect(options, (...result) => {
      const [error, socket] = result;
      if (error === null) (socket as MarkedSocket)[IS_OURS] = true;
      callback(...result);
    });
}
