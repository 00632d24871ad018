/** What schema.ts describes, as types. Written by `npm run schema`: change it there. */
import type { AllOptional } from '../../crd';

/** The status that a host starts with, or some of its fields. */
export type StartingStatus = AllOptional<BareMetalHostStatus>;

/** What a host should be. */
export interface BareMetalHostSpec {
  /** Whether the host shall be powered on. */
  readonly online: boolean;
  /** How the controller of the machine (BMC) is reached. A host without it stays unmanaged. */
  readonly bmc?: BMCDetails | undefined;
  /** MAC address of the interface that the host boots from over the network. Some BMC drivers cannot do without it. */
  readonly bootMACAddress?: string | undefined;
  /** How the firmware boots: UEFI (the default), UEFISecureBoot or legacy. */
  readonly bootMode?: BootMode | undefined;
  /** CPU architecture, such as x86_64 or aarch64. Default: what inspection finds. */
  readonly architecture?: string | undefined;
  /** A text for people. Nothing reads it. */
  readonly description?: string | undefined;
  /** The object that uses the host, such as a Metal3Machine. Nobody else takes the host while it is set. */
  readonly consumerRef?: ObjectReference | undefined;
  /** Taints for the machine. Deprecated: no release has ever done anything with them. */
  readonly taints?: readonly Taint[] | undefined;
  /**
   * The image to provision: setting it starts that, another one starts it again, and none takes the host back to
   * available.
   */
  readonly image?: Image | undefined;
  /** A deploy step of one's own ramdisk, run instead of writing an image. */
  readonly customDeploy?: CustomDeploy | undefined;
  /** Secret with the user data for the first boot, under the key userData or value. */
  readonly userData?: SecretReference | undefined;
  /**
   * Secret with the network settings for the first boot, under the key networkData or value. Default: those of
   * preprovisioningNetworkDataName.
   */
  readonly networkData?: SecretReference | undefined;
  /** Secret with the metadata for the first boot, under the key metaData or value. */
  readonly metaData?: SecretReference | undefined;
  /** Secret with the network settings of the ramdisk, in the namespace of the host. */
  readonly preprovisioningNetworkDataName?: string | undefined;
  /** Interfaces whose switch ports are to be set up. */
  readonly networkInterfaces?: readonly NetworkInterface[] | undefined;
  /**
   * Whether something else has put an operating system on the host: its power is managed then, and no image is written.
   */
  readonly externallyProvisioned?: boolean | undefined;
  /** Which disk the image goes to: one that fits every hint. */
  readonly rootDeviceHints?: RootDeviceHints | undefined;
  /** RAID volumes to make while the host is prepared: by a controller or by Linux, not both. */
  readonly raid?: RAIDConfig | undefined;
  /** Settings of the BIOS that have one name for all vendors. What is left out stays as it is. */
  readonly firmware?: FirmwareConfig | undefined;
  /** Name of a hardware profile. Deprecated: use rootDeviceHints and architecture. */
  readonly hardwareProfile?: string | undefined;
  /**
   * Whether partition tables are wiped before the first and after each use (metadata) or disks stay as they are
   * (disabled).
   */
  readonly automatedCleaningMode?: AutomatedCleaningMode | undefined;
  /**
   * How hardware is looked at: agent (the default) boots a ramdisk, disabled skips it, and fast (from v0.14 on) asks
   * the BMC alone.
   */
  readonly inspectionMode?: InspectionMode | undefined;
  /** Whether the host is never switched off: it is rebooted where that would be needed. */
  readonly disablePowerOff?: boolean | undefined;
}

/** How the controller of the machine (BMC) is reached. A host without it stays unmanaged. */
export interface BMCDetails {
  /** URL of the BMC, whose scheme is the driver: redfish-virtualmedia+https://10.0.0.7/redfish/v1/Systems/1. */
  readonly address: string;
  /** Secret with the keys username and password, in the namespace of the host. */
  readonly credentialsName: string;
  /** Whether any TLS certificate of the BMC is trusted. Default: false. */
  readonly disableCertificateVerification?: boolean | undefined;
}

/** How the firmware boots: UEFI (the default), UEFISecureBoot or legacy. */
export type BootMode = 'UEFI' | 'UEFISecureBoot' | 'legacy';

/** A reference to any object. */
export interface ObjectReference {
  /** Group and version of the object. */
  readonly apiVersion?: string | undefined;
  /** Kind of the object. */
  readonly kind?: string | undefined;
  /** Namespace of the object. */
  readonly namespace?: string | undefined;
  /** Name of the object. */
  readonly name?: string | undefined;
  /** UID of the object. */
  readonly uid?: string | undefined;
  /** The one version of the object that is meant. Default: any. */
  readonly resourceVersion?: string | undefined;
  /** The part of the object that is meant, as a path. Default: all of it. */
  readonly fieldPath?: string | undefined;
}

/** A reference to a Secret. */
export interface SecretReference {
  /** Name of the Secret. */
  readonly name?: string | undefined;
  /** Namespace of the Secret. Default: that of the object which refers to it. */
  readonly namespace?: string | undefined;
}

/** A taint as Nodes have them. */
export interface Taint {
  /** Key of the taint, such as example.org/reserved. */
  readonly key: string;
  /** What it does to pods: NoSchedule, PreferNoSchedule or NoExecute. */
  readonly effect: string;
  /** Value of the taint. */
  readonly value?: string | undefined;
  /** When it was set; for NoExecute only. */
  readonly timeAdded?: string | undefined;
}

/** The image that a host is provisioned with. */
export interface Image {
  /** Where Ironic gets the image from: https://host/path or oci://registry/repository:tag. */
  readonly url: string;
  /** Checksum of the image, or the URL of a file that has it. Left out for live-iso and oci:// images only. */
  readonly checksum?: string | undefined;
  /** Algorithm of the checksum. auto, as when left out, leaves Ironic to tell it. */
  readonly checksumType?: ChecksumType | undefined;
  /** Format of the image. live-iso is booted from instead of being written to a disk. */
  readonly format?: DiskFormat | undefined;
  /** Secret with credentials of the registry of an oci:// image, in the namespace of the host. */
  readonly ociAuthSecretName?: string | undefined;
}

/** Algorithm of the checksum. auto, as when left out, leaves Ironic to tell it. */
export type ChecksumType = 'md5' | 'sha256' | 'sha512' | 'auto';

/** Format of the image. live-iso is booted from instead of being written to a disk. */
export type DiskFormat = 'raw' | 'qcow2' | 'vdi' | 'vmdk' | 'live-iso';

/** A deploy step of one's own ramdisk, run instead of writing an image. */
export interface CustomDeploy {
  /** Name of the deploy step, as the ramdisk knows it. */
  readonly method: string;
}

/** One network interface, by name or by MAC address, and how its switch port is to be set up. */
export interface NetworkInterface {
  /** Name that inspection found, such as eth0; instead of macAddress. */
  readonly name?: string | undefined;
  /** MAC address that inspection found; instead of name. */
  readonly macAddress?: string | undefined;
  /** The HostNetworkAttachment that says how the switch port is to be set up. */
  readonly hostNetworkAttachment?: {
    /** Name of the HostNetworkAttachment. */
    readonly name?: string | undefined;
    /** Its namespace. Default: that of the host. */
    readonly namespace?: string | undefined;
  } | undefined;
  /** The port that the interface is plugged into. Wins over what LLDP has told. */
  readonly switchPort?: {
    /** MAC address by which the switch is known. */
    readonly switchID: string;
    /** Name of the port on that switch. */
    readonly portID: string;
  } | undefined;
}

/** Which disk the image goes to: one that fits every hint. */
export interface RootDeviceHints {
  /** Path of the disk in Linux, such as /dev/vda. Exact. */
  readonly deviceName?: string | undefined;
  /** SCSI address of the disk, host:channel:target:lun. Exact. */
  readonly hctl?: string | undefined;
  /** Model of the disk, or a part of it. */
  readonly model?: string | undefined;
  /** Maker of the disk, or a part of its name. */
  readonly vendor?: string | undefined;
  /** Serial number of the disk. Exact. */
  readonly serialNumber?: string | undefined;
  /** Least size of the disk, in gigabytes. */
  readonly minSizeGigabytes?: number | undefined;
  /** World-wide name of the disk. Exact. */
  readonly wwn?: string | undefined;
  /** World-wide name of the disk with the vendor's extension. Exact. */
  readonly wwnWithExtension?: string | undefined;
  /** The vendor's extension of the world-wide name alone. Exact. */
  readonly wwnVendorExtension?: string | undefined;
  /** Whether the disk spins (true) or is solid-state (false). Default: either. */
  readonly rotational?: boolean | undefined;
}

/** RAID volumes to make while the host is prepared: by a controller or by Linux, not both. */
export interface RAIDConfig {
  /** Volumes of a RAID controller. null asks for nothing, an empty list for the removal of what is there. */
  readonly hardwareRAIDVolumes?: readonly HardwareRAIDVolume[] | null | undefined;
  /** Volumes of Linux, 2 at most, the first of level 1. null asks for nothing, an empty list for their removal. */
  readonly softwareRAIDVolumes?: readonly SoftwareRAIDVolume[] | null | undefined;
}

/** A volume that a RAID controller makes. */
export interface HardwareRAIDVolume {
  /** RAID level. */
  readonly level: '0' | '1' | '2' | '5' | '6' | '1+0' | '5+0' | '6+0';
  /** Name of the volume, of its own on this host, at most 64 characters. */
  readonly name?: string | undefined;
  /** Size in GiB. Default: all that there is room for. */
  readonly sizeGibibytes?: number | undefined;
  /** Whether disks that spin (true) or solid-state ones (false) are taken. Default: either. */
  readonly rotational?: boolean | undefined;
  /** RAID controller that makes it. Default: any. */
  readonly controller?: string | undefined;
  /** How many disks it takes. Default: the fewest that the level allows. */
  readonly numberOfPhysicalDisks?: number | undefined;
  /** Disks it is made of, named as the controller names them. Default: any. */
  readonly physicalDisks?: readonly string[] | undefined;
}

/** A volume that Linux makes of disks. */
export interface SoftwareRAIDVolume {
  /** RAID level. */
  readonly level: '0' | '1' | '1+0';
  /** Size in GiB. Default: all that there is room for. */
  readonly sizeGibibytes?: number | undefined;
  /** Hints that find the disks it is made of, one a disk, at least 2. Default: all disks. */
  readonly physicalDisks?: readonly RootDeviceHints[] | undefined;
  /** Whether the image goes to this volume; true for one of them at most. */
  readonly rootVolume?: boolean | undefined;
}

/** Settings of the BIOS that have one name for all vendors. What is left out stays as it is. */
export interface FirmwareConfig {
  /** Whether virtual machines have hardware support (VT-x, AMD-V). */
  readonly virtualizationEnabled?: boolean | undefined;
  /** Whether a core runs several threads (SMT). */
  readonly simultaneousMultithreadingEnabled?: boolean | undefined;
  /** Whether PCI devices can be split into virtual ones (SR-IOV). */
  readonly sriovEnabled?: boolean | undefined;
}

/**
 * Whether partition tables are wiped before the first and after each use (metadata) or disks stay as they are
 * (disabled).
 */
export type AutomatedCleaningMode = 'metadata' | 'disabled';

/**
 * How hardware is looked at: agent (the default) boots a ramdisk, disabled skips it, and fast (from v0.14 on) asks the
 * BMC alone.
 */
export type InspectionMode = 'disabled' | 'agent' | 'fast';

/** What is known of a host. */
export interface BareMetalHostStatus {
  /** How the host does: OK, in error, detached, delayed while others are worked on, or being serviced. */
  readonly operationalStatus: OperationalStatus;
  /** Where provisioning stands, and what it was asked to do when it last began. */
  readonly provisioning: ProvisionStatus;
  /** Whether the host was on when it was last looked at. */
  readonly poweredOn: boolean;
  /** The last error in words. Empty when there is none. */
  readonly errorMessage: string;
  /** How many errors there were since something last succeeded. */
  readonly errorCount: number;
  /** How many times in a row provisioning this image has failed. */
  readonly provisioningFailCount?: number | undefined;
  /** The image of the last attempt; another one sets provisioningFailCount back. */
  readonly lastAttemptedImage?: Image | undefined;
  /** What went wrong last. Absent when nothing is. */
  readonly errorType?: ErrorType | undefined;
  /** When this status was last written. */
  readonly lastUpdated?: string | undefined;
  /** What inspection found. */
  readonly hardware?: HardwareDetails | undefined;
  /** Name of the hardware profile that fits. Deprecated. */
  readonly hardwareProfile?: string | undefined;
  /** The credentials that the BMC last took. */
  readonly goodCredentials?: {
    /** The Secret that they were read from. */
    readonly credentials?: SecretReference | undefined;
    /** resourceVersion of the Secret when it was read. */
    readonly credentialsVersion?: string | undefined;
  } | undefined;
  /** The credentials that were last tried. */
  readonly triedCredentials?: {
    /** The Secret that they were read from. */
    readonly credentials?: SecretReference | undefined;
    /** resourceVersion of the Secret when it was read. */
    readonly credentialsVersion?: string | undefined;
  } | undefined;
  /** When each operation last began and ended. */
  readonly operationHistory?: {
    /** Registration with Ironic. */
    readonly register?: {
      /** When it began. */
      readonly start?: string | null | undefined;
      /** When it ended. null while it goes on. */
      readonly end?: string | null | undefined;
    } | undefined;
    /** Inspection of the hardware. */
    readonly inspect?: {
      /** When it began. */
      readonly start?: string | null | undefined;
      /** When it ended. null while it goes on. */
      readonly end?: string | null | undefined;
    } | undefined;
    /** Provisioning of an image. */
    readonly provision?: {
      /** When it began. */
      readonly start?: string | null | undefined;
      /** When it ended. null while it goes on. */
      readonly end?: string | null | undefined;
    } | undefined;
    /** Removal of an image. */
    readonly deprovision?: {
      /** When it began. */
      readonly start?: string | null | undefined;
      /** When it ended. null while it goes on. */
      readonly end?: string | null | undefined;
    } | undefined;
  } | undefined;
  /** The same in the form of conditions. */
  readonly conditions?: readonly Condition[] | undefined;
}

/** How the host does: OK, in error, detached, delayed while others are worked on, or being serviced. */
export type OperationalStatus = '' | 'OK' | 'discovered' | 'error' | 'delayed' | 'detached' | 'servicing';

/** What went wrong last. Absent when nothing is. */
export type ErrorType = 'provisioned registration error' | 'registration error' | 'inspection error' | 'preparation error' | 'provisioning error' | 'power management error' | 'servicing error';

/** Where provisioning stands, and what it was asked to do when it last began. */
export interface ProvisionStatus {
  /** What is being done to the host, or was done last. */
  readonly state: string;
  /** Id of the host's node in Ironic. */
  readonly ID: string;
  /** The image that was last written, or is being written. */
  readonly image?: Image | undefined;
  /** The deploy step that was last run. */
  readonly customDeploy?: CustomDeploy | undefined;
  /** The hints by which the disk was chosen. */
  readonly rootDeviceHints?: RootDeviceHints | undefined;
  /** The RAID volumes that were asked for. */
  readonly raid?: RAIDConfig | undefined;
  /** The BIOS settings that were asked for. */
  readonly firmware?: FirmwareConfig | undefined;
  /** The boot mode that was used. */
  readonly bootMode?: BootMode | undefined;
}

/** What inspection found. */
export interface HardwareDetails {
  /** Who made the machine. */
  readonly systemVendor?: {
    /** Maker of the machine. */
    readonly manufacturer?: string | undefined;
    /** Product name of the machine. */
    readonly productName?: string | undefined;
    /** Serial number of the machine. */
    readonly serialNumber?: string | undefined;
  } | undefined;
  /** Firmware of the machine. */
  readonly firmware?: {
    /** The BIOS. */
    readonly bios?: {
      /** Date of its release. */
      readonly date?: string | undefined;
      /** Maker of the BIOS. */
      readonly vendor?: string | undefined;
      /** Version of the BIOS. */
      readonly version?: string | undefined;
    } | undefined;
  } | undefined;
  /** Memory, in MiB. */
  readonly ramMebibytes?: number | undefined;
  /** Network interfaces. */
  readonly nics?: readonly NIC[] | undefined;
  /** Disks. */
  readonly storage?: readonly Storage[] | undefined;
  /** The processors, all of one kind. */
  readonly cpu?: {
    /** Architecture, such as x86_64. */
    readonly arch?: string | undefined;
    /** Model name. */
    readonly model?: string | undefined;
    /** Clock, in MHz. */
    readonly clockMegahertz?: number | undefined;
    /** What they can do, as in /proc/cpuinfo. */
    readonly flags?: readonly string[] | undefined;
    /** How many there are, threads included. */
    readonly count?: number | undefined;
  } | undefined;
  /** Host name that the ramdisk had. */
  readonly hostname?: string | undefined;
}

/** A network interface that was found. */
export interface NIC {
  /** Name in Linux, such as eth0. */
  readonly name?: string | undefined;
  /** Vendor and product, by their PCI ids: 0x1af4 0x0001. */
  readonly model?: string | undefined;
  /** MAC address. */
  readonly mac?: string | undefined;
  /** IPv4 or IPv6 address. An interface with both is listed twice. */
  readonly ip?: string | undefined;
  /** Speed of the link, in Gbit/s. */
  readonly speedGbps?: number | undefined;
  /** VLANs that its switch port carries. */
  readonly vlans?: readonly ({
    /** VLAN id, 0 to 4094. */
    readonly id?: number | undefined;
    /** Name of the VLAN. */
    readonly name?: string | undefined;
  })[] | undefined;
  /** VLAN of untagged traffic, 0 to 4094. */
  readonly vlanId?: number | undefined;
  /** Whether the host can boot from it. */
  readonly pxe?: boolean | undefined;
  /** PCI address, such as 0000:00:1f.6. */
  readonly pciAddress?: string | undefined;
  /** What the switch has told over LLDP. */
  readonly lldp?: {
    /** Chassis id of the switch, often a MAC address. */
    readonly switchID?: string | undefined;
    /** Id of the port on the switch. */
    readonly portID?: string | undefined;
    /** Name of the switch. */
    readonly switchSystemName?: string | undefined;
  } | undefined;
}

/** A disk that was found. */
export interface Storage {
  /** Path in Linux, one that lasts where there is one: /dev/disk/by-path/…. */
  readonly name?: string | undefined;
  /** Other paths of the same disk. */
  readonly alternateNames?: readonly string[] | undefined;
  /** Whether the disk spins. */
  readonly rotational?: boolean | undefined;
  /** Sort of disk. */
  readonly type?: 'HDD' | 'SSD' | 'NVME' | undefined;
  /** Size in bytes. */
  readonly sizeBytes?: number | undefined;
  /** Maker. */
  readonly vendor?: string | undefined;
  /** Model. */
  readonly model?: string | undefined;
  /** Serial number. */
  readonly serialNumber?: string | undefined;
  /** World-wide name. */
  readonly wwn?: string | undefined;
  /** The vendor's extension of the world-wide name. */
  readonly wwnVendorExtension?: string | undefined;
  /** World-wide name with the vendor's extension. */
  readonly wwnWithExtension?: string | undefined;
  /** SCSI address, host:channel:target:lun. */
  readonly hctl?: string | undefined;
}

/** One thing about the object that is so, is not so, or is not known. */
export interface Condition {
  /** What it is about, such as Ready. One condition of each type. */
  readonly type: string;
  /** Whether it is so. */
  readonly status: 'True' | 'False' | 'Unknown';
  /** Why, as one word for programs. */
  readonly reason: string;
  /** Why, for people. May be empty. */
  readonly message: string;
  /** Since when status is what it is. */
  readonly lastTransitionTime: string;
  /** metadata.generation of the object that this was said of; an older one may be out of date. */
  readonly observedGeneration?: number | undefined;
}
