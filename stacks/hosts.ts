/** The layer `hosts`: fleets of hosts on a cluster that the layers below have made. */
import * as pulumi from '@pulumi/pulumi';
import { invalidInput } from '../lib/errors';
import { requireUniqueHosts } from '../lib/testbed/resolve';
import { fullStackName } from './layer-outputs';
import { describedSet } from './resources/described-set';
import type { HostFleetArgs } from './resources/host-fleet-args';
import { HostFleet } from './resources/host-fleet';

/** The arguments that are the same for all fleets of a layer. */
export type CommonFleetArg =
  'kubeconfig' | 'context' | 'forceConflicts' | 'onClusterGone' | 'asResources' | 'deleteTimeoutSeconds';

/** What the layer `hosts` is asked for. */
export interface HostsLayerConfig extends Partial<Pick<HostFleetArgs, CommonFleetArg>> {
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
  readonly hostSets?: readonly Omit<HostFleetArgs, CommonFleetArg>[];
}

/** What the layer `hosts` gives to others. */
export interface HostsLayerOutputs {
  /** How many hosts are described. */
  readonly hosts: number;
  /** The objects on the cluster by fleet, and in it by `Kind.group`. */
  readonly objects: pulumi.Output<Readonly<Record<string, Readonly<Record<string, number>>>>>;
}

/**
 * A `HostFleet` for each host set.
 *
 * @throws TestbedError (`invalid-input`) for sets that give no valid hosts, or the same host twice; nothing is registered
 */
export function hostsLayer(config: HostsLayerConfig): HostsLayerOutputs {
  const { clusterStack, hostSets = [{ count: 10 }], kubeconfig, ...common } = config;
  const names = hostSets.map(({ name = 'worker' }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw invalidInput(`two host sets are named '${twice}': give one of them another name`);
  requireUniqueHosts(hostSets.map((set, i) => describedSet(names[i] ?? '', set).fleet));
  const where = kubeconfigOf(clusterStack, kubeconfig);
  const fleets = hostSets.map((set, i) => new HostFleet(names[i] ?? '', { ...set, ...common, kubeconfig: where }));
  return {
    hosts: fleets.reduce((sum, { count }) => sum + count, 0),
    objects: pulumi.all(Object.fromEntries(fleets.map(({ objects }, i) => [names[i] ?? '', objects] as const))),
  };
}

/** @throws TestbedError (`invalid-input`) unless exactly one of the two says where the hosts go */
function kubeconfigOf(
  clusterStack: string | undefined,
  kubeconfig: pulumi.Input<string> | undefined,
): pulumi.Input<string> {
  if (kubeconfig !== undefined && clusterStack === undefined) return kubeconfig;
  if (clusterStack !== undefined && kubeconfig === undefined)
    return new pulumi.StackReference(fullStackName(clusterStack)).requireOutput('kubeconfig') as pulumi.Output<string>;
  throw invalidInput(
    `the layer hosts has ${kubeconfig === undefined ? 'neither' : 'both'} clusterStack and kubeconfig: give one of them`,
  );
}
