/** Takes off a cluster what was made there for a scenario that runs in it. */
import type { KubernetesClient } from '../kubernetes/client';
import { ignoreNotFound } from '../kubernetes/ignore-not-found';
import { collectionPath } from '../kubernetes/rest-mapper';
import { driverLabels, driverNamespace } from './names';

interface Named {
  readonly name: string;
  readonly namespace?: string;
}

const RBAC = 'rbac.authorization.k8s.io/v1';

export async function deleteDriver(client: KubernetesClient, id: string): Promise<void> {
  const labelSelector = Object.entries(driverLabels(id))
    .map(([label, value]) => `${label}=${value}`)
    .join(',');
  // First: a run that goes on without its rights would end with an error of its own.
  const namespace = `${collectionPath('v1', 'namespaces')}/${driverNamespace(id)}`;
  await ignoreNotFound(client.request('DELETE', namespace, { body: { propagationPolicy: 'Background' } }));
  for (const plural of ['clusterrolebindings', 'clusterroles', 'rolebindings', 'roles']) {
    const { items } = await client.request<{ readonly items: readonly { readonly metadata: Named }[] }>(
      'GET',
      collectionPath(RBAC, plural),
      { query: { labelSelector } },
    );
    for (const { metadata } of items)
      await ignoreNotFound(
        client.request('DELETE', `${collectionPath(RBAC, plural, metadata.namespace)}/${metadata.name}`),
      );
  }
}
