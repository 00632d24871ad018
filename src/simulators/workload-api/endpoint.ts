/** Where the API server of one workload cluster is found: an address, its certificate, and who may come in. */
import { constants } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { WorkloadApiFaultKind } from '../../../lib/scenario/workload-api-faults';
import type { WorkloadCluster } from './cluster';
import { serveEtcd } from './etcd';
import type { Address } from './facts';
import type { ClusterFaults, FaultCounts, Fate } from './faults';
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

const FAULT_MESSAGE = 'the scenario has this request fail';
const NOTHING: Fate = { delayMs: 0, code: undefined, isReset: false };

/** What something goes wrong with. */
interface Suffering {
  /** Tells when its client has gone. */
  readonly of: { on(event: 'close', listener: () => void): unknown };
  readonly connection: Pick<Socket, 'destroy' | 'remoteAddress' | 'remotePort'>;
  /** What would have been done with it. */
  readonly goOn: () => void;
  readonly refuse: (error: StatusError) => void;
}

export interface EndpointProps {
  readonly cluster: WorkloadCluster;
  readonly identity: ServerIdentity;
  /** Of its etcd; undefined where it has none of its own. */
  readonly etcd: ServerIdentity | undefined;
  readonly counts: RequestCounts;
  /** How often faults strike. @default - nobody counts */
  readonly faultCounts?: FaultCounts | undefined;
}

export class Endpoint {
  private readonly server: Http2SecureServer;
  private readonly sessions = new Set<ServerHttp2Session>();
  private readonly sockets = new Set<Duplex>();
  private etcd: ServerIdentity | undefined;
  /** What goes wrong now; undefined where nothing does. */
  private faults: ClusterFaults | undefined;
  /** What waits for the end of a silence. */
  private readonly waiting = new Set<() => void>();
  private address: Address | undefined;
  private readonly secure: (socket: Duplex) => void;

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
    // What begins TLS on a connection: while nothing is to answer, it waits.
    const [secure] = this.server.listeners('connection') as ((socket: Duplex) => void)[];
    this.secure = (socket) => secure!.call(this.server, socket);
    this.server.removeAllListeners('connection');
    this.server.on('connection', (socket: Duplex) => this.onConnection(socket));
    this.server.on('sessionError', () => undefined);
    this.server.on('tlsClientError', () => undefined);
  }

  get connectionCount(): number {
    return this.sockets.size;
  }

  /** @throws an error of Node.js where it cannot be listened on */
  async listen(address: Address): Promise<void> {
    this.address = address;
    const { host, port } = address;
    if (this.server.listening || this.faults?.unreachable === 'refused') return;
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

  /** Shows another certificate from now on, to all clients: open connections are closed. */
  show(identity: ServerIdentity): void {
    this.server.setSecureContext({ ...identity, secureOptions: constants.SSL_OP_NO_TICKET });
    this.disconnect();
  }

  /**
   * What goes wrong from now on.
   *
   * @throws an error of Node.js where it cannot be listened on again
   */
  async suffer(faults: ClusterFaults | undefined): Promise<void> {
    this.faults = faults;
    if (faults?.unreachable === 'refused') {
      if (this.server.listening) await this.stopListening();
      return;
    }
    if (this.address !== undefined) await this.listen(this.address);
    if (faults?.unreachable === 'silent') return;
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const each of waiting) each();
  }

  /** Ends it and all connections. */
  async close(): Promise<void> {
    this.address = undefined;
    this.waiting.clear();
    await this.stopListening();
  }

  private async stopListening(): Promise<void> {
    const closed = this.server.listening && new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.disconnect();
    await closed;
  }

  private disconnect(): void {
    for (const session of this.sessions) session.destroy();
    for (const socket of this.sockets) socket.destroy();
  }

  private onConnection(socket: Duplex): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
    if (this.faults?.unreachable !== 'silent') return this.secure(socket);
    this.waitOn(socket, () => this.secure(socket));
  }

  private struck(kind: WorkloadApiFaultKind): void {
    this.props.faultCounts?.add(kind);
  }

  /** What comes of a request while something goes wrong. */
  private endure(faults: ClusterFaults, { of, connection, goOn, refuse }: Suffering): void {
    let isGone = false;
    of.on('close', () => (isGone = true));
    if (faults.unreachable === 'silent') return this.waitOn(of, goOn);
    const { delayMs, code, isReset } = faults.fate?.() ?? NOTHING;
    const act = () => {
      if (isGone) return;
      if (isReset) this.reset(connection);
      else if (code !== undefined) refuse(new StatusError(code, FAULT_MESSAGE));
      else goOn();
    };
    if (delayMs === 0) act();
    else setTimeout(act, delayMs).unref();
  }

  /** Goes on with something when the silence is over, unless whose it is has gone by then. */
  private waitOn(of: Pick<Suffering['of'], 'on'>, goOn: () => void): void {
    this.waiting.add(goOn);
    of.on('close', () => this.waiting.delete(goOn));
    this.struck('unreachable');
  }

  /** Ends a connection as one ends whose other side has gone. */
  private reset(connection: Pick<Socket, 'destroy' | 'remoteAddress' | 'remotePort'>): void {
    const { remotePort, remoteAddress } = connection;
    for (const socket of this.sockets)
      if (socket instanceof Socket && socket.remotePort === remotePort && socket.remoteAddress === remoteAddress)
        return void socket.resetAndDestroy();
    // One within another, by port-forward.
    connection.destroy();
  }

  private onRequest(request: Request, response: Response): void {
    const started = performance.now();
    response.on('error', () => undefined);
    const { cluster, counts } = this.props;
    cluster.requests++;
    response.on('close', () => counts.add(cluster.facts, request, response.statusCode, started));
    if (!isAuthorized(request)) {
      refuse(response, new StatusError(401, 'Unauthorized'));
      // Who has no certificate gets one now as little.
      if ('stream' in request) response.on('finish', () => request.stream?.session?.close());
      return;
    }
    const { faults } = this;
    if (faults === undefined) return this.answer(request, response);
    this.endure(faults, {
      of: response,
      connection: request.socket,
      goOn: () => {
        if (this.faults?.etcd === 'noQuorum' && !/^(GET|HEAD)$/.test(request.method ?? '')) {
          this.struck('etcd');
          refuse(response, new StatusError(500, 'etcdserver: request timed out'));
        } else this.answer(request, response);
      },
      refuse: (error) => refuse(response, error),
    });
  }

  private answer(request: Request, response: Response): void {
    answer(this.props.cluster, request, response).catch((error: unknown) => refuse(response, error));
  }

  private onUpgrade(request: IncomingMessage, socket: Duplex, early: Buffer): void {
    socket.on('error', () => undefined);
    const { faults } = this;
    if (faults === undefined) return this.upgrade(request, socket, early);
    this.endure(faults, {
      of: socket,
      connection: request.socket,
      goOn: () => this.upgrade(request, socket, early),
      refuse: (error) => refuseUpgrade(socket, error),
    });
  }

  private upgrade(request: IncomingMessage, socket: Duplex, early: Buffer): void {
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
      refuseUpgrade(socket, error);
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

function refuseUpgrade(socket: Duplex, error: unknown): void {
  const status = statusOf(error);
  const body = JSON.stringify(status.toStatus());
  socket.end(
    `HTTP/1.1 ${status.code} ${status.reason}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
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
