/** What the state of a stack says of a fleet of hosts. */
import type { CredentialsEntry, HostSetEntry } from '../../lib/testbed/entries';
import type { FleetInputs, FleetResults } from './fleet-state';

/** What the program asks for. */
export interface HostFleetInputs extends FleetInputs {
  readonly hostSet: Omit<HostSetEntry, 'credentials'>;
  /** Secret where it holds the values themselves. */
  readonly credentials?: CredentialsEntry;
}

/** What is known once it has been applied. */
export interface HostFleetOutputs extends HostFleetInputs, FleetResults {}
