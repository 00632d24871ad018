import type { ClusterPlan, PlannedCluster } from './cluster-plan';

interface Described {
  readonly plan: ClusterPlan;
  readonly cluster: PlannedCluster;
}

/** Clusters that differ in nothing but what follows from their index. */
export interface ClusterShape<T extends Described = Described> {
  /** The first of them. */
  readonly model: T;
  readonly like: readonly T[];
}

/** Clusters by what they are like; in the order in which their shapes are met. */
export function shapesOf<T extends Described>(clusters: Iterable<T>): readonly ClusterShape<T>[] {
  const shapes = new Map<string, { readonly model: T; readonly like: T[] }>();
  for (const each of clusters) {
    const { plan, cluster } = each;
    const key = JSON.stringify([plan.name, cluster.hosts, cluster.settings]);
    const shape = shapes.get(key);
    if (shape === undefined) shapes.set(key, { model: each, like: [] });
    else shape.like.push(each);
  }
  return [...shapes.values()];
}
