/**
 * Two management clusters on this machine, one with the operator that is in use and one with the next, and the same hosts
 * on both: what a change between releases does is then a matter of looking.
 */
import { HostFleet, KindCluster, MetalPlatform } from 'metal3-testbed/pulumi';

const RELEASES = { stable: 'v0.13.2', next: 'v0.14.0-rc.0' } as const;

export const kubeconfigs = Object.entries(RELEASES).map(([name, version]) => {
  const cluster = new KindCluster(name, { name: `metal3-${name}` });
  const platform = new MetalPlatform(name, {
    kubeconfig: cluster.kubeconfig,
    operators: [{ version, kubeApiQps: 200, kubeApiBurst: 400 }],
  });
  // The platform's kubeconfig is known once hosts are accepted: nothing else orders the two.
  new HostFleet(`${name}-hosts`, {
    kubeconfig: platform.kubeconfig,
    name: 'worker',
    count: 100,
    namespace: 'hosts',
    hostsPerNamespace: 20,
  });
  return cluster.kubeconfig;
});
