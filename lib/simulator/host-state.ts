/** What the Bare Metal Operator's API calls things (`apis/metal3.io/v1alpha1/baremetalhost_types.go` of v0.13). */
import { errorTypes, provisioningStates, type ErrorType, type ProvisioningState } from '../baremetal-host/schema';

/** Every provisioning state a host may be in. The first is that of a host nobody has looked at. */
export const hostStates = provisioningStates;

/** A provisioning state: `status.provisioning.state`. */
export type HostState = ProvisioningState;

/** How a host is doing, whatever its provisioning state: `status.operationalStatus`. */
export type OperationalStatus = 'OK' | 'discovered' | 'error' | 'detached';

/** The kinds of error that the CRD allows: `status.errorType`. */
export const hostErrorTypes = errorTypes;

/** A kind of error: `status.errorType`. */
export type HostErrorType = ErrorType;

export const hostFinalizer = 'baremetalhost.metal3.io';

/** The annotations by which users steer a host. */
export const hostAnnotations = {
  paused: 'baremetalhost.metal3.io/paused',
  detached: 'baremetalhost.metal3.io/detached',
  /** A status to start from, as JSON. */
  status: 'baremetalhost.metal3.io/status',
  /** Alone, or as a prefix before "/". */
  reboot: 'reboot.metal3.io',
  inspect: 'inspect.metal3.io',
  /** Hardware details to take over, as JSON. */
  hardwareDetails: 'inspect.metal3.io/hardwaredetails',
} as const;
