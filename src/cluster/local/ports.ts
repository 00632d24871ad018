import { createServer } from 'node:net';
import { TestbedError, invalidInput } from '../../../lib/errors';
import type { Ports } from './state';
import { isPort } from './state';

/** The ports somebody asked for; the others are chosen. */
export interface WantedPorts {
  readonly apiServer?: number | undefined;
  readonly etcd?: number | undefined;
}

/** @throws TestbedError (invalid-input) where a port is no port, or both are the same */
export function checkPorts(wanted: WantedPorts): void {
  for (const [name, port] of Object.entries(wanted)) {
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
      if (!(await isFree(asked))) throw portInUse(name, asked);
      taken.add(asked);
      return asked;
    }
    const candidates = before === undefined ? [] : [before];
    for (const port of candidates) {
      if (!taken.has(port) && port !== wanted.etcd && port !== wanted.apiServer && (await isFree(port))) {
        taken.add(port);
        return port;
      }
    }
    for (;;) {
      const port = await anyFree();
      if (taken.has(port) || port === wanted.etcd || port === wanted.apiServer) continue;
      taken.add(port);
      return port;
    }
  };
  const apiServer = await choose('kube-apiserver', wanted.apiServer, last?.apiServer);
  const etcd = await choose('etcd', wanted.etcd, last?.etcd);
  return { apiServer, etcd, etcdPeer: await choose('etcd', undefined, last?.etcdPeer) };
}

function portInUse(name: string, port: number): TestbedError {
  return new TestbedError(
    'environment',
    `port ${port} on 127.0.0.1, asked for ${name}, is in use by another process; end that process (find it with: lsof -i :${port}), choose another port, or leave the choice out`,
  );
}

function isFree(port: number): Promise<boolean> {
  return listen(port).then(
    () => true,
    () => false,
  );
}

function anyFree(): Promise<number> {
  return listen(0);
}

/** Listens for a moment, and gives back the port it was on. */
function listen(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });
}
