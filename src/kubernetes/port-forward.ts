import { Duplex } from 'node:stream';
import type { WebSocket } from 'undici';
import { TestbedError } from '../../lib/errors';
import { quoted } from '../../lib/visible';
import type { KubernetesClient } from './client';
import type { NamespacedName } from './objects';
import { collectionPath } from './rest-mapper';

/** What kubelets speak: each message begins with its channel, and each channel with the port. */
const PROTOCOL = 'v4.channel.k8s.io';
const DATA = 0;
const PORT_BYTES = 2;
/** What may wait for its reader: the channel has no flow control, so that the rest could only pile up. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** A port of a pod. */
export interface PodPort extends NamespacedName {
  readonly port: number;
}

/**
 * A connection to a port of a pod, through the API server, as `kubectl port-forward` makes it.
 *
 * @throws TestbedError (`cluster`) where the API server, or who answers for the pod, refuses it
 */
export async function portForward(client: KubernetesClient, { namespace, name, port }: PodPort): Promise<Duplex> {
  const path = `${collectionPath('v1', 'pods', namespace)}/${name}/portforward`;
  const { socket, end } = await client.webSocket(path, { ports: port }, PROTOCOL);
  return new Forwarded(socket, end, `port ${port} of pod ${namespace}/${name}`);
}

class Forwarded extends Duplex {
  /** Of each channel the number of bytes of its port that are still to come. */
  private readonly headers = new Map<number, number>();

  constructor(
    private readonly socket: WebSocket,
    private readonly endConnection: () => void,
    private readonly what: string,
  ) {
    super();
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }) => this.receive(Buffer.from(data as ArrayBuffer)));
    socket.addEventListener('close', () => this.push(null));
    socket.addEventListener('error', () => this.destroy(this.broken('the connection broke')));
  }

  /** Nothing can be held back: the channel has no flow control of its own. */
  override _read(): void {
    return;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.socket.send(Buffer.concat([Buffer.of(DATA), chunk]));
    done();
  }

  override _final(done: () => void): void {
    this.socket.close();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.endConnection();
    done(error);
  }

  private receive(message: Buffer): void {
    const channel = message[0] ?? DATA;
    const left = this.headers.get(channel) ?? PORT_BYTES;
    const payload = message.subarray(1 + left);
    this.headers.set(channel, Math.max(0, left - (message.length - 1)));
    if (payload.length === 0) return;
    if (channel === DATA) {
      this.push(payload);
      if (this.readableLength > MAX_WAITING_BYTES) this.destroy(this.broken('more has come than is read'));
    } else this.destroy(this.broken(quoted(payload.toString('utf8').trim())));
  }

  private broken(why: string): TestbedError {
    return new TestbedError('cluster', `${this.what} cannot be reached: ${why}`);
  }
}
