/** What is left on the cluster once the members of a set are deleted. */
import { applySetIdOf, PART_OF_LABEL, type ApplySetName } from './apply-set';
import { ignoreNotFound } from '../kubernetes/ignore-not-found';
import type { KubernetesClient } from '../kubernetes/client';
import type { KubernetesObject } from '../kubernetes/objects';
import { pagesOf } from '../kubernetes/pages';
import { collectionPath } from '../kubernetes/rest-mapper';
import { inParallel } from '../util/in-parallel';
import { until } from '../util/until';

const IN_FLIGHT = 16;
/** A namespace controller begins at once, and says so in the namespace's status where it takes longer. */
const CONTROLLER_MS = 3_000;
const CONTROLLER_LEASE = `${collectionPath('coordination.k8s.io/v1', 'leases', 'kube-system')}/kube-controller-manager`;

/** Deletes the ConfigMap that stands for a set whose members are gone. */
export async function deleteApplySetParent(
  client: KubernetesClient,
  { name, namespace = 'default' }: ApplySetName,
): Promise<void> {
  await ignoreNotFound(client.request('DELETE', `${collectionPath('v1', 'configmaps', namespace)}/${name}`));
}

/**
 * Lets the deleted namespaces of a set go where nobody else would: an API server on its own, without a controller
 * manager, keeps them `Terminating` for ever, and takes no new hosts in them.
 */
export async function finalizeNamespaces(client: KubernetesClient, set: ApplySetName): Promise<void> {
  const id = applySetIdOf(set);
  if ((await terminating(client, id)).length === 0) return;
  if ((await ignoreNotFound(client.request('GET', CONTROLLER_LEASE))) !== undefined) return;
  const isHandled = async () => (await terminating(client, id)).every(isTouched);
  if ((await until(isHandled, { deadlineMs: CONTROLLER_MS, everyMs: 250 })) !== undefined) return;
  await inParallel(await terminating(client, id), IN_FLIGHT, async (namespace) => {
    const path = `${collectionPath('v1', 'namespaces')}/${namespace.metadata.name}/finalize`;
    await ignoreNotFound(client.request('PUT', path, { body: { ...namespace, spec: { finalizers: [] } } }));
  });
}

function isTouched({ status }: KubernetesObject): boolean {
  return ((status as { readonly conditions?: readonly unknown[] } | undefined)?.conditions ?? []).length > 0;
}

/** The namespaces of a set that are deleted and still there. */
export async function terminating(client: KubernetesClient, setId: string): Promise<readonly KubernetesObject[]> {
  const found: KubernetesObject[] = [];
  const options = { labelSelector: `${PART_OF_LABEL}=${setId}` };
  for await (const { items } of pagesOf<KubernetesObject>(client, collectionPath('v1', 'namespaces'), options)) {
    for (const item of items)
      if (item.metadata.deletionTimestamp !== undefined) found.push({ ...item, apiVersion: 'v1', kind: 'Namespace' });
  }
  return found;
}
