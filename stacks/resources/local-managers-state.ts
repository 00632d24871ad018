/** What the state of a stack says of managers beside an embedded control plane. */
import type { TestbedProps } from '../../lib/testbed/resolve';
import type { OnClusterGone } from './fleet-state';

/** What the program asks for. */
export interface LocalManagersInputs extends Pick<TestbedProps, 'clusterApi'> {
  readonly folder: string;
  readonly forceConflicts?: boolean;
  readonly onClusterGone?: OnClusterGone;
  readonly timeoutSeconds?: number;
}

/** What is known once they run. */
export interface LocalManagersOutputs extends LocalManagersInputs {
  /** The managers, each with the version of its program. */
  readonly managers: Readonly<Record<string, string>>;
  /** What is to run: the managers, and who answers for the API of clusters. */
  readonly processes: readonly string[];
}

/** The ApplySet of what the managers have on the cluster, which has one platform. */
export const MANAGERS_SET = { name: 'testbed-managers' };
/** How long each wait may take unless told otherwise. */
export const MANAGERS_TIMEOUT_SECONDS = 300;
