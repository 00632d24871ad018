/** The layer `clusters`: fleets of Metal3 clusters on a management cluster that the layers below have made. */
import type * as pulumi from '@pulumi/pulumi';
import { requireUniqueClusters } from '../lib/kinds/cluster/cluster-registry';
import { requireUniqueHosts } from '../lib/testbed/resolve';
import { byFleet, clusterOf, kubeconfigOf, namedSets, readinessOf, sumOf, type ByFleet } from './fleets-layer';
import { withPlainErrors } from './plain-errors';
import { ClusterFleet } from './resources/cluster-fleet';
import type { ClusterFleetArgs } from './resources/cluster-fleet-args';
import { describedClusters } from './resources/described-clusters';
import type { FleetArgs } from './resources/fleet-args';
import type { FleetNames, Readiness } from './resources/fleet-state';

/** The arguments that are the same for all fleets of clusters of a layer. */
export type CommonClusterFleetArg = Exclude<keyof FleetArgs, 'createNamespaces' | 'set'> | 'releases';

/** A cluster set of the layer. */
export interface ClusterSetConfig extends Omit<ClusterFleetArgs, CommonClusterFleetArg | 'name'> {
  /** Name of the set, and of its fleet. @default 'cluster' */
  readonly name?: string | undefined;
}

/** What the layer `clusters` is asked for. */
export interface ClustersLayerConfig extends Pick<ClusterFleetArgs, Exclude<CommonClusterFleetArg, 'waitFor'>> {
  /**
   * Stack whose output `kubeconfig` says where the clusters go, of the layer `platform`, or of `hosts` where they are put on
   * its hosts: its name, or `{organization}/{project}/{stack}`.
   * @default - `kubeconfig`
   */
  readonly clusterStack?: string;
  /**
   * The cluster sets, a fleet each, named after it.
   * @default - one cluster, on two hosts that its set makes
   */
  readonly clusterSets?: readonly ClusterSetConfig[];
  /**
   * What an update waits for once the clusters are described, as a fleet does.
   * @default 'settled': each is available, with all of its machines
   */
  readonly waitFor?: ClusterFleetArgs['waitFor'];
}

/** What the layer `clusters` gives to others. */
export interface ClustersLayerOutputs {
  /** Content of the management cluster's kubeconfig, known once the clusters are there; a secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** How many clusters are described. */
  readonly clusters: pulumi.Output<number>;
  /** How many machines they have in all. */
  readonly machines: pulumi.Output<number>;
  /** How the clusters are called, by fleet. */
  readonly clusterNames: ByFleet<FleetNames>;
  /** The namespaces of the clusters, by fleet. */
  readonly namespaces: ByFleet<readonly string[]>;
  /** The objects on the management cluster by fleet, and in it by `Kind.group`. */
  readonly objects: ByFleet<Readonly<Record<string, number>>>;
  /** What the clusters had come to when they were waited for, by fleet; fleets that waited for nothing are left out. */
  readonly readiness: ByFleet<Readiness>;
}

/**
 * A `ClusterFleet` for each cluster set.
 *
 * @throws TestbedError (`invalid-input`) for sets that give no valid clusters, or the same cluster, endpoint or host twice,
 * and where the stack below is not up; nothing is registered
 */
export async function clustersLayer(config: ClustersLayerConfig): Promise<ClustersLayerOutputs> {
  const { clusterStack, clusterSets = [{ count: 1 }], kubeconfig, provider, waitFor = 'settled', ...common } = config;
  const sets = withPlainErrors(() => {
    const named = namedSets('cluster', 'cluster', clusterSets);
    requireClustersOnce(named, config);
    return named;
  });
  const where = await withPlainErrors(() => clusterOf('clusters', clusterStack, { kubeconfig, provider }));
  const fleets = new Map(
    sets.map(([name, set]) => [name, new ClusterFleet(name, { ...set, ...common, ...where, waitFor })] as const),
  );
  return {
    kubeconfig: kubeconfigOf(fleets, where),
    clusters: sumOf(fleets, ({ count }) => count),
    machines: sumOf(fleets, ({ machines }) => machines),
    clusterNames: byFleet(fleets, ({ clusterNames }) => clusterNames),
    namespaces: byFleet(fleets, ({ namespaces }) => namespaces),
    objects: byFleet(fleets, ({ objects }) => objects),
    readiness: readinessOf(fleets),
  };
}

/** @throws TestbedError (`invalid-input`) for two sets with the same cluster, endpoint or host */
function requireClustersOnce(
  sets: readonly (readonly [string, ClusterSetConfig])[],
  { releases }: ClustersLayerConfig,
): void {
  // What is known only once other resources are made is refused by the cluster, if at all.
  const plans = sets
    .map(([name, set]) => describedClusters(name, { ...set, releases }).plan)
    .filter((plan) => plan !== undefined);
  requireUniqueClusters(plans);
  requireUniqueHosts(plans.map(({ hosts }) => hosts).filter((hosts) => hosts !== undefined));
}
