import { applySetIdOf, PART_OF_LABEL, type ApplySetName } from '../apply/apply-set';
import type { KubernetesClient } from '../kubernetes/client';
import { ignoreNotFound } from '../kubernetes/ignore-not-found';
import type { NamespacedName } from '../kubernetes/objects';
import type { Operation } from '../util/events';
import { listMetadata } from '../install/metadata';
import { deletePaused } from '../install/delete-paused';
import { objectsPath } from '../watch/paths';
import type { DescribedObjects } from './described';
import type { LiveTestbed } from './live-testbed';

/**
 * Deletes clusters that an earlier description had and this one has not, with all that was described of them, and waits
 * until they are gone. Before anything else is written: the hosts that their machines are on may be those of other clusters,
 * or no longer described themselves, and their endpoints may be others' from now on.
 *
 * @throws TestbedError (`timeout`) naming what does not go
 */
export async function deleteSurplus(
  { client, applier, sets }: Pick<LiveTestbed, 'applier' | 'client' | 'sets'>,
  clusters: DescribedObjects,
  { listener, signal }: Operation,
): Promise<void> {
  if (!(await hasSurplus(client, sets.clusters, clusters, signal))) return;
  const described = keysOf(clusters.targets());
  await deletePaused(client, sets.clusters, signal, (cluster) => described.has(keyOf(cluster)));
  const task = 'clusters no longer described';
  await applier.prune(clusters.objects(), { task, set: sets.clusters, pruneAll: true, listener, signal });
}

function keyOf({ namespace, name }: NamespacedName): string {
  return `${namespace}/${name}`;
}

function keysOf(targets: Iterable<NamespacedName>): ReadonlySet<string> {
  return new Set([...targets].map(keyOf));
}

/** Whether a set has clusters that are not described. */
export async function hasSurplus(
  client: KubernetesClient,
  set: ApplySetName,
  clusters: Pick<DescribedObjects, 'kind' | 'targets'>,
  signal?: AbortSignal,
): Promise<boolean> {
  const labelSelector = `${PART_OF_LABEL}=${applySetIdOf(set)}`;
  const there =
    (await ignoreNotFound(listMetadata(client, objectsPath(clusters.kind), { labelSelector, signal }))) ?? [];
  if (there.length === 0) return false;
  const described = keysOf(clusters.targets());
  return !there.every(({ metadata }) => described.has(`${metadata.namespace}/${metadata.name}`));
}
