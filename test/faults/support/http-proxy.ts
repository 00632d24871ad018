import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Pool } from 'undici';
import type { Credentials } from '../../../src/kubernetes/kubeconfig';

type StatusFor = (path: string) => number | undefined | Promise<number | undefined>;

/** Stands before an API server, with its certificate, and answers instead of it when told to. */
export interface HttpProxy {
  readonly credentials: Credentials;
  /** How many requests the API server has answered with success. */
  readonly succeeded: () => number;
  /** How many requests were refused here. */
  readonly refused: () => number;
  /** Refuses requests from now on. @param statusFor the status that a path is refused with; undefined lets it pass */
  refuse(statusFor: StatusFor): void;
  /** Ends all connections, and what is under way on them. */
  cut(): void;
  stop(): Promise<void>;
}

/** @param stateDir folder of the local cluster, which has the certificate */
export async function startHttpProxy(credentials: Credentials, stateDir: string): Promise<HttpProxy> {
  const { ca = '' } = credentials;
  const upstream = new Pool(credentials.server, {
    allowH2: true,
    connections: 2,
    pipelining: 64,
    connect: { ca },
  });
  const file = (name: string) => readFileSync(join(stateDir, 'pki', name));
  let statusFor: StatusFor = () => undefined;
  let succeeded = 0;
  let refused = 0;
  const pass = async (request: Http2ServerRequest, response: Http2ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const refusal = await statusFor(request.url);
    if (refusal !== undefined) {
      refused++;
      const retryAfter = refusal === 429 ? { 'retry-after': '1' } : {};
      response.writeHead(refusal, { ...retryAfter, 'content-type': 'text/plain' }).end('refused');
      return;
    }
    const { statusCode, headers, body } = await upstream.request({
      method: request.method,
      path: request.url,
      headers: {
        authorization: request.headers.authorization ?? '',
        accept: request.headers.accept ?? '*/*',
        'content-type': request.headers['content-type'] ?? 'application/json',
      },
      body: chunks.length === 0 ? null : Buffer.concat(chunks),
    });
    response.writeHead(statusCode, { 'content-type': String(headers['content-type']) });
    await pipeline(body, response);
    if (statusCode < 400) succeeded++;
  };
  const server = createSecureServer(
    { cert: file('kube-apiserver.crt'), key: file('kube-apiserver.key') },
    (request, response) => {
      pass(request, response).catch(() => response.stream.destroy());
    },
  );
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  const cut = () => {
    for (const session of sessions) session.destroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    credentials: { ...credentials, server: `https://127.0.0.1:${(server.address() as AddressInfo).port}` },
    succeeded: () => succeeded,
    refused: () => refused,
    refuse: (which) => (statusFor = which),
    cut,
    async stop() {
      cut();
      server.close();
      await upstream.destroy();
    },
  };
}
