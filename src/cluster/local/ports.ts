import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { TestbedError, invalidInput } from '../../../lib/errors';
import { until } from '../../util/until';
import type { Ports } from './state';
import { isPort } from './state';

const LOOPBACK = '127.0.0.1';
/**
 * Chosen ports are below those that the system gives to outgoing connections, and below Kubernetes' own range for node
 * ports: a client that keeps trying to reach a server which is not up would otherwise sooner or later be given that very
 * port, connect to itself, and keep the server from it. And they are below those at which workload clusters are served.
 */
const LOWEST = 10_000;
const HIGHEST = 20_000;
/** How long the ports of the last start may take to become free, in milliseconds. */
const LET_GO_MS = 2_000;

/** Thrown where a port was taken between being chosen and being listened on; choosing again mends it. */
export class PortTakenError extends TestbedError {}

/** The ports somebody asked for; the others are chosen. */
export interface WantedPorts {
  readonly apiServer?: number | undefined;
  readonly etcd?: number | undefined;
  /** Whether it has one, which gets a port of its own. @default false */
  readonly controllerManager?: boolean;
}

/** @throws TestbedError (invalid-input) where a port is not a valid port, or both are the same */
export function checkPorts(wanted: WantedPorts): void {
  for (const [name, port] of Object.entries({ apiServer: wanted.apiServer, etcd: wanted.etcd })) {
    if (port !== undefined && !isPort(port))
      throw invalidInput(`${name} port ${String(port)} is not allowed; use a whole number from 1 to 65535`);
  }
  if (wanted.apiServer !== undefined && wanted.apiServer === wanted.etcd) {
    throw invalidInput(`the API server and etcd cannot both listen on port ${wanted.apiServer}; choose two`);
  }
}

/**
 * Chooses the ports to start on: those asked for, else those of the last start where they are free, else any.
 *
 * @throws TestbedError (environment) where a port that was asked for is in use
 */
export async function choosePorts(wanted: WantedPorts, last: Ports | undefined): Promise<Ports> {
  const taken = new Set<number>();
  const choose = async (name: string, asked: number | undefined, before: number | undefined): Promise<number> => {
    if (asked !== undefined) {
      if (!(await isFree(asked, LOOPBACK))) throw portInUse(name, asked);
      taken.add(asked);
      return asked;
    }
    const isOurs = (port: number) => !taken.has(port) && port !== wanted.etcd && port !== wanted.apiServer;
    const port = await choosePort(before, isOurs);
    taken.add(port);
    return port;
  };
  const apiServer = await choose('kube-apiserver', wanted.apiServer, last?.apiServer);
  const etcd = await choose('etcd', wanted.etcd, last?.etcd);
  const etcdPeer = await choose('etcd', undefined, last?.etcdPeer);
  if (!wanted.controllerManager) return { apiServer, etcd, etcdPeer };
  const controllerManager = await choose('kube-controller-manager', undefined, last?.controllerManager);
  return { apiServer, etcd, etcdPeer, controllerManager };
}

/**
 * @param before the port of the last start, which is taken where it is free
 * @param mayBe whether nobody else of this cluster has it
 * @param place where it is listened on
 */
export async function choosePort(
  before: number | undefined,
  mayBe: (port: number) => boolean,
  place: 'loopback' | 'every address' = 'loopback',
): Promise<number> {
  const host = place === 'loopback' ? LOOPBACK : undefined;
  // Whoever watches the cluster looks for it where it was; a process that was killed may take a moment to let go.
  const isFreeAgain = (port: number) => until(() => isFree(port, host), { deadlineMs: LET_GO_MS });
  if (before !== undefined && mayBe(before) && (await isFreeAgain(before))) return before;
  for (;;) {
    const candidate = randomInt(LOWEST, HIGHEST);
    if (mayBe(candidate) && (await isFree(candidate, host))) return candidate;
  }
}

/** Ports of loopback that were free a moment ago, of those that the system gives away. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((done, fail) => server.once('error', fail).listen(0, LOOPBACK, done));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

function portInUse(name: string, port: number): TestbedError {
  return new TestbedError(
    'environment',
    `port ${port} on 127.0.0.1, asked for ${name}, is in use by another process; end that process (find it with: lsof -i :${port}), choose another port, or leave the choice out`,
  );
}

/** Whether it can be listened on, tried for a moment. @param host undefined for every address */
export function isFree(port: number, host: string | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
