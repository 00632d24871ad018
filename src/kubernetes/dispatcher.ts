import { BlockList, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import { buildConnector, DecoratorHandler, EnvHttpProxyAgent, Pool, ProxyAgent } from 'undici';
import type { Identity } from './authentication';
import type { Credentials } from './kubeconfig';
import { endingStalled, PING_MS } from './stall-watch';
import { listeningForErrors } from './stream-errors';

/** In flight on one connection at most; the API server allows 100 streams, and starts to reject at a few hundred. */
export const STREAMS_PER_CONNECTION = 64;

/** How long a connection may take until it can be used, in milliseconds. */
const CONNECT_MS = 10_000;
/** A kubelet sends 32 KiB at a time. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/**
 * The connections to one API server: a few, kept open, over HTTP/2 (1.1 where `allowH2` is false) with TLS verified;
 * through a proxy where the kubeconfig or the environment (HTTPS_PROXY, NO_PROXY) asks for one.
 */
export function createDispatcher(
  credentials: Credentials,
  identity: Identity,
  {
    connections,
    allowH2 = true,
    patienceMs = Infinity,
  }: { readonly connections: number; readonly allowH2?: boolean; readonly patienceMs?: number },
  env: NodeJS.ProcessEnv = process.env,
): Dispatcher {
  const url = new URL(credentials.server);
  const { ca, serverName, proxyUrl } = credentials;
  // Whoever has given up would wait for it when the connections are closed.
  const timeout = Math.min(CONNECT_MS, patienceMs);
  const tls = {
    ca,
    cert: identity.cert,
    key: identity.key,
    servername: serverName,
  };
  const options = {
    allowH2,
    connections,
    pipelining: STREAMS_PER_CONNECTION,
    maxConcurrentStreams: STREAMS_PER_CONNECTION,
    pingInterval: PING_MS,
    // A watch may be silent for long; the client itself looks after answers that do not come.
    bodyTimeout: 0,
    headersTimeout: 0,
    webSocket: { maxPayloadSize: MAX_MESSAGE_BYTES },
  };
  if (proxyUrl !== undefined) return new ProxyAgent({ ...options, uri: proxyUrl, requestTls: tls });
  // An empty variable is as good as none.
  const given = env['HTTPS_PROXY'] || env['https_proxy'];
  // As for kubectl and curl, HTTP is what a proxy speaks that does not say.
  const proxy = given && !given.includes('://') ? `http://${given}` : given;
  const exceptions = env['NO_PROXY'] || env['no_proxy'] || '';
  if (url.protocol !== 'https:' || !proxy || isDirect(url.hostname, exceptions)) {
    const connect = listeningForErrors(endingStalled(buildConnector({ ...tls, allowH2, timeout })));
    return new Pool(url.origin, { ...options, connect });
  }
  return new EnvHttpProxyAgent({ ...options, httpsProxy: proxy, noProxy: exceptions, requestTls: tls, connect: tls });
}

/** Tells of the connection that a request has been given for itself, with which undici has no more to do. */
export function upgradeTold(tell: (connection: Duplex) => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => dispatch(options, new UpgradeTeller(handler, tell));
}

class UpgradeTeller extends DecoratorHandler {
  constructor(
    private readonly inner: Dispatcher.DispatchHandler,
    private readonly tell: (connection: Duplex) => void,
  ) {
    super(inner);
  }

  onRequestUpgrade(
    ...[controller, status, headers, connection]: Parameters<
      NonNullable<Dispatcher.DispatchHandler['onRequestUpgrade']>
    >
  ): void {
    this.tell(connection);
    this.inner.onRequestUpgrade?.(controller, status, headers, connection);
  }
}

/** As kubectl has it: this machine is never asked through a proxy, and NO_PROXY may name networks. */
function isDirect(hostname: string, exceptions: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(host);
  if (host === 'localhost') return true;
  if (family === 0) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const direct = new BlockList();
  direct.addSubnet('127.0.0.0', 8, 'ipv4');
  direct.addAddress('::1', 'ipv6');
  for (const entry of exceptions.split(/[,\s]+/)) {
    const [network = '', bits = ''] = entry.split('/');
    const version = isIP(network);
    if (version !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)) {
      direct.addSubnet(network, Number(bits), version === 4 ? 'ipv4' : 'ipv6');
    }
  }
  return direct.check(host, type);
}
