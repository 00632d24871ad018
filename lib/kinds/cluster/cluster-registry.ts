import { urlHost } from '../../url-host';
import { requireUniqueMembers, type Claims } from '../registry';
import type { ClusterPlan, PlannedCluster } from './cluster-plan';

const CLUSTER_CLAIMS: Claims<PlannedCluster> = {
  name: {
    key: ({ namespace, name }) => `${namespace}/${name}`,
    advice: 'give one of the sets another name, namespace or firstIndex',
  },
  endpoint: {
    key: ({ endpoint }) => `${urlHost(endpoint.host.toLowerCase())}:${endpoint.port}`,
    advice:
      'give one of the sets another firstIndex, endpointPort or endpointHost, or one of the clusters another endpoint',
  },
};

/**
 * Refuses what stands twice: two clusters of one name in a namespace, and two APIs at one place.
 *
 * @throws TestbedError (`invalid-input`) naming two clusters that share something
 */
export function requireUniqueClusters(plans: readonly ClusterPlan[]): void {
  requireUniqueMembers('cluster', plans, CLUSTER_CLAIMS, (plan, nth) => plan.clusterAt(plan.firstIndex + nth));
}
