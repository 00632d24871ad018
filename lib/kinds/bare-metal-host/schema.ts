/**
 * BareMetalHost as BMO v0.14 defines it (`metal3.io/v1alpha1`), with a note at each field that v0.13 does not have or
 * has otherwise. What a field means is told by Metal3 itself:
 * https://github.com/metal3-io/baremetal-operator/blob/main/docs/api.md
 */
import {
  allOptional,
  array,
  asOf,
  boolean,
  changedIn,
  conditionList,
  customResource,
  dateTime,
  enumeration,
  integer,
  nullable,
  number,
  object,
  objectReference,
  required,
  requiredSince,
  secretReference,
  since,
  string,
  withDefault,
  type CustomResourceDefinition,
  type Infer,
  type Schema,
} from '../../crd';

/** Not anchored upstream either, so the API server takes more than a MAC here; the constructs do not. */
const macAddress = string({ pattern: '[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}' });

const bootMode = enumeration('UEFI', 'UEFISecureBoot', 'legacy');
export type BootMode = Infer<typeof bootMode>;

const automatedCleaningMode = enumeration('metadata', 'disabled');
export type AutomatedCleaningMode = Infer<typeof automatedCleaningMode>;

const inspectionMode = changedIn(
  'v0.14',
  enumeration('disabled', 'agent'),
  // `fast` asks the BMC, without booting the host.
  enumeration('disabled', 'agent', 'fast'),
);
export type InspectionMode = Infer<typeof inspectionMode>;

const checksumType = enumeration('md5', 'sha256', 'sha512', 'auto');
export type ChecksumType = Infer<typeof checksumType>;

const diskFormat = enumeration('raw', 'qcow2', 'vdi', 'vmdk', 'live-iso');
export type DiskFormat = Infer<typeof diskFormat>;

/** The image that a host is provisioned with. */
export const image = object({
  url: required(string()),
  checksum: string(),
  checksumType,
  format: diskFormat,
  ociAuthSecretName: string(),
});
export type Image = Infer<typeof image>;

/** A deploy step of Ironic's own, instead of an image. */
export const customDeploy = object({ method: required(string()) });
export type CustomDeploy = Infer<typeof customDeploy>;

const bmcDetails = object({
  address: required(string()),
  credentialsName: required(string()),
  disableCertificateVerification: boolean(),
});
export type BMCDetails = Infer<typeof bmcDetails>;

const rootDeviceHints = object({
  deviceName: string(),
  hctl: string(),
  model: string(),
  vendor: string(),
  serialNumber: string(),
  minSizeGigabytes: integer({ minimum: 0 }),
  wwn: string(),
  wwnWithExtension: string(),
  wwnVendorExtension: string(),
  rotational: boolean(),
});
export type RootDeviceHints = Infer<typeof rootDeviceHints>;

const firmwareSwitch = boolean([true, false]);

const firmwareConfig = object({
  virtualizationEnabled: firmwareSwitch,
  simultaneousMultithreadingEnabled: firmwareSwitch,
  sriovEnabled: firmwareSwitch,
});
export type FirmwareConfig = Infer<typeof firmwareConfig>;

const hardwareRAIDVolume = object({
  level: required(enumeration('0', '1', '2', '5', '6', '1+0', '5+0', '6+0')),
  name: string({ maxLength: 64 }),
  sizeGibibytes: integer({ minimum: 0 }),
  rotational: boolean(),
  controller: string(),
  numberOfPhysicalDisks: integer({ minimum: 1 }),
  physicalDisks: array(string()),
});
export type HardwareRAIDVolume = Infer<typeof hardwareRAIDVolume>;

const softwareRAIDVolume = object({
  level: required(enumeration('0', '1', '1+0')),
  sizeGibibytes: integer({ minimum: 0 }),
  physicalDisks: array(rootDeviceHints, { minItems: 2 }),
  rootVolume: since('v0.14', withDefault(boolean(), false)),
});
export type SoftwareRAIDVolume = Infer<typeof softwareRAIDVolume>;

/** `null` asks for nothing, an empty list for the removal of what is there. */
const raid = object({
  hardwareRAIDVolumes: nullable(array(hardwareRAIDVolume)),
  softwareRAIDVolumes: nullable(array(softwareRAIDVolume, { maxItems: 2 })),
});
export type RAIDConfig = Infer<typeof raid>;

const taint = object({
  key: required(string()),
  effect: required(string()),
  value: string(),
  timeAdded: dateTime(),
});
export type Taint = Infer<typeof taint>;

const wholeMacAddress = string({ pattern: '^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$' });

/** One network interface, by name or by MAC address, and how its switch port is to be set up. */
const networkInterface = object({
  name: string({ pattern: '^[a-zA-Z0-9._-]+$' }),
  macAddress: wholeMacAddress,
  hostNetworkAttachment: object({ name: string({ maxLength: 253 }), namespace: string({ maxLength: 63 }) }),
  switchPort: object({ switchID: required(wholeMacAddress), portID: required(string()) }),
});
export type NetworkInterface = Infer<typeof networkInterface>;

/** As the newest release has it; {@link bareMetalHost} gives it as an earlier one has it. */
export const bareMetalHostSpec = object({
  online: required(boolean()),
  bmc: bmcDetails,
  bootMACAddress: macAddress,
  bootMode,
  architecture: string(),
  description: string(),
  consumerRef: objectReference,
  taints: array(taint),

  image,
  customDeploy,
  userData: secretReference,
  networkData: secretReference,
  metaData: secretReference,
  preprovisioningNetworkDataName: string(),
  networkInterfaces: since('v0.14', array(networkInterface)),
  externallyProvisioned: boolean(),

  rootDeviceHints,
  raid,
  firmware: firmwareConfig,
  hardwareProfile: string(),

  automatedCleaningMode: withDefault(automatedCleaningMode, 'metadata'),
  inspectionMode,
  disablePowerOff: boolean(),
});
/** What a host should be. */
export type BareMetalHostSpec = Infer<typeof bareMetalHostSpec>;

const vlanId = integer({ format: 'int32', minimum: 0, maximum: 4094 });

const nic = object({
  name: string(),
  model: string(),
  mac: macAddress,
  ip: string(),
  speedGbps: integer(),
  vlans: array(object({ id: vlanId, name: string() })),
  vlanId,
  pxe: boolean(),
  pciAddress: string(),
  lldp: object({ switchID: string(), portID: string(), switchSystemName: string() }),
});
export type NIC = Infer<typeof nic>;

const storage = object({
  name: string(),
  alternateNames: array(string()),
  rotational: boolean(),
  type: enumeration('HDD', 'SSD', 'NVME'),
  sizeBytes: integer({ format: 'int64' }),
  vendor: string(),
  model: string(),
  serialNumber: string(),
  wwn: string(),
  wwnVendorExtension: string(),
  wwnWithExtension: string(),
  hctl: string(),
});
export type Storage = Infer<typeof storage>;

/** What inspection found. */
export const hardwareDetails = object({
  systemVendor: object({ manufacturer: string(), productName: string(), serialNumber: string() }),
  firmware: object({ bios: object({ date: string(), vendor: string(), version: string() }) }),
  ramMebibytes: integer(),
  nics: array(nic),
  storage: array(storage),
  cpu: object({
    arch: string(),
    model: string(),
    clockMegahertz: number({ format: 'double' }),
    flags: array(string()),
    count: integer(),
  }),
  hostname: string(),
});
export type HardwareDetails = Infer<typeof hardwareDetails>;

const operationalStatus = enumeration('', 'OK', 'discovered', 'error', 'delayed', 'detached', 'servicing');
export type OperationalStatus = Infer<typeof operationalStatus>;

export const errorTypes = [
  'provisioned registration error',
  'registration error',
  'inspection error',
  'preparation error',
  'provisioning error',
  'power management error',
  'servicing error',
] as const;
const errorType = enumeration(...errorTypes);
export type ErrorType = Infer<typeof errorType>;

const credentialsStatus = object({ credentials: secretReference, credentialsVersion: string() });

const operationMetric = object({ start: nullable(dateTime()), end: nullable(dateTime()) });

/** Where provisioning stands, and what it was asked to do when it last began. */
const provisionStatus = object({
  state: required(string()),
  ID: required(string()),
  image,
  customDeploy,
  rootDeviceHints,
  raid,
  firmware: firmwareConfig,
  bootMode,
});
export type ProvisionStatus = Infer<typeof provisionStatus>;

/**
 * The values of `status.provisioning.state` (plain text in the CRD), from registration to deletion:
 * https://github.com/metal3-io/baremetal-operator/blob/main/docs/baremetalhost-states.md
 */
export const provisioningStates = [
  '',
  'unmanaged',
  'registering',
  'inspecting',
  'preparing',
  'available',
  'provisioning',
  'provisioned',
  'externally provisioned',
  'deprovisioning',
  'powering off before delete',
  'deleting',
] as const;
export type ProvisioningState = (typeof provisioningStates)[number];

export const bareMetalHostStatus = object({
  operationalStatus: required(operationalStatus),
  provisioning: required(provisionStatus),
  poweredOn: required(boolean()),
  errorMessage: required(string()),
  errorCount: required(withDefault(integer(), 0)),
  provisioningFailCount: requiredSince('v0.14', withDefault(integer(), 0)),
  lastAttemptedImage: since('v0.14', image),
  errorType,
  lastUpdated: dateTime(),
  hardware: hardwareDetails,
  hardwareProfile: string(),
  goodCredentials: credentialsStatus,
  triedCredentials: credentialsStatus,
  operationHistory: object({
    register: operationMetric,
    inspect: operationMetric,
    provision: operationMetric,
    deprovision: operationMetric,
  }),
  conditions: conditionList({ maxItems: 32 }),
});
/** What is known of a host. */
export type BareMetalHostStatus = Infer<typeof bareMetalHostStatus>;

/** A status of which any field may be left out: BMO reads it from an annotation, and takes what is missing for empty. */
export const startingStatus = allOptional(bareMetalHostStatus);
/** The status that a host starts with, or some of its fields. */
export type StartingStatus = Infer<typeof startingStatus>;

interface HostSchemas {
  readonly spec: Schema<BareMetalHostSpec>;
  readonly status: Schema<BareMetalHostStatus>;
  readonly hardware: Schema<HardwareDetails>;
}

const schemasOfReleases = new Map<string, HostSchemas>();

/** The parts of a host as a release of BMO has them. */
export function hostSchemasOf(release: string): HostSchemas {
  let known = schemasOfReleases.get(release);
  if (known === undefined) {
    known = {
      spec: asOf(release, bareMetalHostSpec),
      status: asOf(release, bareMetalHostStatus),
      hardware: asOf(release, hardwareDetails),
    };
    schemasOfReleases.set(release, known);
  }
  return known;
}

/**
 * The definition of BareMetalHost.
 *
 * @param release of BMO, such as `v0.13.2`
 */
export function bareMetalHost(release: string): CustomResourceDefinition {
  return customResource({
    group: 'metal3.io',
    kind: 'BareMetalHost',
    plural: 'baremetalhosts',
    shortNames: ['bmh', 'bmhost'],
    versions: [
      {
        name: 'v1alpha1',
        spec: asOf(release, bareMetalHostSpec),
        status: asOf(release, bareMetalHostStatus),
        columns: [
          { name: 'Status', type: 'string', jsonPath: '.status.operationalStatus', priority: 1 },
          { name: 'State', type: 'string', jsonPath: '.status.provisioning.state' },
          { name: 'Consumer', type: 'string', jsonPath: '.spec.consumerRef.name' },
          { name: 'BMC', type: 'string', jsonPath: '.spec.bmc.address', priority: 1 },
          { name: 'Online', type: 'string', jsonPath: '.spec.online' },
          { name: 'Error', type: 'string', jsonPath: '.status.errorType' },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
        subresources: { status: {} },
      },
    ],
  });
}
