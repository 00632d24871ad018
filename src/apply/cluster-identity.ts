import { TestbedError } from '../../lib/errors';
import type { KubernetesClient } from '../kubernetes/client';
import type { KubernetesObject } from '../kubernetes/objects';

/**
 * What tells one cluster from every other, even where both have the same address: the UID of namespace kube-system,
 * which is made once and never deleted.
 */
export async function clusterUid(client: KubernetesClient, signal?: AbortSignal): Promise<string> {
  const { metadata } = await client.request<KubernetesObject>('GET', '/api/v1/namespaces/kube-system', { signal });
  return metadata.uid ?? '';
}

/** @throws TestbedError (`cluster`) where the cluster is another than the one recorded */
export async function requireCluster(
  client: KubernetesClient,
  recordedUid: string,
  signal?: AbortSignal,
): Promise<void> {
  const uid = await clusterUid(client, signal);
  if (uid === recordedUid) return;
  throw new TestbedError(
    'cluster',
    `the API server at ${client.server} belongs to cluster ${uid}, but this testbed was last applied to cluster ${recordedUid}: nothing was changed; name the right kubeconfig or context, or start over in another state folder`,
  );
}
