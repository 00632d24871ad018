/** What a run of apply is told, and what it tells. */
import type { Operation } from '../util/events';
import type { KubernetesClient } from '../kubernetes/client';
import type { KubernetesObject } from '../kubernetes/objects';
import type { RESTMapper } from '../kubernetes/rest-mapper';
import type { ApplySetName } from './apply-set';
import type { Counts } from './counts';
import type { Existing } from './refusals';
import type { OwnedMetadata } from './owners';
import type { Removal } from './prune';

/** The API server that is written to, and what it serves. */
export interface ApplyTarget {
  readonly client: KubernetesClient;
  readonly mapper: RESTMapper;
}

export type ObjectStream = Iterable<KubernetesObject> | AsyncIterable<KubernetesObject>;

export interface ApplyOptions extends Operation {
  /** Names the work in events. */
  readonly task: string;
  /**
   * The set that the objects belong to. Objects of a set that are as described are not written again, and those that
   * are no longer described can be pruned.
   * @default - none: every object is sent, and the API server finds out whether it changes anything
   */
  readonly set?: ApplySetName;
  /**
   * Whether members of the set that are not described are deleted, once everything else is applied.
   * @default false
   */
  readonly prune?: boolean;
  /**
   * Whether a description without any object may prune, and so delete the whole set.
   * @default false: it is more likely a pipe that broke
   */
  readonly pruneAll?: boolean;
  /**
   * Told what would be pruned before it is; throws where it may not be.
   * @default - all that is not described is deleted
   */
  readonly beforePrune?: (removal: Removal) => Promise<void>;
  /**
   * Says by what a member is in use: it is not deleted then, nor what it may need of its namespace.
   * @default - nothing is in use
   */
  readonly inUse?: (member: OwnedMetadata) => string | undefined;
  /**
   * Where objects go that name no namespace; one that names another is refused.
   * @default - what the kubeconfig's context says, else `default`, and any other may be named
   */
  readonly namespace?: string;
  /**
   * Whether fields that somebody else owns are taken over. What this package itself has changed otherwise, as the steps of
   * a scenario do, always is.
   * @default false: they are an error that names them
   */
  readonly forceConflicts?: boolean;
  /**
   * Whether an object that is there is looked at before it is written, so that it counts as changed only where it is. With
   * a set this is known from its lists.
   * @default false: without a set, what was there counts as changed
   */
  readonly compare?: boolean;
  /**
   * What becomes of an object that is on the cluster already and belongs to no set.
   * @default 'adopt'
   */
  readonly existing?: Existing;
  /**
   * Whether the objects are only a part of what the set is described with, so that nothing is said of the others.
   * @default false
   */
  readonly isPart?: boolean;
  /** How many objects there will be, where that is known. */
  readonly total?: number;
  /**
   * UID of namespace kube-system of the cluster that is meant; any other is refused before anything is written.
   * @default - the cluster is not checked
   */
  readonly clusterUid?: string;
  /**
   * Whether a plan asks the API server of each object whether it would be taken, and is refused as apply would be.
   * @default false: of objects that are not there it is not asked, and conflicts are changes like any other
   */
  readonly dryRun?: boolean;
  /**
   * How long one request is tried again while the API server cannot be reached or does not take it, in milliseconds.
   * @default 60000
   */
  readonly retryMs?: number;
  /**
   * How long deleted objects may take until the next one of them is gone, in milliseconds.
   * @default 600000
   */
  readonly pruneMs?: number;
  /**
   * How long another run that writes the same set is waited for, in milliseconds.
   * @default 60000
   */
  readonly setWaitMs?: number;
  /**
   * How many objects are in flight at once, at most.
   * @default - as many as the API server turns out to answer fastest
   */
  readonly concurrency?: number;
}

export interface ApplyResult extends Counts {
  /** The same by kind, as `Kind.group`. */
  readonly kinds: Readonly<Record<string, Counts>>;
  /** Members of the set that are not described and were left, since pruning was not asked for. */
  readonly left: number;
  readonly retries: number;
  readonly seconds: number;
}
