export {
  operatorArguments,
  type OperatorCommand,
  type OperatorOptions,
  type OperatorProcessOptions,
} from './arguments';
export { BareMetalOperator, type BareMetalOperatorProps } from './baremetal-operator';
export { describeRange, releasesWith } from './command-line';
export { untaggedImage } from './from-manifests';
export type { ComputeResources } from '../compute-resources';
export { defaultVersion, namespaceOf, releases, type BareMetalOperatorVersion, type Release } from './releases';
export type {
  BareMetalSwitchSpec,
  BareMetalSwitchStatus,
  BMCEventSubscriptionSpec,
  BMCEventSubscriptionStatus,
  DataImageSpec,
  DataImageStatus,
  FirmwareComponentStatus,
  FirmwareSchemaSpec,
  FirmwareUpdate,
  HardwareDataSpec,
  HostClaimSpec,
  HostClaimStatus,
  HostDeployPolicySpec,
  HostFirmwareComponentsSpec,
  HostFirmwareComponentsStatus,
  HostFirmwareSettingsSpec,
  HostFirmwareSettingsStatus,
  HostNetworkAttachmentSpec,
  HostSelector,
  HostUpdatePolicySpec,
  ImageFormat,
  PreprovisioningImageSpec,
  PreprovisioningImageStatus,
  SettingSchema,
  UpdatePolicy,
} from './crds';
