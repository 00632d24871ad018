/** What a Pulumi program imports: `metal3-testbed/pulumi`. */
import '../src/util/require-node';
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
  clustersLayer,
  type ClusterSetConfig,
  type ClustersLayerConfig,
  type ClustersLayerOutputs,
  type CommonClusterFleetArg,
} from './clusters';
export type { ByFleet } from './fleets-layer';
export {
  hostsLayer,
  type CommonFleetArg,
  type HostSetConfig,
  type HostsLayerConfig,
  type HostsLayerOutputs,
} from './hosts';
export {
  clusterOutputs,
  clustersOutputs,
  hostsOutputs,
  platformOutputs,
  type ClusterStackOutputs,
  type ClustersStackOutputs,
  type HostsStackOutputs,
  type PlatformStackOutputs,
} from './layer-outputs';
export { MetalPlatform, type MetalPlatformArgs } from './metal-platform';
export { platformLayer, type PlatformLayerConfig, type PlatformLayerOutputs } from './platform';
export { KindCluster, type KindClusterArgs } from './resources/kind-cluster';
export { LocalCluster, type LocalClusterArgs } from './resources/local-cluster';
export { LocalManagers, type LocalManagersArgs } from './resources/local-managers';
export { LocalSimulators, type LocalSimulatorsArgs } from './resources/local-simulators';
export { ClusterFleet } from './resources/cluster-fleet';
export type { ClusterFleetArgs, ClusterFleetClusters, FleetCertificateAuthority } from './resources/cluster-fleet-args';
export { HostFleet } from './resources/host-fleet';
export type { FleetArgs, FleetCredentials, NestedInput } from './resources/fleet-args';
export type { HostFleetArgs, HostFleetHosts } from './resources/host-fleet-args';
export type { FleetNames, OnClusterGone, Readiness, WaitFor } from './resources/fleet-state';
export type { SimulatorKind } from '../src/simulators/names';
export type { KindClusterShape, PortMapping } from '../src/cluster/kind/config';
export type {
  CertificateAuthorityEntry,
  ClusterHostsEntry,
  ClusterSetEntry,
  CredentialsEntry,
  HostOverrideEntry,
  HostSetEntry,
  Retyped,
  ValueSource,
} from '../lib/testbed/entries';
/** What descriptions are made of. */
export * from '../lib/description';
