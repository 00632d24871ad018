import { API_VERSIONS } from '../../lib/kinds/cluster/api-groups';
import { applySetIdOf, PART_OF_LABEL, type ApplySetName } from '../apply/apply-set';
import type { KubernetesClient } from '../kubernetes/client';
import { ignoreNotFound } from '../kubernetes/ignore-not-found';
import type { KubernetesObject, NamespacedName } from '../kubernetes/objects';
import { listed } from '../kubernetes/pages';
import { collectionPath } from '../kubernetes/rest-mapper';
import { inParallel } from '../util/in-parallel';

const IN_FLIGHT = 32;

interface Cluster extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & NamespacedName;
  readonly spec?: { readonly paused?: boolean };
}

/**
 * Deletes those clusters of a set that are paused, and unpauses them: nobody takes care of one that is paused, also not of
 * its end. They may have been paused by a scenario, or be half-written clusters of one that was killed.
 *
 * @param isKept clusters that are to stay as they are. @default none
 */
export async function deletePaused(
  client: KubernetesClient,
  set: ApplySetName,
  signal?: AbortSignal,
  isKept: (cluster: NamespacedName) => boolean = () => false,
): Promise<void> {
  const labelSelector = `${PART_OF_LABEL}=${applySetIdOf(set)}`;
  const path = (namespace?: string) => collectionPath(API_VERSIONS.core, 'clusters', namespace);
  const paused = (cluster: Cluster) => (cluster.spec?.paused === true && !isKept(cluster.metadata) ? [cluster] : []);
  await inParallel(
    (await ignoreNotFound(listed(client, path(), paused, { labelSelector, signal }))) ?? [],
    IN_FLIGHT,
    async ({ metadata: { namespace, name, uid } }) => {
      const where = `${path(namespace)}/${name}`;
      // First it is deleted, so that nobody makes anything for it anew.
      await ignoreNotFound(client.request('DELETE', where, { body: { preconditions: { uid } }, signal }));
      const body = { metadata: { uid }, spec: { paused: null } };
      const contentType = 'application/merge-patch+json';
      await ignoreNotFound(client.request('PATCH', where, { body, contentType, signal }));
    },
    signal,
  );
}
