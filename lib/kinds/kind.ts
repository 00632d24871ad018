/**
 * What this package knows of a Kubernetes kind. Whatever watches, waits for, measures or reports objects does it through
 * this interface and names no kind; to add one, describe it in a folder of its own and put it into `index.ts`.
 */
import type { KindFace } from './kind-face';
import type { Life, Lives, Milestone, Phase } from './life';

/** An object as the API server gives it, as far as every kind has it. */
export interface LiveObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** What is worth remembering of an object of any kind: a small part of it, since there may be many thousands. */
export interface ObservedObject {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** One of the kind's states; '' before any controller has seen the object. */
  readonly state: string;
  /** Whether it is in the state that its own spec, whoever wrote it, leads to. */
  readonly isSettled: boolean;
  readonly isDeleting: boolean;
  /** What is wrong with it, in one word; '' for nothing. */
  readonly errorType: string;
  readonly errorMessage: string;
}

/** Gives one copy of a text that many objects share; '' for none. */
export type SharedText = (text?: string) => string;

/** One kind. `T` is what is remembered of each of its objects. */
export interface Kind<T extends ObservedObject = ObservedObject> extends KindFace {
  /** Such as `metal3.io/v1alpha1`. */
  readonly apiVersion: string;
  /** As in the API server's paths: `baremetalhosts`. */
  readonly plural: string;
  /** What else people call it on a command line: `bmh`. */
  readonly shortNames: readonly string[];
  /**
   * Whether a simulator makes its objects live: all that a cluster has, whoever made them, and none is deleted without it.
   *
   * @default false
   */
  readonly isSimulated?: boolean | undefined;
  /**
   * Fields of its spec that controllers write beside whoever described it, such as `spec.architecture`.
   *
   * @default - none
   */
  readonly writtenByControllers?: readonly string[] | undefined;
  /** Every state that an object can be waited for in. */
  readonly states: readonly string[];
  /** The printer column of the CRD that shows the state. */
  readonly stateColumn: string;
  /**
   * The state by the printer columns of the CRD, where one of them alone does not say it.
   *
   * @param cell gives the text of a column by its name
   * @default - what the state's column says
   */
  tableState?(cell: (column: string) => string): string;
  /** Of an object in a cluster, what is worth remembering. */
  observe(object: LiveObject, shared: SharedText): T;
  /** An object of which nothing is known yet, not even whether it is there. */
  unseen(namespace: string, name: string): T;
  /**
   * What an object says itself of what it still lacks, as its conditions have it; undefined where it lacks nothing.
   *
   * @default - nothing besides its error
   */
  whyPending?(object: LiveObject): string | undefined;
  /**
   * Objects of another kind that one of these consists of: where it is pending, it may be for one of them.
   *
   * @default - none
   */
  readonly parts?: KindParts | undefined;
  /**
   * Where an object comes to after it was made, in about that order; how long that took is measured.
   *
   * @default - nowhere but to its states
   */
  readonly milestones?: readonly Milestone[] | undefined;
  /**
   * What else of an object is drawn, as how many have it: a recorded field with a value, such as being powered on.
   *
   * @default - nothing but its states and milestones
   */
  readonly lines?: readonly Milestone[] | undefined;
  /**
   * Where the time of one object went from when it was made until it was all that it is to be: phases that follow each other
   * without a gap, so that together they are the whole.
   *
   * @default - nobody asks
   */
  readonly phases?: ((life: Life, lives: Lives) => readonly Phase[]) | undefined;
  /** The fields besides state and error whose changes are recorded, by name; '' for a value that is not there. */
  recorded(observed: T): Iterable<readonly [field: string, value: string]>;
}

/** What objects of a kind consist of. */
export interface KindParts {
  readonly kind: Kind;
  /** The labels by which the parts of one are found in its namespace. */
  readonly selector: (name: string) => string;
  /** The field of a part's timeline that names what it is part of: `namespace/name`. */
  readonly field: string;
}

/** What every kind takes from an object in the same way. */
export function identityOf({ metadata }: LiveObject, shared: SharedText) {
  const { namespace, name, uid, deletionTimestamp } = metadata;
  return { namespace: shared(namespace), name, uid, isDeleting: deletionTimestamp !== undefined };
}

/** What every kind says of an object that nobody has seen. */
export function unseenObject(namespace: string, name: string): ObservedObject {
  return { namespace, name, uid: '', state: '', isSettled: false, isDeleting: false, errorType: '', errorMessage: '' };
}
