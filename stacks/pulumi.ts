/** What a Pulumi program imports: `metal3-testbed/pulumi`. */
export { clusterLayer } from './cluster';
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
  type Layer,
  type LayerChange,
  type LayerUp,
  type TestbedStacksDestroyed,
  type TestbedStacksProps,
  type TestbedStacksUp,
} from './automation';
export { hostsLayer, type CommonFleetArg, type HostsLayerConfig, type HostsLayerOutputs } from './hosts';
export { MetalPlatform, type MetalPlatformArgs } from './metal-platform';
export { platformLayer, type PlatformLayerConfig, type PlatformLayerOutputs } from './platform';
export { KindCluster, type KindClusterArgs } from './resources/kind-cluster';
export { HostFleet } from './resources/host-fleet';
export type { HostFleetArgs, HostFleetCredentials } from './resources/host-fleet-args';
export type { OnClusterGone } from './resources/host-fleet-state';
export type { KindClusterShape, PortMapping } from '../src/cluster/kind/config';
export type { CredentialsEntry, HostOverrideEntry, HostSetEntry, Retyped, ValueSource } from '../lib/testbed/entries';
/** What descriptions are made of. */
export * from '../lib/description';
