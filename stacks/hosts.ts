/** The layer `hosts`: fleets of hosts on a cluster that the layers below have made. */
import * as pulumi from '@pulumi/pulumi';
import { invalidInput } from '../lib/errors';
import { requireUniqueHosts } from '../lib/testbed/resolve';
import { layerOutputs } from './layer-outputs';
import { withPlainErrors } from './plain-errors';
import { describedSet } from './resources/described-set';
import type { HostFleetArgs } from './resources/host-fleet-args';
import { HostFleet } from './resources/host-fleet';
import type { FleetNames, Readiness } from './resources/fleet-state';

/** The arguments that are the same for all fleets of a layer. */
export type CommonFleetArg =
  | 'kubeconfig'
  | 'context'
  | 'provider'
  | 'forceConflicts'
  | 'onClusterGone'
  | 'asResources'
  | 'deleteTimeoutSeconds'
  | 'waitFor'
  | 'waitTimeoutSeconds';

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

/** A value for each fleet of the layer, by its name. */
export type ByFleet<T> = pulumi.Output<Readonly<Record<string, T>>>;

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
  const names = hostSets.map(({ name = 'worker' }) => name);
  withPlainErrors(() => requireHostsOnce(names, hostSets));
  const where = await withPlainErrors(() => clusterOf(clusterStack, { kubeconfig, provider }));
  const fleets = hostSets.map((set, i) => new HostFleet(names[i] ?? '', { ...set, ...common, ...where, waitFor }));
  const byFleet = <T>(valueOf: (fleet: HostFleet) => pulumi.Output<T>): ByFleet<T> =>
    pulumi.all(Object.fromEntries(fleets.map((fleet, i) => [names[i] ?? '', valueOf(fleet)]))) as unknown as ByFleet<T>;
  const known = pulumi.all(fleets.map((fleet) => fleet.kubeconfig));
  return {
    kubeconfig: pulumi.secret(known.apply(([first = '']) => first)),
    hosts: pulumi
      .all(fleets.map(({ count }) => count))
      .apply((counts) => counts.reduce((sum, count) => sum + count, 0)),
    hostNames: byFleet(({ hostNames }) => hostNames),
    namespaces: byFleet(({ namespaces }) => namespaces),
    objects: byFleet(({ objects }) => objects),
    readiness: byFleet(({ readiness }) => readiness).apply(waitedFor),
  };
}

/** @throws TestbedError (`invalid-input`) for two sets of one name, or with the same host */
function requireHostsOnce(names: readonly string[], hostSets: readonly HostSetConfig[]): void {
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw invalidInput(`two host sets are named '${twice}': give one of them another name`);
  const fleets = hostSets.map((set, i) => describedSet(names[i] ?? '', set).fleet);
  // Hosts that are known only once other resources are made are refused by the cluster, if at all.
  requireUniqueHosts(fleets.filter((fleet) => fleet !== undefined));
}

/** @throws TestbedError (`invalid-input`) unless exactly one of them says where the hosts go */
async function clusterOf(
  clusterStack: string | undefined,
  where: Pick<HostFleetArgs, 'kubeconfig' | 'provider'>,
): Promise<Pick<HostFleetArgs, 'kubeconfig' | 'provider'>> {
  const isGiven = where.kubeconfig !== undefined || where.provider !== undefined;
  if (isGiven && clusterStack === undefined) return where;
  if (!isGiven && clusterStack !== undefined) {
    const { kubeconfig } = await layerOutputs<{ kubeconfig: pulumi.Output<string> }>(clusterStack, ['kubeconfig']);
    return { kubeconfig };
  }
  throw invalidInput(
    `the layer hosts has ${isGiven ? 'both' : 'neither'} clusterStack and kubeconfig: give one of them`,
  );
}

function waitedFor(all: Readonly<Record<string, Readiness | undefined>>): Readonly<Record<string, Readiness>> {
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, Readiness] => entry[1] !== undefined),
  );
}
