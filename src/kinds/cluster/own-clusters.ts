/** Which objects of clusters are this testbed's: those with the label of its set. */
import { FIELD_MANAGER } from '../../kubernetes/field-manager';
import { ApplySet, asMember, memberLabel } from '../../apply/apply-set';
import type { SelectedCluster } from '../../../lib/scenario/select-clusters';
import type { KubernetesObject } from '../../kubernetes/objects';
import { groupKindOf } from '../../kubernetes/rest-mapper';
import type { LiveTestbed } from '../../testbed/live-testbed';

type Live = Pick<LiveTestbed, 'client' | 'sets'>;

/** An object as one of the testbed's. */
export function asOwn({ sets }: Pick<Live, 'sets'>, object: KubernetesObject): KubernetesObject {
  return asMember(object, memberLabel(sets.clusters));
}

/** Makes the set know of clusters that are about to be written one by one. */
export async function claimClusters(
  live: Live,
  clusters: readonly SelectedCluster[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const set = new ApplySet(live.client, live.sets.clusters, FIELD_MANAGER);
  await set.read(signal);
  const kinds = new Set(['Secret']);
  const namespaces = new Set<string>();
  for (const plan of new Set(clusters.map((each) => each.plan)))
    for (const { kind, apiVersion, metadata } of plan.sharedObjects()) {
      kinds.add(groupKindOf({ apiVersion, kind }));
      namespaces.add(metadata.namespace ?? '');
    }
  for (const { plan, cluster } of clusters) {
    namespaces.add(cluster.namespace);
    for (const { apiVersion, kind } of plan.describedBy(cluster)) kinds.add(groupKindOf({ apiVersion, kind }));
  }
  await set.grow(kinds, namespaces, signal);
}
