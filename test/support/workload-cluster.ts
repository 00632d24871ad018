/** Workload clusters without a management cluster: facts by hand, certificates of their own, and what a client needs. */
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { issueLeaf, type KeyPair } from '../../src/cluster/local/issue';
import { WorkloadCluster } from '../../src/simulators/workload-api/cluster';
import { Endpoint } from '../../src/simulators/workload-api/endpoint';
import type { ClusterFacts, MachineFacts } from '../../src/simulators/workload-api/facts';
import { FaultCounts } from '../../src/simulators/workload-api/faults';
import { RequestCounts } from '../../src/simulators/workload-api/request-counts';
import { issueIdentity } from '../../src/simulators/workload-api/server-identity';

const DAY_MS = 86_400_000;

/** A machine whose host has been provisioned a while ago. */
export function machine(name: string, changes: Partial<MachineFacts> = {}): MachineFacts {
  return {
    name,
    uid: `uid-of-${name}`,
    version: 'v1.34.1',
    isControlPlane: false,
    hasNode: false,
    providerId: '',
    host: {
      uid: `host-of-${name}`,
      name: `host-${name}`,
      provisionedAt: Date.UTC(2026, 0, 1),
      address: '192.168.111.20',
      cpus: 4,
      memoryMib: 16_384,
      offSince: undefined,
      boots: 0,
    },
    ...changes,
  };
}

export function controlPlane(name: string, changes: Partial<MachineFacts> = {}): MachineFacts {
  return machine(name, { isControlPlane: true, ...changes });
}

export function facts(
  name: string,
  machines: readonly MachineFacts[],
  changes: Partial<ClusterFacts> = {},
): ClusterFacts {
  return {
    namespace: 'default',
    name,
    uid: `uid-of-${name}`,
    endpoint: { host: '127.0.0.1', port: 0 },
    version: 'v1.34.1',
    hasStackedEtcd: true,
    podCidr: '192.168.0.0/16',
    serviceCidr: '10.96.0.0/12',
    dnsDomain: 'cluster.local',
    machines,
    ...changes,
  };
}

/** A port that nobody has at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export function clientOf(
  ca: KeyPair,
  validity = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) },
) {
  return issueLeaf(ca, { commonName: 'kubernetes-admin', client: true }, validity);
}

/** A kubeconfig of a cluster's admin. */
export function kubeconfigOf(server: string, ca: KeyPair, client: KeyPair): string {
  const data = (text: string) => Buffer.from(text).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': data(ca.cert) } }],
    users: [{ name: 'u', user: { 'client-certificate-data': data(client.cert), 'client-key-data': data(client.key) } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  });
}

/** Serves a cluster on a port of this machine. */
export async function served(of: ClusterFacts, ca: KeyPair, etcd?: KeyPair) {
  const port = await freePort();
  const cluster = new WorkloadCluster({ ...of, endpoint: { host: '127.0.0.1', port } });
  const counts = new RequestCounts();
  const identity = await issueIdentity(ca, ['127.0.0.1', 'localhost']);
  const etcdIdentity = etcd && (await issueIdentity(etcd, ['localhost']));
  const faultCounts = new FaultCounts();
  const endpoint = new Endpoint({ cluster, identity, etcd: etcdIdentity, counts, faultCounts });
  await endpoint.listen({ host: '127.0.0.1', port });
  const close = async () => {
    cluster.stop();
    await endpoint.close();
  };
  return { cluster, counts, endpoint, faultCounts, port, server: `https://127.0.0.1:${port}`, close };
}
