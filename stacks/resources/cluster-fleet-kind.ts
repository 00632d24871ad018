import { ClusterPlan } from '../../lib/kinds/cluster/cluster-plan';
import { clusterKind } from '../../lib/kinds/cluster/kind';
import type { ClusterSetEntry } from '../../lib/testbed/entries';
import { areMachinesMade } from '../../src/testbed/machine-sets';
import { resolveClusterSet } from '../../src/testbed/cluster-set-entry';
import { describedClusters, describedHosts } from '../../src/testbed/described';
import { machineOn } from '../../src/testbed/machine-on';
import { hasSurplus } from '../../src/testbed/surplus';
import type { ClusterFleetInputs } from './cluster-fleet-state';
import type { FleetKind } from './fleet-kind';

/** What is many in a `ClusterFleet`. */
export const clusterFleetKind: FleetKind<ClusterFleetInputs> = {
  resource: 'ClusterFleet',
  kind: clusterKind,
  content: ['clusterSet', 'secrets', 'releases'],
  advice:
    'do the managers of Cluster API run, and does something answer for the API of these clusters, as metal3-testbed up has it? Otherwise set waitFor to none.',
  // Some seconds of CPU, most of them the API server's.
  secondsEach: 10,
  inUse: machineOn,

  async describe(inputs) {
    const plan = new ClusterPlan(await resolveClusterSet(wholeSet(inputs), process.cwd()), inputs.releases);
    plan.check();
    const hosts = describedHosts(plan.hosts === undefined ? [] : [plan.hosts]);
    const clusters = describedClusters([plan]);
    return {
      count: plan.count,
      namespaces: () => plan.namespaces(),
      *objects() {
        yield* hosts.objects();
        yield* clusters.objects();
      },
      hasSurplus: (client, name, signal) => hasSurplus(client, { name }, clusters, signal),
      isMade: (client, signal) => areMachinesMade(client, plan.clusters(), signal),
    };
  },
};

/** The cluster set as it is described, with what is kept apart from it. */
export function wholeSet({
  clusterSet,
  secrets = {},
}: Pick<ClusterFleetInputs, 'clusterSet' | 'secrets'>): ClusterSetEntry {
  const { keySeed, certificateAuthority, credentials } = secrets;
  const { hosts, ...rest } = clusterSet;
  const withCredentials = credentials === undefined ? hosts : { ...hosts, credentials };
  return { ...rest, keySeed, certificateAuthority, hosts: withCredentials };
}
