import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Certificate } from './certificate';
import { answerHonestly, type Request, type Response } from './honest';
import type { Mode } from './modes';

export interface HostileServer {
  readonly url: string;
  close(): void;
}

/** Starts a server that does as a mode says, over HTTP/2 with TLS where a certificate is given. */
export async function startHostile(mode: Mode, certificate?: Certificate): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  const answer = (request: Request, response: Response) => {
    // Whoever has had enough hangs up.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    request.resume().on('end', () => {
      if (mode.answer !== undefined && (mode.to?.(request) ?? true)) mode.answer(request, response);
      else answerHonestly(request, response);
    });
  };
  const server: Server =
    (mode.socket ?? mode.secureSocket) !== undefined
      ? createServer(mode.socket ?? mode.secureSocket)
      : certificate === undefined
        ? createHttpServer(answer)
        : createSecureServer(certificate, answer)
            .on('sessionError', () => undefined)
            .on('session', (session) => {
              session.on('error', () => undefined);
              mode.session?.(session);
            });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
