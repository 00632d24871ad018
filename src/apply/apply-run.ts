import { invalidInput } from '../../lib/errors';
import { checkedJson } from '../kubernetes/answer-shape';
import { ApiError } from '../kubernetes/api-error';
import { metadataOnly } from '../kubernetes/metadata-only';
import type { KubernetesObject } from '../kubernetes/objects';
import { orMissing } from '../kubernetes/or-missing';
import type { Resource } from '../kubernetes/resources';
import { groupKindOf, itemPath, keyOf, namespaceOf } from '../kubernetes/resources';
import type { Retry } from '../kubernetes/retry';
import { until } from '../util/until';
import type { Applier, ApplyOptions, ApplyResult, ObjectStream } from './apply';
import { FIELD_MANAGER } from './apply';
import { ApplySet } from './apply-set';
import { requireCluster } from './cluster-identity';
import { AdaptiveConcurrency } from './concurrency';
import { describeCounts, KindCounts } from './counts';
import { Mark } from './digest-table';
import { untilEstablished } from './established';
import { digestOfManifest } from './field-set';
import { Members } from './members';
import { Progress } from './progress';
import { prune } from './prune';
import { Refusals, requireFree, requireMembers } from './refusals';
import { SetLease } from './set-lease';
import { ranksOf, windowsOf } from './windows';

const RETRY_MS = 60_000;
const PRUNE_MS = 600_000;
/** Of the answer nothing is read but its metadata; a Secret's content has no business coming back. */
const METADATA_ONLY = metadataOnly('PartialObjectMetadata');
/** How the API server begins to say that an object is there now; more of it is read only where it says something else. */
const MADE = '{"kind":"PartialObjectMetadata"';

/** One run of apply: its streams, and what has become of them. */
export class ApplyRun {
  private readonly concurrency: AdaptiveConcurrency;
  private readonly progress: Progress;
  private readonly counts = new KindCounts();
  private readonly refusals = new Refusals();
  private readonly flying = new Set<Promise<void>>();
  private isAnyDescribed = false;
  /** The first error that ends the run. */
  private failure: { readonly error: unknown } | undefined;

  private constructor(
    private readonly applier: Applier,
    private readonly options: ApplyOptions,
    private readonly set: ApplySet | undefined,
    private readonly members: Members | undefined,
    private readonly lease: SetLease | undefined,
  ) {
    this.concurrency = new AdaptiveConcurrency(undefined, options.concurrency);
    this.progress = new Progress(options.task, options.listener, () => this.concurrency.inFlight, options.total);
  }

  /**
   * @throws TestbedError (`cluster`) for another cluster than the one meant, a set of another tool, and one that another
   * run keeps writing
   */
  static async begin(applier: Applier, options: ApplyOptions): Promise<ApplyRun> {
    const { client } = applier;
    const { signal } = options;
    if (options.prune && options.set === undefined)
      throw invalidInput('prune needs a set, which says what may be deleted: name one');
    if (options.clusterUid !== undefined) await requireCluster(client, options.clusterUid, signal);
    if (options.set === undefined) return new ApplyRun(applier, options, undefined, undefined, undefined);
    const set = new ApplySet(client, options.set, FIELD_MANAGER, () => lease.ensure());
    // Nothing is read before the set is ours: what others still write would be taken for what is there.
    const lease = await SetLease.take(client, set, {
      ...{ task: options.task, listener: options.listener, signal },
      ...{ waitMs: options.setWaitMs, retryMs: options.retryMs },
    });
    try {
      const until = signal === undefined ? lease.signal : AbortSignal.any([signal, lease.signal]);
      await set.read(until);
      const members = new Members(client, set.id, FIELD_MANAGER, { signal: until, isNew: !set.isRecorded });
      return new ApplyRun(applier, { ...options, signal: until }, set, members, lease);
    } catch (error) {
      await lease.release();
      throw error;
    }
  }

  /** Aborted where the run may not go on: it was interrupted, or another has taken its set over. */
  get signal(): AbortSignal | undefined {
    return this.options.signal;
  }

  /** Applies a stream; what it says is written once this returns. */
  async apply(objects: ObjectStream): Promise<void> {
    try {
      for await (const window of windowsOf(objects)) {
        this.isAnyDescribed = true;
        if (this.set !== undefined) requireMembers(window, this.set);
        for (const [i, rank] of ranksOf(window).entries()) {
          // What a rank needs is of those before it; the first needs nothing that is still in flight.
          if (i > 0) await this.landed();
          await this.applyRank(rank);
        }
      }
    } catch (error) {
      this.failure ??= { error };
    }
    await this.landed();
    await this.endedByFailure(() => {
      this.throwIfFailed();
      this.options.signal?.throwIfAborted();
    });
  }

  /** Takes note of a stream without writing it: its objects are not pruned. */
  async describe(objects: ObjectStream): Promise<void> {
    await this.endedByFailure(async () => {
      for await (const window of windowsOf(objects)) await this.describeWindow(window);
    });
  }

  private async describeWindow(window: readonly KubernetesObject[]): Promise<void> {
    this.isAnyDescribed = true;
    for (const object of window) {
      this.options.signal?.throwIfAborted();
      const resource = await this.applier.resources.lookFor(object.apiVersion, object.kind);
      if (resource === undefined) continue;
      await this.grow(resource, [object]);
      this.members?.table.mark(keyOf(resource, object.metadata.namespace, object.metadata.name), Mark.Described);
      this.counts.add(groupKindOf(resource), 'unchanged');
    }
  }

  /**
   * Ends the run: says what was refused, deletes what is no longer described where that was asked for.
   *
   * @param isHeld whether no other run may write the set until `end` is called
   * @throws ApiError for objects that were refused, before anything is deleted
   */
  async finish({ isHeld = false }: { readonly isHeld?: boolean } = {}): Promise<ApplyResult> {
    const result = await this.endedByFailure(() => this.conclude());
    if (!isHeld) await this.end();
    return result;
  }

  /** Lets other runs write the set. May be called at any time, and more than once. */
  async end(): Promise<void> {
    await this.lease?.release();
  }

  /** A run that has failed is over, also for those who wait for its set. */
  private async endedByFailure<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  private async conclude(): Promise<ApplyResult> {
    const { set, members, options, applier } = this;
    this.throwIfFailed();
    this.refusals.throwIfAny();
    let left = 0;
    if (set !== undefined && members !== undefined) {
      if (options.prune) {
        if (!this.isAnyDescribed && options.pruneAll !== true) {
          throw invalidInput(
            `there are no objects, so that all of the set ${set.name} would be deleted: use --all if that is meant`,
          );
        }
        await prune({
          ...{ client: applier.client, resources: applier.resources, set, members },
          ...{ signal: options.signal, deadlineMs: options.pruneMs ?? PRUNE_MS, beforeTry: this.beforeTry },
          onRemoved: (groupKind) => {
            this.counts.add(groupKind, 'removed');
            this.progress.tell();
          },
        });
        await set.shrink(options.signal);
      } else {
        left = members.table.count(Mark.Member, Mark.Described | Mark.Deleting);
        if (left > 0)
          this.progress.warn(
            `${left} objects of the set ${set.name} are not described and were left: run with --prune to delete them`,
          );
      }
    }
    const total = this.counts.total();
    this.progress.finish(describeCounts(total));
    return {
      ...total,
      kinds: this.counts.byKind(),
      left,
      retries: this.progress.retries,
      seconds: this.progress.seconds,
    };
  }

  /** Applies objects that do not need one another. */
  private async applyRank(objects: readonly KubernetesObject[]): Promise<void> {
    const { resources, client } = this.applier;
    for (const [, ofKind] of Map.groupBy(objects, ({ apiVersion, kind }) => `${apiVersion} ${kind}`)) {
      const [{ apiVersion, kind } = { apiVersion: '', kind: '' }] = ofKind;
      const resource = await resources.find(apiVersion, kind);
      await this.grow(resource, ofKind);
      for (const object of ofKind) await this.launch(resource, object);
    }
    const crds = objects.filter(({ kind }) => kind === 'CustomResourceDefinition');
    if (crds.length === 0) return;
    await this.landed();
    if (this.refusals.count > 0) return;
    await Promise.all(crds.map((crd) => untilEstablished(client, resources, crd, this.options.signal)));
  }

  /** Lists the members of a kind, and makes the parent of the set know of what is about to be written. */
  private async grow(resource: Resource, objects: readonly KubernetesObject[]): Promise<void> {
    if (this.set === undefined) return;
    await this.members?.load(resource);
    const namespaces = new Set(
      objects.map(({ metadata }) => namespaceOf(resource, metadata.namespace)).filter((each) => each !== undefined),
    );
    await this.set.grow([groupKindOf(resource)], namespaces, this.options.signal);
  }

  /** Puts one object on its way, unless it is there as described. */
  private async launch(resource: Resource, object: KubernetesObject): Promise<void> {
    this.throwIfFailed();
    this.options.signal?.throwIfAborted();
    const key = keyOf(resource, object.metadata.namespace, object.metadata.name);
    const marks = this.claim(object, key);
    const manifest = this.asMember(object);
    const isMember = (marks & (Mark.Member | Mark.Deleting)) === Mark.Member;
    if (isMember && this.members?.table.hasDigest(key, digestOfManifest(manifest))) {
      this.landedAs(resource, 'unchanged');
      return;
    }
    await this.concurrency.acquire();
    const flight = this.send(resource, manifest, key, marks)
      .catch((error: unknown) => {
        if (!this.refusals.take(object, error)) this.failure ??= { error };
        else if (this.refusals.isTooMany) this.failure ??= { error: undefined };
      })
      .finally(() => {
        this.concurrency.release();
        this.flying.delete(flight);
      });
    this.flying.add(flight);
  }

  /** Takes note that an object is described. @returns its marks before @throws TestbedError where it cannot be a member */
  private claim(object: KubernetesObject, key: string): number {
    if (this.members === undefined) return 0;
    const before = this.members.table.mark(key, Mark.Described);
    requireFree(object, before);
    return before;
  }

  private asMember(object: KubernetesObject): KubernetesObject {
    if (this.set === undefined) return object;
    const { metadata } = object;
    return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, ...this.set.label } } };
  }

  private async send(resource: Resource, manifest: KubernetesObject, key: string, marks: number): Promise<void> {
    const { signal, forceConflicts = false, retryMs = RETRY_MS } = this.options;
    const path = itemPath(resource, manifest.metadata.namespace, manifest.metadata.name);
    if (marks & Mark.Deleting) await this.untilGone(path, manifest);
    const ask = (force: boolean) =>
      this.applier.client.answer('PATCH', path, {
        query: { fieldManager: FIELD_MANAGER, force, fieldValidation: 'Strict' },
        contentType: 'application/apply-patch+yaml',
        accept: METADATA_ONLY,
        body: manifest,
        retryMs,
        onRetry: this.onRetry,
        beforeTry: this.beforeTry,
        ...(signal && { signal }),
      });
    const { status, text } = await ask(forceConflicts).catch((error: unknown) => {
      // What a step of a scenario has changed, and one that was killed has left, is nobody else's.
      if (error instanceof ApiError && error.isConflictWith(FIELD_MANAGER)) return ask(true);
      throw error;
    });
    if (status === 201 && text.startsWith(MADE)) {
      this.landedAs(resource, 'added');
      return;
    }
    const { metadata } = checkedJson<KubernetesObject>(text, 'PATCH', path, METADATA_ONLY);
    if (status === 201) {
      this.landedAs(resource, 'added');
      return;
    }
    const isSame = this.members?.table.hasVersion(key, metadata.resourceVersion ?? '') ?? false;
    this.landedAs(resource, isSame ? 'unchanged' : 'changed');
  }

  /** An object that is being deleted would take what is applied with it. */
  private async untilGone(path: string, { kind, metadata }: KubernetesObject): Promise<void> {
    const { signal, pruneMs = PRUNE_MS } = this.options;
    const options = { accept: METADATA_ONLY, ...(signal && { signal }) };
    const gone = await until(
      async () => (await orMissing(this.applier.client.request('GET', path, options))) === undefined,
      { deadlineMs: pruneMs, everyMs: 250, ...(signal && { signal }) },
    );
    if (gone === undefined)
      throw invalidInput(
        `${kind} ${metadata.name} has been deleted and is still not gone: remove what its finalizers wait for`,
      );
  }

  private readonly beforeTry = (): Promise<void> | undefined => this.lease?.ensure();

  private readonly onRetry = ({ status, code }: Retry): void => {
    this.progress.retries++;
    if (status === 429 || status === 503 || code === 'ETIMEDOUT') this.concurrency.refused();
    this.progress.tell();
  };

  private landedAs(resource: Resource, outcome: 'added' | 'changed' | 'unchanged'): void {
    this.counts.add(groupKindOf(resource), outcome);
    this.progress.done++;
    this.progress.tell();
  }

  /** Waits until nothing is in flight. */
  private async landed(): Promise<void> {
    while (this.flying.size > 0) await Promise.all(this.flying);
  }

  private throwIfFailed(): void {
    if (this.failure === undefined) return;
    this.refusals.throwIfAny();
    throw this.failure.error;
  }
}
