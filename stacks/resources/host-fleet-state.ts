/** What the state of a stack says of a fleet: parameters and counts, never a host. */
import type { CredentialsEntry, HostSetEntry } from '../../lib/testbed/entries';

/**
 * What happens when the cluster of a fleet is not there any more: `fail`, or `forget` what was on it, which lets
 * `destroy` and `refresh` go on.
 */
export type OnClusterGone = 'fail' | 'forget';

/** What the program asks for. */
export interface HostFleetInputs {
  /** Content of a kubeconfig, or the path of one; a secret. */
  readonly kubeconfig: string;
  readonly context?: string;
  /** Name of the ApplySet, which is that of its ConfigMap in namespace `default`. */
  readonly set: string;
  readonly hostSet: Omit<HostSetEntry, 'credentials'>;
  /** Secret where it holds the values themselves. */
  readonly credentials?: CredentialsEntry;
  readonly createNamespaces: boolean;
  readonly forceConflicts: boolean;
  readonly onClusterGone: OnClusterGone;
  readonly deleteTimeoutSeconds: number;
  /** What an update would do to the cluster, for people; computed when the program runs. */
  readonly plan?: string;
}

/** What is known once it has been applied. */
export interface HostFleetOutputs extends HostFleetInputs {
  /** Tells the cluster from every other, even at the same address. */
  readonly clusterUid: string;
  /** How many objects the fleet has on the cluster, by `Kind.group`. */
  readonly objects: Readonly<Record<string, number>>;
}

/** What decides which objects there are, and where. */
export function contentOf(inputs: HostFleetInputs): Partial<HostFleetInputs> {
  const { plan: _, forceConflicts: __, onClusterGone: ___, deleteTimeoutSeconds: ____, ...rest } = parametersOf(inputs);
  return rest;
}

/** Everything that the program asks for, without what is computed. */
export function parametersOf(inputs: HostFleetInputs): HostFleetInputs {
  const { kubeconfig, context, set, hostSet, credentials } = inputs;
  const { createNamespaces, forceConflicts, onClusterGone, deleteTimeoutSeconds } = inputs;
  return {
    kubeconfig,
    set,
    hostSet,
    createNamespaces,
    forceConflicts,
    onClusterGone,
    deleteTimeoutSeconds,
    context,
    credentials,
  };
}
