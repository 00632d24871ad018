import type { ApplySetName } from '../apply/apply-set';
import type { ClusterChoice } from '../cluster/clusters';

/** The ApplySets of a testbed, by whose labels alone its objects are known to be its own. */
export interface TestbedSets {
  /** Hosts and their Secrets. */
  readonly hosts: ApplySetName;
  /** Clusters, and all that describes their machines. */
  readonly clusters: ApplySetName;
  /** Namespaces, CRDs, and what runs in the cluster. */
  readonly platform: ApplySetName;
}

/**
 * A cluster of its own has one testbed. On one that was there before there may be several, each with a name of its own.
 *
 * @param id of the testbed, as its state folder says it
 */
export function setsOf(cluster: ClusterChoice['kind'], id: string): TestbedSets {
  const prefix = cluster === 'existing' ? `testbed-${id}` : 'testbed';
  return {
    hosts: { name: `${prefix}-hosts` },
    clusters: { name: `${prefix}-clusters` },
    platform: { name: `${prefix}-platform` },
  };
}
