/** Whether there are hosts for the machines of cluster sets that make none. */
import { invalidInput } from '../errors';
import type { Fleet, FleetHost } from '../kinds/bare-metal-host/fleet';
import type { ClusterPlan, PlannedCluster } from '../kinds/cluster/cluster-plan';
import type { HostSelector } from '../kinds/cluster/cluster-set-props';

type Labels = Readonly<Record<string, string>>;

/** Machines of a namespace that may be put on the same hosts. */
interface Demand {
  readonly selector: HostSelector;
  machines: number;
  readonly cluster: string;
}

/**
 * Refuses machines that no hosts are described for: CAPM3 looks for one in the machine's own namespace, among those that fit
 * its selector.
 *
 * @throws TestbedError (`invalid-input`)
 */
export function checkHostsSuffice(plans: readonly ClusterPlan[], fleets: readonly Fleet[]): void {
  for (const plan of plans) {
    if (plan.hosts !== undefined || plan.props.existingHosts === true || plan.count === 0) continue;
    const demands = new Map<string, Map<string, Demand>>();
    for (const cluster of plan.clusters()) {
      let inNamespace = demands.get(cluster.namespace);
      if (inNamespace === undefined) {
        inNamespace = new Map<string, Demand>();
        demands.set(cluster.namespace, inNamespace);
      }
      for (const { selector, machines } of machinesOf(cluster)) {
        const key = JSON.stringify(selector);
        const known = inNamespace.get(key);
        if (known !== undefined) known.machines += machines;
        else inNamespace.set(key, { selector, machines, cluster: cluster.name });
      }
    }
    const supply = countHosts(fleets, demands);
    for (const [namespace, inNamespace] of demands) {
      const all = [...inNamespace];
      for (const group of groupsOf(all)) checkGroup(plan, namespace, group, supply.get(namespace));
    }
  }
}

/** Each selector by itself, and all of them together: two that share hosts may each have enough, and not both. */
function groupsOf<T>(all: readonly T[]): readonly (readonly T[])[] {
  return all.length < 2 ? [all] : [...all.map((each) => [each]), all];
}

function checkGroup(
  { name }: ClusterPlan,
  namespace: string,
  demands: readonly (readonly [key: string, Demand])[],
  hosts: ReadonlyMap<string, number> = new Map(),
): void {
  const machines = demands.reduce((sum, [, demand]) => sum + demand.machines, 0);
  const keys = demands.map(([key]) => key);
  let fitting = 0;
  for (const [selectors, count] of hosts) if (keys.some((key) => selectors.includes(`\n${key}\n`))) fitting += count;
  if (fitting >= machines) return;
  const described = demands.map(([, { selector }]) => textOf(selector)).join('; ');
  throw invalidInput(
    `cluster set ${name} has ${machines} machines in namespace ${namespace}, and hostSets have ${fitting} hosts there that fit ${described}: add hosts, let the set make them (leave hostSelector out), or set existingHosts where they come from elsewhere`,
  );
}

function machinesOf({ controlPlanes, settings }: PlannedCluster) {
  const { hostSelector, groups } = settings;
  const selector = hostSelector ?? {};
  return [
    { selector, machines: controlPlanes },
    ...groups.map((group) => ({ selector: group.hostSelector ?? selector, machines: group.replicas })),
  ];
}

/** How many hosts of each namespace fit which selectors: by the keys of all that they fit, between line breaks. */
function countHosts(
  fleets: readonly Fleet[],
  demands: ReadonlyMap<string, ReadonlyMap<string, Demand>>,
): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const counts = new Map<string, Map<string, number>>();
  for (const fleet of fleets) {
    for (const host of fleet.hosts()) {
      const wanted = demands.get(host.namespace);
      if (wanted === undefined) continue;
      const labels = labelsOf(fleet, host);
      const fitting = [...wanted].filter(([, { selector }]) => fits(selector, labels)).map(([key]) => `\n${key}\n`);
      if (fitting.length === 0) continue;
      let ofNamespace = counts.get(host.namespace);
      if (ofNamespace === undefined) {
        ofNamespace = new Map<string, number>();
        counts.set(host.namespace, ofNamespace);
      }
      const key = fitting.join('');
      ofNamespace.set(key, (ofNamespace.get(key) ?? 0) + 1);
    }
  }
  return counts;
}

function labelsOf(fleet: Fleet, { override }: FleetHost): Labels {
  return { ...fleet.props.labels, ...override?.labels };
}

/** As Kubernetes' selectors are read (apimachinery/pkg/labels). */
export function fits({ matchLabels = {}, matchExpressions = [] }: HostSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case 'exists':
          return value !== undefined;
        case '!':
          return value === undefined;
        case '=':
        case '==':
        case 'in':
          return value !== undefined && values.includes(value);
        case '!=':
        case 'notin':
          return value === undefined || !values.includes(value);
        case 'gt':
          return Number.isInteger(Number(value)) && Number(value) > Number(values[0]);
        case 'lt':
          return Number.isInteger(Number(value)) && Number(value) < Number(values[0]);
      }
    })
  );
}

function textOf({ matchLabels = {}, matchExpressions = [] }: HostSelector): string {
  return [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) => [key, operator, ...values].join(' ')),
  ].join(', ');
}
