/** What the state of a stack says of a fleet of any kind: parameters and counts, never an object. */

/**
 * What happens when the cluster of a fleet is not there any more: `fail`, or `forget` what was on it, which lets
 * `destroy` and `refresh` go on.
 */
export type OnClusterGone = 'fail' | 'forget';

/** How long an update waits for its objects unless told otherwise, besides what each of them may take. */
export const WAIT_TIMEOUT_SECONDS = 600;

/**
 * What an update waits for once the objects are written: `settled`, until each is in the state that its description leads to;
 * a state, in which all of them or a share of them have to be; or `none`.
 */
export type WaitFor =
  | 'settled'
  | 'none'
  | {
      /** Such as `available`. */
      readonly state: string;
      /** Above 0, up to 1. @default 1 */
      readonly share?: number | undefined;
    };

/** What the objects of a fleet had come to when they were last looked at. */
export interface Readiness {
  /** How many are in each state. */
  readonly states: Readonly<Record<string, number>>;
  /** How long the update waited for them. */
  readonly seconds: number;
}

/** How the hosts or clusters of a fleet are called. */
export interface FleetNames {
  /** Such as `worker-{index}`. */
  readonly pattern: string;
  /** The indexes of the others follow. */
  readonly firstIndex: number;
  readonly count: number;
}

/** What the program asks for, of whatever kind. */
export interface FleetInputs {
  /** Content of a kubeconfig, or the path of one; a secret. */
  readonly kubeconfig: string;
  readonly context?: string;
  /** Name of the ApplySet, which is that of its ConfigMap in namespace `default`. */
  readonly set: string;
  /** What the set is called unless a name is given, or it had one before; absent in states of earlier versions. */
  readonly defaultSet?: string;
  /** URN of the fleet, by which it is told from others; absent in states of earlier versions. */
  readonly fleet?: string;
  readonly createNamespaces: boolean;
  readonly forceConflicts: boolean;
  readonly onClusterGone: OnClusterGone;
  readonly deleteTimeoutSeconds: number;
  readonly waitFor: WaitFor;
  /** By how many there are where it is left out. */
  readonly waitTimeoutSeconds?: number;
  /** What an update would do to the cluster, for people; computed when the program runs. */
  readonly plan?: string;
}

/** What is known once it has been applied. */
export interface FleetResults {
  /** Tells the cluster from every other, even at the same address. */
  readonly clusterUid: string;
  /** How many objects the fleet has on the cluster, by `Kind.group`. */
  readonly objects: Readonly<Record<string, number>>;
  /** What was different on the cluster when somebody last refreshed: `3 missing`; `none` where it was as described. */
  readonly drift?: string;
  /** Absent where nothing was waited for. */
  readonly readiness?: Readiness;
}

/** What decides which objects there are, and where. @param keys those of the inputs that describe the objects */
export function contentOf<I extends FleetInputs>(inputs: I, keys: readonly (keyof I & string)[]): object {
  const { kubeconfig, context, set, createNamespaces } = inputs;
  return { kubeconfig, context, set, createNamespaces, ...Object.fromEntries(keys.map((key) => [key, inputs[key]])) };
}

/** Everything that the program asks for, without what is computed. @param keys those of the inputs that describe the objects */
export function parametersOf<I extends FleetInputs>(inputs: I, keys: readonly (keyof I & string)[]): object {
  const { forceConflicts, onClusterGone, deleteTimeoutSeconds } = inputs;
  // A state of an earlier version of this package has no waitFor, or the time that was the default.
  const { waitFor = 'none', waitTimeoutSeconds = WAIT_TIMEOUT_SECONDS } = inputs as Partial<FleetInputs>;
  const behaviour = { forceConflicts, onClusterGone, deleteTimeoutSeconds, waitFor, waitTimeoutSeconds };
  return { ...contentOf(inputs, keys), ...behaviour };
}
