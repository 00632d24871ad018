/**
 * Several management clusters from one description: what they have in common is said once. Each is a control plane of its own
 * on this machine, with its platform, what simulates its hosts, and a fleet for each of its host sets.
 */
import {
  HostFleet,
  LocalCluster,
  managementClusters,
  MetalPlatform,
  type TestbedDescription,
} from 'metal3-testbed/pulumi';

const lab = {
  operators: [{ concurrency: 64 }],
  hostSets: [{ name: 'worker', count: 100, namespace: 'lab', hostsPerNamespace: 20 }],
  managementClusters: [
    { name: 'east' },
    { name: 'west', hostSets: [{ name: 'worker', count: 300, namespace: 'lab', hostsPerNamespace: 20 }] },
  ],
} satisfies TestbedDescription;

export const management = managementClusters(lab).map(({ name, props }) => {
  const cluster = new LocalCluster(name);
  const platform = new MetalPlatform(name, {
    kubeconfig: cluster.kubeconfig,
    hasPods: false,
    operators: props.operators,
    simulators: { folder: cluster.folder },
  });
  // The platform's kubeconfig is known once hosts are accepted: nothing else orders the two.
  const fleets = props.hostSets.map(
    (set) => new HostFleet(`${name}-${set.name}`, { kubeconfig: platform.kubeconfig, ...set }),
  );
  return { name, kubeconfig: platform.kubeconfig, hosts: fleets.map(({ count }) => count) };
});
