import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bareMetalHost } from '../../lib/kinds/bare-metal-host/schema';
import { defaultVersion } from '../../lib/components/baremetal-operator/releases';
import { Applier } from '../../src/apply/apply';
import { startLocalCluster, stopLocalCluster } from '../../src/cluster/local/local-cluster';
import { KubernetesClient } from '../../src/kubernetes/client';
import { readKubeconfig } from '../../src/kubernetes/kubeconfig';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { pagesOf } from '../../src/kubernetes/pages';
import { collectionPath } from '../../src/kubernetes/rest-mapper';
import { HOSTS_PATH } from '../../test/support/hosts';
import { measure } from '../measure';

/** A fresh embedded control plane for one benchmark, with the CRD of the hosts. */
export interface BenchCluster {
  readonly dir: string;
  readonly kubeconfig: string;
  readonly client: KubernetesClient;
}

/** Runs something on a cluster of its own. */
export async function onCluster<T>(work: (cluster: BenchCluster) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-bench-'));
  try {
    const { connection } = await startLocalCluster({ stateDir: dir });
    const client = new KubernetesClient(await readKubeconfig(connection.kubeconfig));
    await new Applier(client).applyAll([bareMetalHost(defaultVersion) as unknown as KubernetesObject], {
      task: 'crds',
    });
    try {
      return await work({ dir, kubeconfig: connection.kubeconfig, client });
    } finally {
      await client.close();
    }
  } finally {
    await stopLocalCluster(dir, { delete: true });
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Brings hosts and Secrets in a process of its own. @param how post, ssa or apply */
export const applyClient = ({ kubeconfig }: BenchCluster, how: string, count: number, name = 'bench') =>
  measure(process.execPath, [join(__dirname, '..', 'apply-client.js'), how, kubeconfig, name, String(count)]);

/** How many writes of hosts and Secrets the API server itself has counted. */
export function writesCounted(client: KubernetesClient): Promise<number> {
  return requestsCounted(
    client,
    (line) => /resource="(secrets|baremetalhosts)"/.test(line) && /verb="(APPLY|PATCH|POST|PUT|DELETE)"/.test(line),
  );
}

/** How many requests the API server itself has counted. @param isMeant told by a line of its metrics */
export async function requestsCounted(
  client: KubernetesClient,
  isMeant: (line: string) => boolean = () => true,
): Promise<number> {
  const metrics = await client.request<string>('GET', '/metrics', { accept: 'text/plain' });
  const lines = metrics.split('\n').filter((line) => line.startsWith('apiserver_request_total{') && isMeant(line));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

/** The resourceVersions of all hosts and Secrets. */
export async function versionsOf(client: KubernetesClient): Promise<string> {
  const versions: string[] = [];
  for (const path of [HOSTS_PATH, collectionPath('v1', 'secrets')]) {
    for await (const { items } of pagesOf<KubernetesObject>(client, path, { metadataOnly: true })) {
      for (const { metadata } of items) versions.push(metadata.resourceVersion ?? '');
    }
  }
  return versions.join(' ');
}

/** How etcd of a cluster is reached. */
export function etcdOf(dir: string): {
  readonly url: string;
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
} {
  const { ports } = JSON.parse(readFileSync(join(dir, 'cluster.json'), 'utf8')) as { ports: { etcd: number } };
  const file = (name: string) => readFileSync(join(dir, 'pki', name));
  return {
    url: `https://127.0.0.1:${ports.etcd}`,
    ca: file('ca.crt'),
    cert: file('etcd-client.crt'),
    key: file('etcd-client.key'),
  };
}
