export { BareMetalHost, type BareMetalHostProps, type IBareMetalHost } from './baremetal-host/baremetal-host';
export { BareMetalHostSet, type BareMetalHostSetProps } from './baremetal-host/baremetal-host-set';
export { BmcCredentials, type BmcCredentialsProps, type IBmcCredentials } from './baremetal-host/bmc-credentials';
export { BMC_PROTOCOLS, type BmcProtocol } from './baremetal-host/bmc-address';
export {
  SensitiveText,
  type BmcCredentialsLiteral,
  type BmcCredentialsReference,
  type BmcCredentialsSource,
} from './baremetal-host/credentials';
export { Fleet, type FleetHost } from './baremetal-host/fleet';
export { fleetYaml } from './baremetal-host/fleet-yaml';
export type { HostIdentity, HostOverride, HostOverrideRule, HostSetProps } from './baremetal-host/host-set-props';
export type { BareMetalHostManifest, SecretManifest } from './baremetal-host/manifests';
export type {
  AutomatedCleaningMode,
  BMCDetails,
  BareMetalHostSpec,
  BareMetalHostStatus,
  BootMode,
  ChecksumType,
  CustomDeploy,
  DiskFormat,
  ErrorType,
  FirmwareConfig,
  HardwareDetails,
  HardwareRAIDVolume,
  Image,
  InspectionMode,
  NIC,
  OperationalStatus,
  ProvisionStatus,
  ProvisioningState,
  RAIDConfig,
  RootDeviceHints,
  SoftwareRAIDVolume,
  StartingStatus,
  Storage,
  Taint,
} from './baremetal-host/schema';
export {
  BareMetalOperator,
  operatorArguments,
  type BareMetalOperatorProps,
  type BareMetalOperatorVersion,
  type ComputeResources,
  type OperatorCommand,
  type OperatorOptions,
  type OperatorProcessOptions,
} from './baremetal-operator';
export { CertManager, certManagerVersions } from './cert-manager';
export type * from './cert-manager';
export { TestbedError, type ErrorCode } from './errors';
export { resolveTestbed, type ResolvedTestbed, type TestbedProps } from './resolve-testbed';
export type {
  ChurnStep,
  EnrollStep,
  FailHostsStep,
  HostSelection,
  KillOperatorStep,
  ProvisionStep,
  RebootStep,
  RestStep,
  ScenarioProps,
  ScenarioStep,
  SeededState,
  SlowApiServerStep,
  StepKind,
  StepKinds,
  StepOptions,
  StopApiServerStep,
  TakeCredentialsStep,
} from './scenario/steps';
export { Testbed } from './testbed';
export type { HostStagesProps } from './simulator/host-stages';
export type { HostDelays, Milliseconds } from './simulator/delays';
export type { FailableState, HostFailure } from './simulator/failures';
