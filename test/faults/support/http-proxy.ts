import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Pool } from 'undici';
import type { Credentials } from '../../../src/kubernetes/kubeconfig';

/** Stands before an API server, with its certificate, and answers instead of it when told to. */
export interface HttpProxy {
  readonly credentials: Credentials;
  /** How many requests the API server has answered with success. */
  readonly succeeded: () => number;
  /** How many requests were refused here. */
  readonly refused: () => number;
  /** Whether every request is refused with 429 and `Retry-After: 1`. */
  setThrottling(isThrottling: boolean): void;
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
  let isThrottling = false;
  let succeeded = 0;
  let refused = 0;
  const pass = async (request: Http2ServerRequest, response: Http2ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (isThrottling) {
      refused++;
      response.writeHead(429, { 'retry-after': '1', 'content-type': 'text/plain' }).end('too many requests');
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
    const text = await body.text();
    if (statusCode < 400) succeeded++;
    response.writeHead(statusCode, { 'content-type': String(headers['content-type']) }).end(text);
  };
  const server = createSecureServer(
    { cert: file('kube-apiserver.crt'), key: file('kube-apiserver.key') },
    (request, response) => {
      pass(request, response).catch(() => response.stream.destroy());
    },
  );
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    credentials: { ...credentials, server: `https://127.0.0.1:${(server.address() as AddressInfo).port}` },
    succeeded: () => succeeded,
    refused: () => refused,
    setThrottling: (throttling) => (isThrottling = throttling),
    async stop() {
      for (const session of sessions) session.destroy();
      server.close();
      await upstream.destroy();
    },
  };
}
