export { BareMetalHost, type BareMetalHostProps } from './baremetal-host/baremetal-host';
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
export type * from './baremetal-host/schema';
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
export {
  CertManager,
  certManagerVersions,
  type CertManagerComponent,
  type CertManagerProps,
  type CertManagerVersion,
} from './cert-manager';
export { TestbedError, type ErrorCode } from './errors';
export { resolveTestbed, Testbed, type ResolvedTestbed, type TestbedProps } from './testbed';
