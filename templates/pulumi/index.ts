import { Config } from '@pulumi/pulumi';
import { HostFleet, LocalCluster, MetalPlatform } from 'metal3-testbed/pulumi';

const cluster = new LocalCluster('cluster');
const platform = new MetalPlatform('platform', {
  kubeconfig: cluster.kubeconfig,
  hasPods: false, // what simulates the hosts runs beside it
  simulators: { folder: cluster.folder },
});
const hosts = new HostFleet('hosts', {
  kubeconfig: platform.kubeconfig,
  count: new Config().getNumber('hosts') ?? 10,
  namespace: 'lab',
});

export const kubeconfig = cluster.kubeconfig;
export const names = hosts.hostNames;
