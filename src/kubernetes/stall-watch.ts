import type { TLSSocket } from 'node:tls';
import type { buildConnector } from 'undici';

type Connector = buildConnector.connector;

/** How often the other side is asked for a sign of life (an HTTP/2 ping), in milliseconds. */
export const PING_MS = 2_000;
/** A connection on which no data for so long, pings included, is dead. */
const STALLED_MS = 6_000;

/** How many times a connection is looked at in that time. */
const LOOKS = 6;

/** Nothing comes any more. */
class StalledError extends Error {
  readonly code = 'ETIMEDOUT';
}

/**
 * A connector whose HTTP/2 connections end when they have gone silent. A reset that strikes while Node's HTTP/2 is writing is
 * not always told to anybody: the session then neither reads nor writes, and all its requests would wait for ever.
 * client-go guards itself in the same way (HTTP2_READ_IDLE_TIMEOUT_SECONDS).
 *
 * @param stalledMs for how long nothing may come, in milliseconds
 */
export function endingStalled(connect: Connector, stalledMs = STALLED_MS): Connector {
  return (options, callback) =>
    connect(options, (...result) => {
      const [error, socket] = result;
      // Without HTTP/2 there are no pings: nothing comes while the other side works on its answer.
      if (error === null && (socket as Partial<TLSSocket>).alpnProtocol === 'h2') {
        let seen = socket.bytesRead;
        // Looks, and not time: a process that was busy or stopped has not read what has come.
        let looks = 0;
        const timer = setInterval(() => {
          looks = socket.bytesRead === seen ? looks + 1 : 0;
          seen = socket.bytesRead;
          if (looks > LOOKS) socket.destroy(new StalledError(`no data for ${stalledMs / 1000} s`));
        }, stalledMs / LOOKS).unref();
        socket.once('close', () => clearInterval(timer));
      }
      callback(...result);
    });
}
