import type { BareMetalHostManifest } from '../../lib/baremetal-host/manifests';
import type { Fleet } from '../../lib/baremetal-host/fleet';
import { PAUSED_ANNOTATION, STATUS_ANNOTATION } from '../../lib/baremetal-host/manifests';
import { closest } from '../../lib/crd';
import { invalidInput } from '../../lib/errors';

/** The values of `status.provisioning.state` (BMO v0.13.2, apis/metal3.io/v1alpha1). */
export const PROVISIONING_STATES = [
  'unmanaged',
  'registering',
  'inspecting',
  'match profile',
  'preparing',
  'available',
  'provisioning',
  'provisioned',
  'externally provisioned',
  'deprovisioning',
  'powering off before delete',
  'deleting',
] as const;

export type ProvisioningState = (typeof PROVISIONING_STATES)[number];

/** @throws TestbedError (`invalid-input`) for what is no provisioning state */
export function requireProvisioningState(text: string): ProvisioningState {
  const state = PROVISIONING_STATES.find((each) => each === text);
  if (state !== undefined) return state;
  const meant = closest(text, PROVISIONING_STATES);
  throw invalidInput(
    `state '${text}' is unknown${meant === undefined ? '' : `; did you mean '${meant}'?`} use one of ${PROVISIONING_STATES.join(', ')}`,
  );
}

/** The state in which a host comes to rest; undefined where that cannot be said, as of one that is paused. */
export function restingState(host: BareMetalHostManifest): ProvisioningState | undefined {
  const annotations = host.metadata.annotations ?? {};
  if (PAUSED_ANNOTATION in annotations || STATUS_ANNOTATION in annotations) return undefined;
  if (!host.spec.bmc?.address) return 'unmanaged';
  if (host.spec.externallyProvisioned) return 'externally provisioned';
  return host.spec.image !== undefined || host.spec.customDeploy !== undefined ? 'provisioned' : 'available';
}

/** How many hosts of the fleets come to rest in each state. */
export function restingStates(fleets: readonly Fleet[]): ReadonlyMap<ProvisioningState, number> {
  const counts = new Map<ProvisioningState, number>();
  const add = (host: BareMetalHostManifest, count: number) => {
    const state = restingState(host);
    if (state !== undefined) counts.set(state, (counts.get(state) ?? 0) + count);
  };
  for (const fleet of fleets) {
    if (fleet.count === 0) continue;
    // Without overrides all hosts are alike in what decides this.
    if (!fleet.hasOverrides) add(fleet.manifest(fleet.hostAt(fleet.firstIndex)), fleet.count);
    else for (const host of fleet.hosts()) add(fleet.manifest(host), 1);
  }
  return counts;
}
