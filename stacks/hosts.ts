/** The layer `hosts`: fleets of hosts on a cluster that the layers below have made. */
import type * as pulumi from '@pulumi/pulumi';
import { requireUniqueHosts } from '../lib/testbed/resolve';
import { byFleet, clusterOf, kubeconfigOf, namedSets, readinessOf, sumOf, type ByFleet } from './fleets-layer';
import { withPlainErrors } from './plain-errors';
import { describedSet } from './resources/described-set';
import type { FleetArgs } from './resources/fleet-args';
import type { HostFleetArgs } from './resources/host-fleet-args';
import { HostFleet } from './resources/host-fleet';
import type { FleetNames, Readiness } from './resources/fleet-state';

/** The arguments that are the same for all fleets of a layer. */
export type CommonFleetArg = Exclude<keyof FleetArgs, 'createNamespaces' | 'set'> | 'asResources';

/** A host set of the layer. */
export interface HostSetConfig extends Omit<HostFleetArgs, CommonFleetArg | 'name'> {
  /** Name of the set, and of its fleet. @default 'worker' */
  readonly name?: string | undefined;
}

/** What the layer `hosts` is asked for. */
export interface HostsLayerConfig extends Pick<HostFleetArgs, Exclude<CommonFleetArg, 'waitFor'>> {
  /**
   * Stack whose output `kubeconfig` says where the hosts go, of the layer `platform` or `cluster`: its name, or
   * `{organization}/{project}/{stack}`.
   * @default - `kubeconfig`
   */
  readonly clusterStack?: string;
  /**
   * The host sets, a fleet each, named after it.
   * @default - 10 hosts, as in the blog
   */
  readonly hostSets?: readonly HostSetConfig[];
  /**
   * What an update waits for once the hosts are written, as a fleet does.
   * @default 'settled': whatever simulates the hosts is part of the layer below
   */
  readonly waitFor?: HostFleetArgs['waitFor'];
}

/** What the layer `hosts` gives to others. */
export interface HostsLayerOutputs {
  /** Content of the cluster's kubeconfig, known once the hosts are there; a secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** How many hosts are described. */
  readonly hosts: pulumi.Output<number>;
  /** How the hosts are called, by fleet. */
  readonly hostNames: ByFleet<FleetNames>;
  /** The namespaces of the hosts, by fleet. */
  readonly namespaces: ByFleet<readonly string[]>;
  /** The objects on the cluster by fleet, and in it by `Kind.group`. */
  readonly objects: ByFleet<Readonly<Record<string, number>>>;
  /** What the hosts had come to when they were waited for, by fleet; fleets that waited for nothing are left out. */
  readonly readiness: ByFleet<Readiness>;
}

/**
 * A `HostFleet` for each host set.
 *
 * @throws TestbedError (`invalid-input`) for sets that give no valid hosts, or the same host twice, and where the stack below is
 * not up; nothing is registered
 */
export async function hostsLayer(config: HostsLayerConfig): Promise<HostsLayerOutputs> {
  const { clusterStack, hostSets = [{ count: 10 }], kubeconfig, provider, waitFor = 'settled', ...common } = config;
  const sets = withPlainErrors(() => {
    const named = namedSets('host', 'worker', hostSets);
    requireHostsOnce(named);
    return named;
  });
  const where = await withPlainErrors(() => clusterOf('hosts', clusterStack, { kubeconfig, provider }));
  const fleets = new Map(
    sets.map(([name, set]) => [name, new HostFleet(name, { ...set, ...common, ...where, waitFor })] as const),
  );
  return {
    kubeconfig: kubeconfigOf(fleets, where),
    hosts: sumOf(fleets, ({ count }) => count),
    hostNames: byFleet(fleets, ({ hostNames }) => hostNames),
    namespaces: byFleet(fleets, ({ namespaces }) => namespaces),
    objects: byFleet(fleets, ({ objects }) => objects),
    readiness: readinessOf(fleets),
  };
}

/** @throws TestbedError (`invalid-input`) for two sets with the same host */
function requireHostsOnce(sets: readonly (readonly [string, HostSetConfig])[]): void {
  const fleets = sets.map(([name, set]) => describedSet(name, set).fleet);
  // Hosts that are known only once other resources are made are refused by the cluster, if at all.
  requireUniqueHosts(fleets.filter((fleet) => fleet !== undefined));
}
