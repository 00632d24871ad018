export { BareMetalHost, type BareMetalHostProps, type IBareMetalHost } from './kinds/bare-metal-host/baremetal-host';
export { BareMetalHostSet, type BareMetalHostSetProps } from './kinds/bare-metal-host/baremetal-host-set';
export {
  BmcCredentials,
  type BmcCredentialsProps,
  type IBmcCredentials,
} from './kinds/bare-metal-host/bmc-credentials';
export {
  BMC_PROTOCOLS,
  type BmcProtocol,
  type PlainProtocol,
  type RedfishProtocol,
} from './kinds/bare-metal-host/bmc-address';
export {
  SensitiveText,
  type BmcCredentialsLiteral,
  type BmcCredentialsReference,
  type BmcCredentialsSource,
} from './kinds/bare-metal-host/credentials';
export { Fleet, type FleetHost } from './kinds/bare-metal-host/fleet';
export { fleetYaml } from './kinds/bare-metal-host/fleet-yaml';
export type {
  HostIdentity,
  HostOverride,
  HostOverrideRule,
  HostSetProps,
} from './kinds/bare-metal-host/host-set-props';
export type { BareMetalHostManifest, SecretManifest } from './kinds/bare-metal-host/manifests';
export type {
  AutomatedCleaningMode,
  BMCDetails,
  BareMetalHostSpec,
  BareMetalHostStatus,
  BootMode,
  ChecksumType,
  Condition,
  CustomDeploy,
  DiskFormat,
  ErrorType,
  FirmwareConfig,
  HardwareDetails,
  HardwareRAIDVolume,
  Image,
  InspectionMode,
  NIC,
  NetworkInterface,
  ObjectReference,
  OperationalStatus,
  ProvisionStatus,
  ProvisioningState,
  RAIDConfig,
  RootDeviceHints,
  SecretReference,
  SoftwareRAIDVolume,
  StartingStatus,
  Storage,
  Taint,
} from './kinds/bare-metal-host/schema';
export { provisioningStates } from './kinds/bare-metal-host/schema';
export type { AllOptional } from './crd';
export {
  Cluster,
  ClusterClass,
  IPPool,
  KubeadmConfigTemplate,
  KubeadmControlPlane,
  MachineDeployment,
  MachineHealthCheck,
  Metal3Cluster,
  Metal3DataTemplate,
  Metal3MachineTemplate,
  Metal3RemediationTemplate,
} from './kinds/cluster/constructs';
export type * from './kinds/cluster/constructs';
export { ClusterPlan, type ClusterReleases, type PlannedCluster } from './kinds/cluster/cluster-plan';
export { ClusterSet } from './kinds/cluster/cluster-set';
export { clusterYaml } from './kinds/cluster/cluster-yaml';
export type {
  CertificateAuthority,
  ClusterClassOptions,
  ClusterEndpoint,
  ClusterHostsProps,
  ClusterIdentity,
  ClusterOptions,
  ClusterOverride,
  ClusterOverrideRule,
  ClusterSetProps,
  HostRequirement,
  HostSelector,
  MachineGroup,
  MachineImage,
  RolloutStrategy,
} from './kinds/cluster/cluster-set-props';
export type {
  AnnotationReference,
  BondLink,
  BondParameter,
  ClusterHealthCheck,
  ClusterPool,
  DynamicNetwork,
  EthernetLink,
  LinkMacAddress,
  MachineMetaData,
  MachineNetworkData,
  MachineNetworks,
  MetaDataFromAnnotation,
  MetaDataFromLabel,
  MetaDataFromPool,
  MetaDataHostInterface,
  MetaDataIndex,
  MetaDataNamespace,
  MetaDataObjectName,
  MetaDataSource,
  MetaDataString,
  NetworkLinks,
  NetworkRoute,
  NetworkServices,
  PoolReference,
  RouteGateway,
  StaticNetwork,
  UnhealthyMachineCondition,
  UnhealthyNodeCondition,
  VlanLink,
} from './kinds/cluster/types';
export type { HostPlacement } from './kinds/bare-metal-host/host-placement';
export type { Manifest } from './upstream';
export {
  BareMetalOperator,
  operatorArguments,
  type BareMetalOperatorProps,
  type BareMetalOperatorVersion,
  type ComputeResources,
  type OperatorCommand,
  type OperatorOptions,
  type OperatorProcessOptions,
} from './components/baremetal-operator';
export { CertManager, certManagerVersions } from './components/cert-manager';
export type * from './components/cert-manager';
export { ClusterApi, type ClusterApiConcurrency, type ClusterApiProps } from './components/cluster-api/cluster-api';
export type { GatedProviderProps, ProviderProps } from './components/cluster-api-provider/options';
export type { ClusterApiProvider } from './components/cluster-api-provider/provider';
export {
  IpAddressManager,
  type IpAddressManagerConcurrency,
  type IpAddressManagerProps,
} from './components/ip-address-manager/ip-address-manager';
export {
  KubeadmBootstrap,
  type KubeadmBootstrapConcurrency,
  type KubeadmBootstrapProps,
} from './components/kubeadm-bootstrap/kubeadm-bootstrap';
export {
  KubeadmControlPlaneProvider,
  type KubeadmControlPlaneConcurrency,
  type KubeadmControlPlaneProviderProps,
} from './components/kubeadm-control-plane/kubeadm-control-plane';
export {
  Metal3Provider,
  type Metal3ProviderConcurrency,
  type Metal3ProviderProps,
} from './components/metal3-provider/metal3-provider';
export { KwokSimulator } from './components/simulators/kwok';
export type { KwokProps, KwokSimulatorProps } from './components/simulators/kwok-props';
export { WorkloadApi, type WorkloadApiProps } from './components/simulators/workload-api';
export type { SimulatorPodProps } from './components/simulators/pods';
export type { PodPlacement, PodToleration } from './components/placement';
export type { ClusterApiComponents, ClusterApiPart, ResolvedClusterApi } from './testbed/cluster-api';
export { TestbedError, type ErrorCode } from './errors';
export {
  managementClusters,
  type ManagementCluster,
  type ManagementClusterProps,
  type TestbedDescription,
  type WithManagementClusters,
} from './testbed/management-clusters';
export type { TestbedOperatorProps } from './testbed/operator-shards';
export { resolveTestbed, type ResolvedTestbed, type TestbedProps } from './testbed/resolve';
export type {
  ChurnStep,
  ClusterManager,
  EnrollStep,
  FailHostsStep,
  KillManagerStep,
  KillOperatorStep,
  OneOf,
  ProvisionStep,
  RebootStep,
  RestStep,
  ScenarioProps,
  ScenarioStep,
  SeededState,
  SlowApiServerStep,
  SlowManagerStep,
  StepKind,
  StepKinds,
  StepOptions,
  StopApiServerStep,
  TakeCredentialsStep,
  WorkloadApiFaultStep,
} from './scenario/steps';
export type { WorkloadApiFault, WorkloadApiLatency, WorkloadApiSlowWatch } from './scenario/workload-api-faults';
export type {
  CreateStep,
  CreateWaves,
  MoveStep,
  RemediateStep,
  RolloutStep,
  ScaleControlPlaneStep,
  ScaleWorkersStep,
  SeededClusterState,
  UpgradeStep,
} from './scenario/cluster-steps';
export type { ClusterSelection, HostOrClusterSelection, HostSelection } from './scenario/selections';
export { Testbed } from './testbed/testbed';
export type { HostStagesProps } from './kinds/bare-metal-host/stages/host-stages';
export type { HostDelays, Milliseconds } from './kinds/bare-metal-host/stages/delays';
export type { FailableState, HostFailure } from './kinds/bare-metal-host/stages/failures';
