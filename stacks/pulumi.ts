/** What a Pulumi program imports: `metal3-testbed/pulumi`. */
export { cluster } from './cluster';
export type {
  ClusterLayerConfig,
  ClusterLayerOutputs,
  ExistingLayerConfig,
  KindLayerConfig,
  LocalLayerConfig,
} from './cluster';
export {
  TestbedStacks,
  type Changes,
  type LayerChange,
  type LayerUp,
  type TestbedStacksDestroyed,
  type TestbedStacksProps,
  type TestbedStacksUp,
} from './automation';
export { hosts, type HostsLayerConfig, type HostsLayerOutputs } from './hosts';
export { MetalPlatform, type MetalPlatformArgs } from './metal-platform';
export { platform, type PlatformLayerConfig, type PlatformLayerOutputs } from './platform';
export { KindCluster, type KindClusterArgs } from './resources/kind-cluster';
export { HostFleet } from './resources/host-fleet';
export type { HostFleetArgs } from './resources/host-fleet-args';
