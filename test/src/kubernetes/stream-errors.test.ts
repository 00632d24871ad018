import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, createSecureServer, type ClientHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { KubernetesClient } from '../../../src/kubernetes/client';
import { certificateOfLoopback } from '../../support/hostile/certificate';

async function serverOf(t: TestContext) {
  const certificate = await certificateOfLoopback();
  const server = createSecureServer(certificate, (_request, response) => response.writeHead(200).end('{}'));
  server.on('session', (session) => session.on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}`, ca: Buffer.from(certificate.cert) };
}

/** Streams as they are made, each with how many listen for its errors then. */
function streamsMade(t: TestContext) {
  const made: { readonly stream: ClientHttp2Stream; readonly listeners: number }[] = [];
  const onCreated = (message: unknown) => {
    const { stream } = message as { readonly stream: ClientHttp2Stream };
    made.push({ stream, listeners: stream.listenerCount('error') });
  };
  subscribe('http2.client.stream.created', onCreated);
  t.after(() => unsubscribe('http2.client.stream.created', onCreated));
  return made;
}

describe('an HTTP/2 stream to an API server', () => {
  it('has a listener for its errors until it is gone, also once nobody holds it any more', async (t) => {
    const { url, ca } = await serverOf(t);
    const made = streamsMade(t);
    const client = new KubernetesClient({ context: 'fake', server: url, ca, token: 'none' });
    await client.request('GET', '/x');
    await client.close();
    const [first] = made;
    assert.equal(first?.listeners, 1);
    const { stream } = first;
    // As Node.js reports what befalls the connection to a stream that undici is done with.
    for (const listener of stream.listeners('error').slice(1)) stream.off('error', listener as () => void);
    assert.doesNotThrow(() => stream.emit('error', new Error('The client is destroyed')));
  });

  it('is no other than ours', async (t) => {
    const { url, ca } = await serverOf(t);
    const made = streamsMade(t);
    const session = connect(url, { ca });
    const stream = session.request({ ':path': '/x' });
    await once(stream.resume(), 'close');
    session.close();
    assert.deepEqual(
      made.map(({ listeners }) => listeners),
      [0],
    );
  });
});
