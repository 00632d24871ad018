import { invalidInput } from '../../errors';
import { HashTable } from '../hash-table';
import type { ClusterPlan, PlannedCluster } from './cluster-plan';

const WHATS = ['name', 'endpoint'] as const;
const ADVICE = {
  name: 'give one of the sets another name, namespace or firstIndex',
  endpoint:
    'give one of the sets another firstIndex, endpointPort or endpointHost, or one of the clusters another endpoint',
} as const;

/**
 * Refuses what stands twice: two clusters of one name in a namespace, and two APIs at one place. A set without overrides is
 * unique in itself, and needs no look at its clusters.
 *
 * @throws TestbedError (`invalid-input`) naming two clusters that share something
 */
export function requireUniqueClusters(plans: readonly ClusterPlan[]): void {
  if (plans.length < 2 && !plans.some(({ hasOverrides }) => hasOverrides)) return;
  const starts: number[] = [];
  let total = 0;
  for (const plan of plans) {
    starts.push(total);
    total += plan.count;
  }
  const recall = (id: number) => {
    const i = starts.findLastIndex((start) => start <= id);
    const plan = plans[i];
    if (plan === undefined) throw new RangeError(`no cluster ${id}`);
    return { plan, cluster: plan.clusterAt(plan.firstIndex + id - (starts[i] ?? 0)) };
  };
  const tables = { name: new HashTable(), endpoint: new HashTable() };
  let id = 0;
  for (const plan of plans) {
    for (const cluster of plan.clusters()) {
      for (const what of WHATS) {
        const value = valueOf(what, cluster);
        const earlier = tables[what].insert(value, id, (other) => valueOf(what, recall(other).cluster));
        if (earlier === undefined) continue;
        const other = recall(earlier);
        throw invalidInput(
          `${label(other.plan, other.cluster)} and ${label(plan, cluster)} have the same ${what} ${value}: ${ADVICE[what]}`,
        );
      }
      id++;
    }
  }
}

function valueOf(what: (typeof WHATS)[number], { namespace, name, endpoint }: PlannedCluster): string {
  if (what === 'name') return `${namespace}/${name}`;
  const host = endpoint.host.toLowerCase();
  return `${host.includes(':') ? `[${host}]` : host}:${endpoint.port}`;
}

function label(plan: ClusterPlan, { namespace, name }: PlannedCluster): string {
  return `cluster ${namespace}/${name} of cluster set ${plan.name}`;
}
