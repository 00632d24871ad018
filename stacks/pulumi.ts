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
export {
  hostsLayer,
  type ByFleet,
  type CommonFleetArg,
  type HostSetConfig,
  type HostsLayerConfig,
  type HostsLayerOutputs,
} from './hosts';
export {
  clusterOutputs,
  hostsOutputs,
  platformOutputs,
  type ClusterStackOutputs,
  type HostsStackOutputs,
  type PlatformStackOutputs,
} from './layer-outputs';
export { MetalPlatform, type MetalPlatformArgs } from './metal-platform';
export { platformLayer, type PlatformLayerConfig, type PlatformLayerOutputs } from './platform';
export { KindCluster, type KindClusterArgs } from './resources/kind-cluster';
export { LocalCluster, type LocalClusterArgs } from './resources/local-cluster';
export { LocalSimulators, type LocalSimulatorsArgs } from './resources/local-simulators';
export { HostFleet } from './resources/host-fleet';
export type { FleetArgs, FleetCredentials, NestedInput } from './resources/fleet-args';
export type { HostFleetArgs, HostFleetHosts } from './resources/host-fleet-args';
export type { FleetNames, OnClusterGone, Readiness, WaitFor } from './resources/fleet-state';
export type { SimulatorKind } from '../src/simulators/names';
export type { KindClusterShape, PortMapping } from '../src/cluster/kind/config';
export type { CredentialsEntry, HostOverrideEntry, HostSetEntry, Retyped, ValueSource } from '../lib/testbed/entries';
/** What descriptions are made of. */
export * from '../lib/description';
