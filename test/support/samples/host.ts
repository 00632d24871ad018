import type {
  BareMetalHostSpec,
  BareMetalHostStatus,
  HardwareDetails,
} from '../../../lib/kinds/bare-metal-host/schema';
import type { Condition } from '../../../lib/crd';

export const time = '2026-01-31T12:00:00Z';

export function condition(type: string): Condition {
  return {
    type,
    status: 'True',
    reason: 'AsExpected',
    message: 'fine',
    lastTransitionTime: time,
    observedGeneration: 3,
  };
}

export const image = {
  url: 'http://images/x.qcow2',
  checksum: 'http://images/x.qcow2.sha256',
  checksumType: 'sha256',
  format: 'qcow2',
  ociAuthSecretName: 'registry',
} as const;

export const consumerRef = {
  apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1',
  kind: 'Metal3Machine',
  namespace: 'default',
  name: 'machine-1',
  uid: '3b8c1c5c-0000-4000-8000-000000000001',
  resourceVersion: '17',
  fieldPath: 'spec',
};

export const customDeploy = { method: 'install_coreos' };

const rootDeviceHints = {
  deviceName: '/dev/sda',
  hctl: '0:0:0:0',
  model: 'Disk',
  vendor: 'Vendor',
  serialNumber: 'S1',
  minSizeGigabytes: 100,
  wwn: '0x5000',
  wwnWithExtension: '0x5000a',
  wwnVendorExtension: '0xa',
  rotational: false,
};

const firmware = { virtualizationEnabled: true, simultaneousMultithreadingEnabled: false, sriovEnabled: true };

function raid(isV0_14: boolean) {
  const rootVolume = isV0_14 ? { rootVolume: true } : {};
  return {
    hardwareRAIDVolumes: [
      {
        level: '1+0',
        name: 'volume',
        sizeGibibytes: 100,
        rotational: false,
        controller: 'RAID.1',
        numberOfPhysicalDisks: 4,
        physicalDisks: ['a', 'b', 'c', 'd'],
      },
    ],
    softwareRAIDVolumes: [
      { level: '1', sizeGibibytes: 50, physicalDisks: [rootDeviceHints, { serialNumber: 'S2' }], ...rootVolume },
    ],
  } as const;
}

/** Every field that a release has. */
export function hostSpec(isV0_14: boolean): BareMetalHostSpec {
  return {
    online: true,
    bmc: { address: 'redfish://bmc/1', credentialsName: 'bmc-1', disableCertificateVerification: true },
    bootMACAddress: '00:60:2f:00:00:01',
    bootMode: 'UEFISecureBoot',
    architecture: 'x86_64',
    description: 'a host',
    consumerRef,
    taints: [{ key: 'a', effect: 'NoSchedule', value: 'b', timeAdded: time }],
    image,
    customDeploy,
    userData: { name: 'user-data', namespace: 'default' },
    networkData: { name: 'network-data', namespace: 'default' },
    metaData: { name: 'meta-data', namespace: 'default' },
    preprovisioningNetworkDataName: 'network',
    externallyProvisioned: false,
    rootDeviceHints,
    raid: raid(isV0_14),
    firmware,
    hardwareProfile: 'unknown',
    automatedCleaningMode: 'disabled',
    inspectionMode: isV0_14 ? 'fast' : 'agent',
    disablePowerOff: true,
    ...(isV0_14 && {
      networkInterfaces: [
        {
          name: 'eth0',
          hostNetworkAttachment: { name: 'tenant', namespace: 'networks' },
          switchPort: { switchID: '00:60:2f:00:01:00', portID: 'Ethernet1' },
        },
        { macAddress: '00:60:2f:00:00:02' },
      ],
    }),
  };
}

export const hardware: HardwareDetails = {
  systemVendor: { manufacturer: 'Maker', productName: 'Model', serialNumber: 'S3' },
  firmware: { bios: { date: '2026-01-31', vendor: 'Maker', version: '1.2' } },
  ramMebibytes: 131072,
  nics: [
    {
      name: 'eth0',
      model: '0x1af4 0x0001',
      mac: '00:60:2f:00:00:01',
      ip: '192.0.2.1',
      speedGbps: 25,
      vlans: [{ id: 4094, name: 'lab' }],
      vlanId: 10,
      pxe: true,
      pciAddress: '0000:00:1f.6',
      lldp: { switchID: '00:60:2f:00:01:00', portID: 'Ethernet1', switchSystemName: 'leaf-1' },
    },
  ],
  storage: [
    {
      name: '/dev/disk/by-path/pci-1',
      alternateNames: ['/dev/sda'],
      rotational: true,
      type: 'NVME',
      sizeBytes: 500_000_000_000,
      vendor: 'Vendor',
      model: 'Disk',
      serialNumber: 'S1',
      wwn: '0x5000',
      wwnVendorExtension: '0xa',
      wwnWithExtension: '0x5000a',
      hctl: '0:0:0:0',
    },
  ],
  cpu: { arch: 'x86_64', model: 'CPU', clockMegahertz: 2400.5, flags: ['fpu', 'vme'], count: 64 },
  hostname: 'host-1',
};

const credentials = { credentials: { name: 'bmc-1', namespace: 'default' }, credentialsVersion: '7' };

export function hostStatus(isV0_14: boolean): BareMetalHostStatus {
  return {
    operationalStatus: 'servicing',
    provisioning: {
      state: 'provisioned',
      ID: '3b8c1c5c-0000-4000-8000-000000000002',
      image,
      customDeploy,
      rootDeviceHints,
      raid: raid(isV0_14),
      firmware,
      bootMode: 'legacy',
    },
    poweredOn: true,
    errorMessage: 'something',
    errorCount: 2,
    errorType: 'servicing error',
    lastUpdated: time,
    hardware,
    hardwareProfile: 'unknown',
    goodCredentials: credentials,
    triedCredentials: credentials,
    operationHistory: {
      register: { start: time, end: time },
      inspect: { start: time, end: time },
      provision: { start: time, end: time },
      deprovision: { start: time, end: null },
    },
    conditions: [condition('Ready'), condition('Healthy')],
    ...(isV0_14 && { provisioningFailCount: 3, lastAttemptedImage: image }),
  };
}
