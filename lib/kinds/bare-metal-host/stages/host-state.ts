/** What the Bare Metal Operator's API calls things (`apis/metal3.io/v1alpha1/baremetalhost_types.go` of v0.13). */
import { provisioningStates, type ProvisioningState } from '../schema';

/** The states that only hosts of older releases are in, and the operator still knows. */
const formerStates = ['ready', 'match profile'] as const;

/** Every provisioning state a host may be in. The first is that of a host nobody has looked at. */
export const hostStates = [...provisioningStates, ...formerStates] as const;

/** A provisioning state: `status.provisioning.state`. */
export type HostState = ProvisioningState | (typeof formerStates)[number];

/** Where a status from elsewhere says that a host is in a state that the operator does not know. */
export const otherState = 'a state that the operator does not know';

/** Every state by which what happens to a host is told. */
export const everyState = [...hostStates, otherState] as const;

/** Every state but some. */
export function everyStateBut(...states: readonly HostState[]): (HostState | typeof otherState)[] {
  return everyState.filter((each) => !states.some((state) => state === each));
}

/** The states of a host that waits to be provisioned: `ready` is what older releases called it. */
export const availableStates: readonly HostState[] = ['available', 'ready'];

/** The states in which power is switched. */
export const switchableStates: readonly HostState[] = [...availableStates, 'provisioned', 'externally provisioned'];

/** How a host is doing, whatever its provisioning state: `status.operationalStatus`. */
export type OperationalStatus = 'OK' | 'discovered' | 'error' | 'detached';

export const hostFinalizer = 'baremetalhost.metal3.io';
