import type { BareMetalHostManifest } from './manifests';
import { hostAnnotations } from './manifests';
import type { BareMetalHostStatus, Image } from './schema';
import { fixtureHardwareDetails } from './stages/hardware-details';
import { rootDeviceHintsOfProfile } from './stages/hardware-profile';
import type { SeededState } from '../../scenario/steps';

/** The image of steps that name none. Test mode loads none, and `.invalid` is nobody's (RFC 2606). */
export const DEFAULT_IMAGE: Image = {
  url: 'http://images.invalid/node.qcow2',
  checksum: 'http://images.invalid/node.qcow2.sha256sum',
  checksumType: 'sha256',
  format: 'qcow2',
};

/**
 * The same host, made to start in a state: with the status that test mode would have left there, in the annotation from
 * which the Bare Metal Operator fills in a host that has none (`reconcileHostData` of v0.13), and kwok's Stages do too.
 */
export function seeded(manifest: BareMetalHostManifest, state: SeededState): BareMetalHostManifest {
  const image = state === 'provisioned' ? (manifest.spec.image ?? DEFAULT_IMAGE) : undefined;
  const spec = { ...manifest.spec, image: image ?? manifest.spec.image, architecture: fixtureHardwareDetails.cpu.arch };
  const annotations = {
    ...manifest.metadata.annotations,
    [hostAnnotations.status]: JSON.stringify(statusOf(spec, state, image)),
  };
  return { ...manifest, metadata: { ...manifest.metadata, annotations }, spec };
}

function statusOf(
  spec: BareMetalHostManifest['spec'],
  state: SeededState,
  image: Image | undefined,
): BareMetalHostStatus {
  const hardwareProfile = spec.hardwareProfile ?? (spec.bmc?.address.startsWith('libvirt') ? 'libvirt' : 'unknown');
  const hints = (rootDeviceHintsOfProfile as Readonly<Record<string, object>>)[hardwareProfile] ?? {};
  return {
    operationalStatus: 'OK',
    errorCount: 0,
    errorMessage: '',
    // All hosts of a test mode share one machine: once the first has switched it on, the others have nothing to do.
    poweredOn: spec.online,
    hardware: fixtureHardwareDetails,
    hardwareProfile,
    provisioning: {
      state,
      // With an id the host counts as registered, so that it is not waited for again.
      ID: 'temporary-fake-id',
      bootMode: spec.bootMode ?? 'UEFI',
      rootDeviceHints: spec.rootDeviceHints ?? hints,
      image,
    },
  };
}
