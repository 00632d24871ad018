import type { HostSetEntry } from '../../lib/testbed/entries';
import type { FleetArgs, FleetCredentials, NestedInput } from './fleet-args';

/** The hosts of a fleet: a host set, of which any part may be the output of another resource. */
export type HostFleetHosts = {
  readonly [K in keyof Omit<HostSetEntry, 'credentials'>]: NestedInput<HostSetEntry[K]>;
} & {
  /** @default - `admin` and `password` */
  readonly credentials?: FleetCredentials | undefined;
};

/** A host set, and where it goes. */
export interface HostFleetArgs extends HostFleetHosts, FleetArgs {
  /**
   * Whether each object is a Pulumi resource of its own: for at most 1,000 hosts, and slower by orders of magnitude. The
   * hosts have to be plain values then, and `set`, `forceConflicts`, `deleteTimeoutSeconds` and `waitFor` have no meaning.
   * A fleet has to be destroyed before this can change.
   * @default false
   */
  readonly asResources?: boolean | undefined;
}
