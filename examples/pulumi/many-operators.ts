/**
 * Ten host sets over five operators on one cluster. Each operator watches two namespaces and has its rights in those alone,
 * so that what is measured is how the work divides.
 */
import { Config } from '@pulumi/pulumi';
import { HostFleet, KindCluster, MetalPlatform } from 'metal3-testbed/pulumi';

const config = new Config();
const hostsPerSet = config.getNumber('hostsPerSet') ?? 100;
const OPERATORS = 5;
const SETS = 10;

const namespaceOf = (set: number) => `rack-${set}`;
const setsOf = (operator: number) =>
  Array.from({ length: SETS }, (_, i) => i + 1).filter((set) => (set - 1) % OPERATORS === operator - 1);

const cluster = new KindCluster('cluster', { name: 'metal3-many' });
const platform = new MetalPlatform('platform', {
  kubeconfig: cluster.kubeconfig,
  operators: Array.from({ length: OPERATORS }, (_, i) => ({
    namespace: `operator-${i + 1}`,
    watchedNamespaces: setsOf(i + 1).map(namespaceOf),
    concurrency: 16,
  })),
});

export const fleets = Array.from({ length: SETS }, (_, i) => {
  const set = i + 1;
  const fleet = new HostFleet(`rack-${set}`, {
    kubeconfig: platform.kubeconfig,
    name: `rack-${set}`,
    namespace: namespaceOf(set),
    count: hostsPerSet,
    // A part of one plan for each, so that no MAC or BMC address is there twice.
    firstIndex: (set - 1) * hostsPerSet + 1,
    labels: { rack: `${set}` },
  });
  return fleet.objects;
});
