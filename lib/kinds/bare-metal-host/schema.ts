/**
 * BareMetalHost as BMO v0.14 defines it (`metal3.io/v1alpha1`), with a note at each field that v0.13 does not have or
 * has otherwise. What a field means is told here once, in our own words: the descriptions are those of the CRD (`kubectl
 * explain`), of `testbed.schema.json` and of the types, which `npm run schema` writes into `types.ts`. Where the facts are
 * from: https://github.com/metal3-io/baremetal-operator/blob/main/docs/api.md
 */
import {
  allOptional,
  array,
  asOf,
  boolean,
  changedIn,
  condition,
  conditionList,
  customResource,
  dateTime,
  described,
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
  type Schema,
} from '../../crd';
import type { BareMetalHostSpec, BareMetalHostStatus, HardwareDetails } from './types';
export type * from './types';

/** Not anchored upstream either, so the API server takes more than a MAC here; the constructs do not. */
const macAddress = string({ pattern: '[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}' });

const bootMode = described(
  'How the firmware boots: UEFI (the default), UEFISecureBoot or legacy.',
  enumeration('UEFI', 'UEFISecureBoot', 'legacy'),
);

const automatedCleaningMode = described(
  'Whether partition tables are wiped before the first and after each use (metadata) or disks stay as they are (disabled).',
  enumeration('metadata', 'disabled'),
);

const inspectionMode = described(
  'How hardware is looked at: agent (the default) boots a ramdisk, disabled skips it, and fast (from v0.14 on) asks the BMC alone.',
  changedIn('v0.14', enumeration('disabled', 'agent'), enumeration('disabled', 'agent', 'fast')),
);

const checksumType = described(
  'Algorithm of the checksum. auto, as when left out, leaves Ironic to tell it.',
  enumeration('md5', 'sha256', 'sha512', 'auto'),
);

const diskFormat = described(
  'Format of the image. live-iso is booted from instead of being written to a disk.',
  enumeration('raw', 'qcow2', 'vdi', 'vmdk', 'live-iso'),
);

export const image = described(
  'The image that a host is provisioned with.',
  object({
    url: required(
      described('Where Ironic gets the image from: https://host/path or oci://registry/repository:tag.', string()),
    ),
    checksum: described(
      'Checksum of the image, or the URL of a file that has it. Left out for live-iso and oci:// images only.',
      string(),
    ),
    checksumType,
    format: diskFormat,
    ociAuthSecretName: described(
      'Secret with credentials of the registry of an oci:// image, in the namespace of the host.',
      string(),
    ),
  }),
);

export const customDeploy = described(
  "A deploy step of one's own ramdisk, run instead of writing an image.",
  object({ method: required(described('Name of the deploy step, as the ramdisk knows it.', string())) }),
);

const bmcDetails = described(
  'How the controller of the machine (BMC) is reached. A host without it stays unmanaged.',
  object({
    address: required(
      described(
        'URL of the BMC, whose scheme is the driver: redfish-virtualmedia+https://10.0.0.7/redfish/v1/Systems/1.',
        string(),
      ),
    ),
    credentialsName: required(
      described('Secret with the keys username and password, in the namespace of the host.', string()),
    ),
    disableCertificateVerification: described(
      'Whether any TLS certificate of the BMC is trusted. Default: false.',
      boolean(),
    ),
  }),
);

const rootDeviceHints = described(
  'Which disk the image goes to: one that fits every hint.',
  object({
    deviceName: described('Path of the disk in Linux, such as /dev/vda. Exact.', string()),
    hctl: described('SCSI address of the disk, host:channel:target:lun. Exact.', string()),
    model: described('Model of the disk, or a part of it.', string()),
    vendor: described('Maker of the disk, or a part of its name.', string()),
    serialNumber: described('Serial number of the disk. Exact.', string()),
    minSizeGigabytes: described('Least size of the disk, in gigabytes.', integer({ minimum: 0 })),
    wwn: described('World-wide name of the disk. Exact.', string()),
    wwnWithExtension: described("World-wide name of the disk with the vendor's extension. Exact.", string()),
    wwnVendorExtension: described("The vendor's extension of the world-wide name alone. Exact.", string()),
    rotational: described('Whether the disk spins (true) or is solid-state (false). Default: either.', boolean()),
  }),
);

const firmwareSwitch = boolean([true, false]);

const firmwareConfig = described(
  'Settings of the BIOS that have one name for all vendors. What is left out stays as it is.',
  object({
    virtualizationEnabled: described('Whether virtual machines have hardware support (VT-x, AMD-V).', firmwareSwitch),
    simultaneousMultithreadingEnabled: described('Whether a core runs several threads (SMT).', firmwareSwitch),
    sriovEnabled: described('Whether PCI devices can be split into virtual ones (SR-IOV).', firmwareSwitch),
  }),
);

const hardwareRAIDVolume = described(
  'A volume that a RAID controller makes.',
  object({
    level: required(described('RAID level.', enumeration('0', '1', '2', '5', '6', '1+0', '5+0', '6+0'))),
    name: described('Name of the volume, of its own on this host, at most 64 characters.', string({ maxLength: 64 })),
    sizeGibibytes: described('Size in GiB. Default: all that there is room for.', integer({ minimum: 0 })),
    rotational: described(
      'Whether disks that spin (true) or solid-state ones (false) are taken. Default: either.',
      boolean(),
    ),
    controller: described('RAID controller that makes it. Default: any.', string()),
    numberOfPhysicalDisks: described(
      'How many disks it takes. Default: the fewest that the level allows.',
      integer({ minimum: 1 }),
    ),
    physicalDisks: described('Disks it is made of, named as the controller names them. Default: any.', array(string())),
  }),
);

const softwareRAIDVolume = described(
  'A volume that Linux makes of disks.',
  object({
    level: required(described('RAID level.', enumeration('0', '1', '1+0'))),
    sizeGibibytes: described('Size in GiB. Default: all that there is room for.', integer({ minimum: 0 })),
    physicalDisks: described(
      'Hints that find the disks it is made of, one a disk, at least 2. Default: all disks.',
      array(rootDeviceHints, { minItems: 2 }),
    ),
    rootVolume: described(
      'Whether the image goes to this volume; true for one of them at most.',
      since('v0.14', withDefault(boolean(), false)),
    ),
  }),
);

const raid = described(
  'RAID volumes to make while the host is prepared: by a controller or by Linux, not both.',
  object({
    hardwareRAIDVolumes: described(
      'Volumes of a RAID controller. null asks for nothing, an empty list for the removal of what is there.',
      nullable(array(hardwareRAIDVolume)),
    ),
    softwareRAIDVolumes: described(
      'Volumes of Linux, 2 at most, the first of level 1. null asks for nothing, an empty list for their removal.',
      nullable(array(softwareRAIDVolume, { maxItems: 2 })),
    ),
  }),
);

const taint = described(
  'A taint as Nodes have them.',
  object({
    key: required(described('Key of the taint, such as example.org/reserved.', string())),
    effect: required(described('What it does to pods: NoSchedule, PreferNoSchedule or NoExecute.', string())),
    value: described('Value of the taint.', string()),
    timeAdded: described('When it was set; for NoExecute only.', dateTime()),
  }),
);

const wholeMacAddress = string({ pattern: '^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$' });

const networkInterface = described(
  'One network interface, by name or by MAC address, and how its switch port is to be set up.',
  object({
    name: described(
      'Name that inspection found, such as eth0; instead of macAddress.',
      string({ pattern: '^[a-zA-Z0-9._-]+$' }),
    ),
    macAddress: described('MAC address that inspection found; instead of name.', wholeMacAddress),
    hostNetworkAttachment: described(
      'The HostNetworkAttachment that says how the switch port is to be set up.',
      object({
        name: described('Name of the HostNetworkAttachment.', string({ maxLength: 253 })),
        namespace: described('Its namespace. Default: that of the host.', string({ maxLength: 63 })),
      }),
    ),
    switchPort: described(
      'The port that the interface is plugged into. Wins over what LLDP has told.',
      object({
        switchID: required(described('MAC address by which the switch is known.', wholeMacAddress)),
        portID: required(described('Name of the port on that switch.', string())),
      }),
    ),
  }),
);

/** As the newest release has it; {@link bareMetalHost} gives it as an earlier one has it. */
export const bareMetalHostSpec = described(
  'What a host should be.',
  object({
    online: required(described('Whether the host shall be powered on.', boolean())),
    bmc: bmcDetails,
    bootMACAddress: described(
      'MAC address of the interface that the host boots from over the network. Some BMC drivers cannot do without it.',
      macAddress,
    ),
    bootMode,
    architecture: described('CPU architecture, such as x86_64 or aarch64. Default: what inspection finds.', string()),
    description: described('A text for people. Nothing reads it.', string()),
    consumerRef: described(
      'The object that uses the host, such as a Metal3Machine. Nobody else takes the host while it is set.',
      objectReference,
    ),
    taints: described('Taints for the machine. Deprecated: no release has ever done anything with them.', array(taint)),

    image: described(
      'The image to provision: setting it starts that, another one starts it again, and none takes the host back to available.',
      image,
    ),
    customDeploy,
    userData: described(
      'Secret with the user data for the first boot, under the key userData or value.',
      secretReference,
    ),
    networkData: described(
      'Secret with the network settings for the first boot, under the key networkData or value. Default: those of preprovisioningNetworkDataName.',
      secretReference,
    ),
    metaData: described(
      'Secret with the metadata for the first boot, under the key metaData or value.',
      secretReference,
    ),
    preprovisioningNetworkDataName: described(
      'Secret with the network settings of the ramdisk, in the namespace of the host.',
      string(),
    ),
    networkInterfaces: described(
      'Interfaces whose switch ports are to be set up.',
      since('v0.14', array(networkInterface)),
    ),
    externallyProvisioned: described(
      'Whether something else has put an operating system on the host: its power is managed then, and no image is written.',
      boolean(),
    ),

    rootDeviceHints,
    raid,
    firmware: firmwareConfig,
    hardwareProfile: described(
      'Name of a hardware profile. Deprecated: use rootDeviceHints and architecture.',
      string(),
    ),

    automatedCleaningMode: withDefault(automatedCleaningMode, 'metadata'),
    inspectionMode,
    disablePowerOff: described(
      'Whether the host is never switched off: it is rebooted where that would be needed.',
      boolean(),
    ),
  }),
);

const vlanId = integer({ format: 'int32', minimum: 0, maximum: 4094 });

const nic = described(
  'A network interface that was found.',
  object({
    name: described('Name in Linux, such as eth0.', string()),
    model: described('Vendor and product, by their PCI ids: 0x1af4 0x0001.', string()),
    mac: described('MAC address.', macAddress),
    ip: described('IPv4 or IPv6 address. An interface with both is listed twice.', string()),
    speedGbps: described('Speed of the link, in Gbit/s.', integer()),
    vlans: described(
      'VLANs that its switch port carries.',
      array(
        described(
          'A VLAN.',
          object({ id: described('VLAN id, 0 to 4094.', vlanId), name: described('Name of the VLAN.', string()) }),
        ),
      ),
    ),
    vlanId: described('VLAN of untagged traffic, 0 to 4094.', vlanId),
    pxe: described('Whether the host can boot from it.', boolean()),
    pciAddress: described('PCI address, such as 0000:00:1f.6.', string()),
    lldp: described(
      'What the switch has told over LLDP.',
      object({
        switchID: described('Chassis id of the switch, often a MAC address.', string()),
        portID: described('Id of the port on the switch.', string()),
        switchSystemName: described('Name of the switch.', string()),
      }),
    ),
  }),
);

const storage = described(
  'A disk that was found.',
  object({
    name: described('Path in Linux, one that lasts where there is one: /dev/disk/by-path/….', string()),
    alternateNames: described('Other paths of the same disk.', array(string())),
    rotational: described('Whether the disk spins.', boolean()),
    type: described('Sort of disk.', enumeration('HDD', 'SSD', 'NVME')),
    sizeBytes: described('Size in bytes.', integer({ format: 'int64' })),
    vendor: described('Maker.', string()),
    model: described('Model.', string()),
    serialNumber: described('Serial number.', string()),
    wwn: described('World-wide name.', string()),
    wwnVendorExtension: described("The vendor's extension of the world-wide name.", string()),
    wwnWithExtension: described("World-wide name with the vendor's extension.", string()),
    hctl: described('SCSI address, host:channel:target:lun.', string()),
  }),
);

export const hardwareDetails = described(
  'What inspection found.',
  object({
    systemVendor: described(
      'Who made the machine.',
      object({
        manufacturer: described('Maker of the machine.', string()),
        productName: described('Product name of the machine.', string()),
        serialNumber: described('Serial number of the machine.', string()),
      }),
    ),
    firmware: described(
      'Firmware of the machine.',
      object({
        bios: described(
          'The BIOS.',
          object({
            date: described('Date of its release.', string()),
            vendor: described('Maker of the BIOS.', string()),
            version: described('Version of the BIOS.', string()),
          }),
        ),
      }),
    ),
    ramMebibytes: described('Memory, in MiB.', integer()),
    nics: described('Network interfaces.', array(nic)),
    storage: described('Disks.', array(storage)),
    cpu: described(
      'The processors, all of one kind.',
      object({
        arch: described('Architecture, such as x86_64.', string()),
        model: described('Model name.', string()),
        clockMegahertz: described('Clock, in MHz.', number({ format: 'double' })),
        flags: described('What they can do, as in /proc/cpuinfo.', array(string())),
        count: described('How many there are, threads included.', integer()),
      }),
    ),
    hostname: described('Host name that the ramdisk had.', string()),
  }),
);

export const operationalStatuses = ['', 'OK', 'discovered', 'error', 'delayed', 'detached', 'servicing'] as const;
const operationalStatus = described(
  'How the host does: OK, in error, detached, delayed while others are worked on, or being serviced.',
  enumeration(...operationalStatuses),
);

export const errorTypes = [
  'provisioned registration error',
  'registration error',
  'inspection error',
  'preparation error',
  'provisioning error',
  'power management error',
  'servicing error',
] as const;
const errorType = described('What went wrong last. Absent when nothing is.', enumeration(...errorTypes));

const credentialsStatus = object({
  credentials: described('The Secret that they were read from.', secretReference),
  credentialsVersion: described('resourceVersion of the Secret when it was read.', string()),
});

const operationMetric = object({
  start: described('When it began.', nullable(dateTime())),
  end: described('When it ended. null while it goes on.', nullable(dateTime())),
});

const provisionStatus = described(
  'Where provisioning stands, and what it was asked to do when it last began.',
  object({
    state: required(described('What is being done to the host, or was done last.', string())),
    ID: required(described("Id of the host's node in Ironic.", string())),
    image: described('The image that was last written, or is being written.', image),
    customDeploy: described('The deploy step that was last run.', customDeploy),
    rootDeviceHints: described('The hints by which the disk was chosen.', rootDeviceHints),
    raid: described('The RAID volumes that were asked for.', raid),
    firmware: described('The BIOS settings that were asked for.', firmwareConfig),
    bootMode: described('The boot mode that was used.', bootMode),
  }),
);

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

export const bareMetalHostStatus = described(
  'What is known of a host.',
  object({
    operationalStatus: required(operationalStatus),
    provisioning: required(provisionStatus),
    poweredOn: required(described('Whether the host was on when it was last looked at.', boolean())),
    errorMessage: required(described('The last error in words. Empty when there is none.', string())),
    errorCount: required(
      described('How many errors there were since something last succeeded.', withDefault(integer(), 0)),
    ),
    provisioningFailCount: requiredSince(
      'v0.14',
      described('How many times in a row provisioning this image has failed.', withDefault(integer(), 0)),
    ),
    lastAttemptedImage: described(
      'The image of the last attempt; another one sets provisioningFailCount back.',
      since('v0.14', image),
    ),
    errorType,
    lastUpdated: described('When this status was last written.', dateTime()),
    hardware: hardwareDetails,
    hardwareProfile: described('Name of the hardware profile that fits. Deprecated.', string()),
    goodCredentials: described('The credentials that the BMC last took.', credentialsStatus),
    triedCredentials: described('The credentials that were last tried.', credentialsStatus),
    operationHistory: described(
      'When each operation last began and ended.',
      object({
        register: described('Registration with Ironic.', operationMetric),
        inspect: described('Inspection of the hardware.', operationMetric),
        provision: described('Provisioning of an image.', operationMetric),
        deprovision: described('Removal of an image.', operationMetric),
      }),
    ),
    conditions: described('The same in the form of conditions.', conditionList({ maxItems: 32 })),
  }),
);

/** A status of which any field may be left out: BMO reads it from an annotation, and takes what is missing for empty. */
export const startingStatus = allOptional(bareMetalHostStatus);

/** The parts of a host that have a name of their own in TypeScript; the types of these names are made from them. */
export const hostTypes = {
  BareMetalHostSpec: bareMetalHostSpec,
  BMCDetails: bmcDetails,
  BootMode: bootMode,
  ObjectReference: objectReference,
  SecretReference: secretReference,
  Taint: taint,
  Image: image,
  ChecksumType: checksumType,
  DiskFormat: diskFormat,
  CustomDeploy: customDeploy,
  NetworkInterface: networkInterface,
  RootDeviceHints: rootDeviceHints,
  RAIDConfig: raid,
  HardwareRAIDVolume: hardwareRAIDVolume,
  SoftwareRAIDVolume: softwareRAIDVolume,
  FirmwareConfig: firmwareConfig,
  AutomatedCleaningMode: automatedCleaningMode,
  InspectionMode: inspectionMode,
  BareMetalHostStatus: bareMetalHostStatus,
  OperationalStatus: operationalStatus,
  ErrorType: errorType,
  ProvisionStatus: provisionStatus,
  HardwareDetails: hardwareDetails,
  NIC: nic,
  Storage: storage,
  Condition: condition,
} satisfies Readonly<Record<string, Schema>>;

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
    description: 'A physical machine, what it should be and what is known of it.',
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
