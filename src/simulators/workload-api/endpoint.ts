/** Where the API server of one workload cluster is found: an address, its certificate, and who may come in. */
import { constants } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { WorkloadCluster } from './cluster';
import { serveEtcd } from './etcd';
import type { Address } from './facts';
import { end, isAuthorized, send, type Request, type Response } from './http';
import type { RequestCounts } from './request-counts';
import { answerPortForward } from './port-forward';
import { answer } from './rest';
import type { ServerIdentity } from './server-identity';
import { badRequest, StatusError } from './status-error';

/** Of one cluster; what comes beyond them is closed at once. */
const MOST_CONNECTIONS = 300;
const HANDSHAKE_MS = 10_000;
/** Who has no certificate is told so, and does not keep a place for long. */
const STRANGER_MS = 5_000;
const ETCD_PORT = 2379;
const PORT_FORWARD = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/portforward$/;

export interface EndpointProps {
  readonly cluster: WorkloadCluster;
  readonly identity: ServerIdentity;
  /** Of its etcd; undefined where it has none of its own. */
  readonly etcd: ServerIdentity | undefined;
  readonly counts: RequestCounts;
}

export class Endpoint {
  private readonly server: Http2SecureServer;
  private readonly sessions = new Set<ServerHttp2Session>();
  private readonly sockets = new Set<Duplex>();
  private etcd: ServerIdentity | undefined;

  constructor(private readonly props: EndpointProps) {
    this.etcd = props.etcd;
    this.server = createSecureServer({
      ...props.identity,
      allowHTTP1: true,
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: HANDSHAKE_MS,
      // Sessions that are taken up again would cost memory for each client, and spare nothing here.
      secureOptions: constants.SSL_OP_NO_TICKET,
      settings: { maxConcurrentStreams: 250 },
      maxSessionMemory: 8,
    });
    this.server.maxConnections = MOST_CONNECTIONS;
    this.server.on('request', (request, response) => this.onRequest(request, response));
    this.server.on('upgrade', (request: IncomingMessage, socket: Duplex, early: Buffer) =>
      this.onUpgrade(request, socket, early),
    );
    this.server.on('session', (session) => {
      this.sessions.add(session);
      session.on('close', () => this.sessions.delete(session));
      session.on('error', () => undefined);
    });
    this.server.on('secureConnection', (socket: TLSSocket) => {
      if (!socket.authorized) setTimeout(() => socket.destroy(), STRANGER_MS).unref();
    });
    this.server.on('connection', (socket: Duplex) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => undefined);
    });
    this.server.on('sessionError', () => undefined);
    this.server.on('tlsClientError', () => undefined);
  }

  get connectionCount(): number {
    return this.sockets.size;
  }

  /** @throws an error of Node.js where it cannot be listened on */
  async listen({ host, port }: Address): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen({ host, port, exclusive: true }, () => {
        this.server.off('error', reject);
        // What goes wrong with one connection is told to that one.
        this.server.on('error', () => undefined);
        resolve();
      });
    });
  }

  /** The etcd CA of a cluster comes a moment after its own. */
  serveEtcd(etcd: ServerIdentity | undefined): void {
    this.etcd = etcd;
  }

  /** Ends it and all connections. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const session of this.sessions) session.destroy();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private onRequest(request: Request, response: Response): void {
    const started = performance.now();
    response.on('error', () => undefined);
    response.on('close', () => this.props.counts.add(this.props.cluster.facts, request, response.statusCode, started));
    if (!isAuthorized(request)) {
      refuse(response, new StatusError(401, 'Unauthorized'));
      // Who has no certificate gets one now as little.
      if ('stream' in request) response.on('finish', () => request.stream?.session?.close());
      return;
    }
    answer(this.props.cluster, request, response).catch((error: unknown) => refuse(response, error));
  }

  private onUpgrade(request: IncomingMessage, socket: Duplex, early: Buffer): void {
    socket.on('error', () => undefined);
    try {
      if (!isAuthorized(request)) throw new StatusError(401, 'Unauthorized');
      const { cluster, counts } = this.props;
      const { pathname } = new URL(request.url ?? '/', 'https://cluster');
      const [, namespace, name] = PORT_FORWARD.exec(pathname) ?? [];
      if (namespace === undefined || name === undefined)
        throw badRequest('nothing else than portforward can be upgraded');
      cluster.podOf(namespace, name);
      answerPortForward(request, socket, early, (port, connection) => this.connect(namespace, name, port, connection));
      counts.add(cluster.facts, request, 101, performance.now());
    } catch (error) {
      const status = statusOf(error);
      const body = JSON.stringify(status.toStatus());
      socket.end(
        `HTTP/1.1 ${status.code} ${status.reason}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    }
  }

  private connect(namespace: string, name: string, port: number, connection: Duplex): string | undefined {
    const { cluster } = this.props;
    const pod = cluster.controlPlanePod(namespace, name);
    if (pod?.component === 'etcd' && port === ETCD_PORT) {
      if (this.etcd === undefined) return 'the Secret with the CA of etcd is not there yet';
      serveEtcd(connection, this.etcd, cluster.etcd, pod.node);
      return undefined;
    }
    if (pod?.component === 'kube-apiserver') {
      this.server.emit('connection', connection);
      return undefined;
    }
    return `nothing listens on it in the simulated pod ${name}`;
  }
}

function statusOf(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  process.stderr.write(`${new Date().toISOString()} ${(error as Error).stack ?? String(error)}\n`);
  return new StatusError(500, 'the simulated API server has failed; its log says more');
}

function refuse(response: Response, error: unknown): void {
  const status = statusOf(error);
  if (response.headersSent) return end(response);
  send(response, status.code, status.toStatus());
}
