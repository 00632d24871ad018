import type { ClusterPlan, PlannedCluster } from '../kinds/cluster/cluster-plan';
import { selectMembers } from './select-members';
import type { ClusterSelection, HostOrClusterSelection } from './selections';

/** A cluster with the plan that describes it. */
export interface SelectedCluster {
  readonly plan: ClusterPlan;
  readonly cluster: PlannedCluster;
}

/** Whether a selection says that it is for every cluster of its sets. */
export function isForAll(clusters: ClusterSelection['clusters']): boolean {
  return clusters === undefined || clusters === 'all';
}

/** The clusters of a selection, as {@link selectMembers} gives them. */
export function* selectClusters(
  plans: readonly ClusterPlan[],
  { clusterSets, clusters, share }: ClusterSelection,
): Generator<SelectedCluster, void, undefined> {
  const named = plans.filter(({ name }) => clusterSets?.includes(name) ?? true);
  const selection = { indexes: isForAll(clusters) ? undefined : clusters, what: 'clusters', share };
  for (const [plan, cluster] of selectMembers(named, (each) => each.clusters(), selection)) yield { plan, cluster };
}

/** Whether what is for hosts or for clusters is for clusters. */
export function selectsClusters({ clusters, clusterSets }: HostOrClusterSelection): boolean {
  return clusters !== undefined || clusterSets !== undefined;
}
