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
export type { HostSetEntry } from '../src/testbed/host-set-entry';
export type { KindClusterShape, PortMapping } from '../src/cluster/kind/config';
export type { CredentialsEntry, ValueSource } from '../lib/testbed/schema';
/** What descriptions are made of. */
export type {
  AllOptional,
  AutomatedCleaningMode,
  BMCDetails,
  BareMetalHostManifest,
  BareMetalHostProps,
  BareMetalHostSetProps,
  BareMetalHostSpec,
  BareMetalHostStatus,
  BareMetalOperatorProps,
  BareMetalOperatorVersion,
  BmcCredentialsLiteral,
  BmcCredentialsProps,
  BmcCredentialsReference,
  BmcCredentialsSource,
  BmcProtocol,
  BootMode,
  ChecksumType,
  ChurnStep,
  ComputeResources,
  Condition,
  CustomDeploy,
  DiskFormat,
  EnrollStep,
  ErrorCode,
  ErrorType,
  FailHostsStep,
  FailableState,
  FirmwareConfig,
  FleetHost,
  HardwareDetails,
  HardwareRAIDVolume,
  HostDelays,
  HostFailure,
  HostIdentity,
  HostOverride,
  HostOverrideRule,
  HostSelection,
  HostSetProps,
  HostStagesProps,
  IBareMetalHost,
  IBmcCredentials,
  Image,
  InspectionMode,
  KillOperatorStep,
  Milliseconds,
  NIC,
  NetworkInterface,
  ObjectReference,
  OneOf,
  OperationalStatus,
  OperatorCommand,
  OperatorOptions,
  OperatorProcessOptions,
  PlainProtocol,
  ProvisionStatus,
  ProvisionStep,
  ProvisioningState,
  RAIDConfig,
  RebootStep,
  RedfishProtocol,
  ResolvedTestbed,
  RestStep,
  RootDeviceHints,
  ScenarioProps,
  ScenarioStep,
  SecretManifest,
  SecretReference,
  SeededState,
  SlowApiServerStep,
  SoftwareRAIDVolume,
  StartingStatus,
  StepKind,
  StepKinds,
  StepOptions,
  StopApiServerStep,
  Storage,
  Taint,
  TakeCredentialsStep,
  TestbedProps,
} from '../lib';
export type {
  CertManagerComponent,
  CertManagerProps,
  CertManagerResources,
  CertManagerVersion,
  PerComponent,
} from '../lib/components/cert-manager';
export { TestbedError } from '../lib/errors';
export { SensitiveText } from '../lib/kinds/bare-metal-host/credentials';
export { Fleet } from '../lib/kinds/bare-metal-host/fleet';
export { provisioningStates } from '../lib/kinds/bare-metal-host/schema';
export { certManagerVersions } from '../lib/components/cert-manager/releases';
