import { type BmcProtocol, parseBmcAddress } from './bmc-address';
import type { BareMetalHostSpec } from './schema';
import { TestbedError } from '../../errors';

/**
 * What the webhook of BMO v0.14 checks about fields that v0.13 does not have
 * (internal/webhooks/metal3.io/v1alpha1/baremetalhost_validation.go).
 *
 * @param spec one that the schema vouches for
 */
export function v014Problems(spec: BareMetalHostSpec): string[] {
  return [...inspectionProblems(spec), ...rootVolumeProblems(spec), ...interfaceProblems(spec)];
}

function inspectionProblems({ inspectionMode, bmc }: BareMetalHostSpec): string[] {
  if (inspectionMode !== 'fast' || !bmc?.address) return [];
  const protocol = protocolOf(bmc.address);
  if (protocol !== 'ipmi' && protocol !== 'libvirt') return [];
  return [`spec.inspectionMode fast is not supported by the protocol ${protocol}: use one of Redfish, or agent`];
}

/** undefined where it is not a valid address, which is told elsewhere. */
function protocolOf(address: string): BmcProtocol | undefined {
  try {
    return parseBmcAddress(address).protocol;
  } catch (error) {
    if (error instanceof TestbedError) return undefined;
    throw error;
  }
}

function rootVolumeProblems({ raid, rootDeviceHints }: BareMetalHostSpec): string[] {
  const at = 'spec.raid.softwareRAIDVolumes';
  const volumes = raid?.softwareRAIDVolumes ?? [];
  const roots = volumes.filter(({ rootVolume }) => rootVolume);
  return [
    ...(roots.length > 1 ? [`${at} has ${roots.length} with rootVolume: set it on one`] : []),
    ...(roots.length > 0 && rootDeviceHints ? [`${at} has rootVolume beside rootDeviceHints: give one of them`] : []),
    ...volumes.flatMap(({ rootVolume, level }, index) =>
      rootVolume && level !== '1' ? [`${at}[${index}].level is ${level} with rootVolume: it must be 1`] : [],
    ),
  ];
}

function interfaceProblems({ networkInterfaces = [] }: BareMetalHostSpec): string[] {
  const keys = networkInterfaces.map(({ name, macAddress }) => (name || macAddress || '').toLowerCase());
  return networkInterfaces.flatMap(({ name, macAddress }, index) => {
    const at = `spec.networkInterfaces[${index}]`;
    if (!name === !macAddress) return [`${at} must have either name or macAddress`];
    return keys.indexOf(keys[index]!) < index ? [`${at} is the interface ${name ?? macAddress} a second time`] : [];
  });
}
