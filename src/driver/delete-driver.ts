/** Takes off a cluster what was made there for a scenario that runs in it. */
import { listMetadata } from '../install/metadata';
import { labelSelectorOf } from '../install/workloads';
import type { KubernetesClient } from '../kubernetes/client';
import { ignoreNotFound } from '../kubernetes/ignore-not-found';
import { collectionPath } from '../kubernetes/rest-mapper';
import { driverLabels, driverNamespace } from './names';

const RBAC = 'rbac.authorization.k8s.io/v1';

export async function deleteDriver(client: KubernetesClient, id: string): Promise<void> {
  const labelSelector = labelSelectorOf(driverLabels(id));
  // First: a run that goes on without its rights would end with an error of its own.
  const namespace = `${collectionPath('v1', 'namespaces')}/${driverNamespace(id)}`;
  await ignoreNotFound(client.request('DELETE', namespace, { body: { propagationPolicy: 'Background' } }));
  for (const plural of ['clusterrolebindings', 'clusterroles', 'rolebindings', 'roles']) {
    for (const { metadata } of await listMetadata(client, collectionPath(RBAC, plural), { labelSelector }))
      await ignoreNotFound(
        client.request('DELETE', `${collectionPath(RBAC, plural, metadata.namespace)}/${metadata.name}`),
      );
  }
}
