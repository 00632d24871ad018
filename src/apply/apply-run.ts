import { invalidInput, TestbedError } from '../../lib/errors';
import { isCustomResourceDefinition, isNamespace } from '../../lib/order';
import { checkedJson } from '../kubernetes/answer-shape';
import { ApiError } from '../kubernetes/api-error';
import type { KubernetesClient } from '../kubernetes/client';
import { metadataOnly } from '../kubernetes/metadata-only';
import { describeObject, type KubernetesObject } from '../kubernetes/objects';
import { ignoreNotFound } from '../kubernetes/ignore-not-found';
import type { Resource } from '../kubernetes/rest-mapper';
import { groupKindOf, itemPath, keyOf, namespaceOf } from '../kubernetes/rest-mapper';
import type { Retry } from '../kubernetes/retry';
import { until } from '../util/until';
import type { ApplyTarget } from './options';
import type { ApplyOptions, ApplyResult, ObjectStream } from './options';
import { FIELD_MANAGER } from '../kubernetes/field-manager';
import { applicable, requireAddress, requireNamespace } from './applicable';
import { ApplySet, asMember } from './apply-set';
import { requireCluster } from './cluster-identity';
import { AdaptiveConcurrency } from './concurrency';
import { describeCounts, KindCounts } from './counts';
import { Mark } from './digest-table';
import { Deferred, kindNeed, namespaceNeed, type Need } from './deferred';
import { type Definition, untilEstablished } from './established';
import type { LiveObject } from './field-set';
import { appliedBy, digestOfManifest, ownershipOf, saysNothing } from './field-set';
import { Members } from './members';
import { Progress } from './progress';
import { prune, type Kept } from './prune';
import { asksForOthers, Refusals, requireMembers, treatmentOf } from './refusals';
import { SetLease } from './set-lease';
import { ranksOf, windowsOf } from './windows';

const RETRY_MS = 60_000;
const PRUNE_MS = 600_000;
const SHOWN_NEEDS = 5;
const SHOWN = 5;
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
  private readonly deferred = new Deferred();
  private readonly flying = new Set<Promise<unknown>>();
  private isAnyDescribed = false;
  /** What was there before, and did not join the set. */
  private readonly existing = { count: 0, first: [] as string[] };
  /** By uid, what is not deleted since it is in use. */
  private readonly kept = new Map<string, Kept>();
  /** The first error that ends the run. */
  private failure: { readonly error: unknown } | undefined;

  private constructor(
    private readonly applier: ApplyTarget,
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
  static async begin(applier: ApplyTarget, options: ApplyOptions): Promise<ApplyRun> {
    const { client } = applier;
    const { signal } = options;
    if (options.prune && options.set === undefined)
      throw invalidInput('prune needs a set, which says what may be deleted: name one');
    if (options.clusterUid !== undefined) await requireCluster(client, options.clusterUid, signal);
    if (options.set === undefined) return new ApplyRun(applier, options, undefined, undefined, undefined);
    const set = new ApplySet(client, options.set, FIELD_MANAGER, () => lease.ensure());
    // Nothing is read before the set is ours: what others still write would be taken for what is there.
    const lease = await SetLease.take(client, set, {
      task: options.task,
      listener: options.listener,
      signal,
      waitMs: options.setWaitMs,
      retryMs: options.retryMs,
    });
    try {
      const until = signal === undefined ? lease.signal : AbortSignal.any([signal, lease.signal]);
      await set.read(until);
      const members = new Members(client, set.id, FIELD_MANAGER, {
        signal: until,
        isNew: !set.isRecorded,
        withOthers: asksForOthers(options.existing),
      });
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
      for await (const given of windowsOf(objects)) {
        const window = await this.prepare(given);
        await this.applyRanks(window);
        await this.retryMet(window);
      }
      await this.retryRest();
    } catch (error) {
      this.failure ??= { error };
    }
    await this.landed();
    await this.endedByFailure(() => {
      this.throwIfFailed();
      this.options.signal?.throwIfAborted();
    });
  }

  /** What can be said of objects before any of them is written. @throws TestbedError */
  private async prepare(given: readonly KubernetesObject[]): Promise<readonly KubernetesObject[]> {
    this.isAnyDescribed = true;
    const window = given.map(applicable);
    window.forEach(requireAddress);
    if (this.set !== undefined) requireMembers(window, this.set);
    const { namespace } = this.options;
    if (namespace !== undefined) {
      for (const object of window) {
        const resource = await this.applier.mapper.lookFor(object.apiVersion, object.kind);
        requireNamespace(object, resource?.namespaced ?? true, namespace);
      }
    }
    return window;
  }

  private async applyRanks(objects: readonly KubernetesObject[]): Promise<void> {
    for (const [i, rank] of ranksOf(objects).entries()) {
      // What a rank needs is of those before it; the first needs nothing that is still in flight.
      if (i > 0) await this.landed();
      await this.applyRank(rank);
    }
  }

  /** Takes up what has waited for something that came with these objects. */
  private async retryMet(objects: readonly KubernetesObject[]): Promise<void> {
    const met = objects.flatMap(needsMetBy);
    if (met.length === 0) return;
    // What is still in flight may turn out to have come too early.
    await this.landed();
    await this.applyRanks(met.flatMap((need) => this.deferred.take(need)));
  }

  /** Takes up what still waits at the end: somebody else may have made what it needs. */
  private async retryRest(): Promise<void> {
    await this.landed();
    // An object may need its kind, and then its namespace.
    for (let round = 0; round < 3 && this.deferred.needs.length > 0; round++) {
      for (const need of this.deferred.needs)
        if (await this.isMet(need)) await this.applyRanks(this.deferred.take(need));
      await this.landed();
    }
    const missing = this.deferred.needs.map((need) => this.deferred.describeNeed(need));
    if (missing.length === 0) return;
    this.throwIfFailed();
    this.refusals.throwIfAny();
    const shown = missing.slice(0, SHOWN_NEEDS).join('; ');
    const more = missing.length > SHOWN_NEEDS ? `; and ${missing.length - SHOWN_NEEDS} more` : '';
    throw new TestbedError(
      'cluster',
      `neither the manifests nor the API server has ${shown}${more}: describe or install what is missing, then run this again; all else was applied, and nothing was deleted`,
    );
  }

  private async isMet(need: Need): Promise<boolean> {
    const { client, mapper } = this.applier;
    const [kind, name = ''] = need.split(/ (.*)/);
    if (kind === 'namespace')
      return (await ignoreMissing(client, `/api/v1/namespaces/${name}`, this.options.signal)) !== undefined;
    const [sample] = this.deferred.peek(need);
    return sample !== undefined && mapper.has(sample);
  }

  /** Takes note of a stream without writing it: its objects are not pruned. */
  async describe(objects: ObjectStream): Promise<void> {
    await this.endedByFailure(async () => {
      for await (const window of windowsOf(objects)) await this.describeWindow(window);
    });
  }

  private async describeWindow(given: readonly KubernetesObject[]): Promise<void> {
    for (const object of await this.prepare(given)) {
      this.options.signal?.throwIfAborted();
      const resource = await this.applier.mapper.lookFor(object.apiVersion, object.kind);
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
            `the manifests have no objects, so every object of the set ${set.name} would be deleted: pass --all if that is what you want`,
          );
        }
        await prune({
          client: applier.client,
          mapper: applier.mapper,
          set,
          members,
          signal: options.signal,
          deadlineMs: options.pruneMs ?? PRUNE_MS,
          beforePrune: options.beforePrune,
          beforeTry: this.beforeTry,
          onRemoved: (groupKind) => {
            this.counts.add(groupKind, 'removed');
            this.progress.tell();
          },
          onKept: (what) => this.progress.warn(what),
          inUse: options.inUse,
          kept: this.kept,
        });
        // What is kept is still the set's, and is found by its kinds.
        if (this.kept.size === 0) await set.shrink(options.signal);
      } else {
        left = members.table.count(Mark.Member, Mark.Described | Mark.Deleting);
        if (left > 0 && !options.isPart)
          this.progress.warn(
            `${left} objects of the set ${set.name} are no longer in the manifests and were kept; pass --prune to delete them`,
          );
      }
    }
    this.sayWhatWasThere();
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

  /** What `finish` has not deleted since it is in use, and by what; it may be called again once that is no longer so. */
  get inUse(): readonly string[] {
    return [...this.kept.values()].map(({ what }) => what);
  }

  private sayWhatWasThere(): void {
    const { count, first } = this.existing;
    if (count === 0) return;
    const names = `${first.join(', ')}${count > first.length ? `, and ${count - first.length} more` : ''}`;
    this.progress.warn(`not deleted with the set ${this.set?.name ?? ''}, since somebody else created it: ${names}`);
  }

  /** Applies objects that do not need one another. */
  private async applyRank(objects: readonly KubernetesObject[]): Promise<void> {
    const { mapper, client } = this.applier;
    for (const [, ofKind] of Map.groupBy(objects, ({ apiVersion, kind }) => `${apiVersion} ${kind}`)) {
      const [{ apiVersion, kind } = { apiVersion: '', kind: '' }] = ofKind;
      const resource = await mapper.lookFor(apiVersion, kind);
      if (resource === undefined) {
        // Its CustomResourceDefinition may come later.
        for (const object of ofKind) this.deferred.add(kindNeed(apiVersion, kind), object);
        continue;
      }
      await this.grow(resource, ofKind);
      for (const object of ofKind) await this.launch(resource, object);
    }
    const crds = objects.filter(isCustomResourceDefinition);
    if (crds.length === 0) return;
    await this.landed();
    if (this.refusals.count > 0) return;
    await Promise.all(crds.map((crd) => untilEstablished(client, mapper, crd, this.options.signal)));
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
    const marks = this.deferred.takeMarks(object) ?? this.claim(key);
    const treatment = this.set === undefined ? 'join' : treatmentOf(object, marks, this.options.existing);
    const namespace = namespaceOf(resource, object.metadata.namespace) ?? '';
    if (this.deferred.isAwaited(namespaceNeed(namespace)))
      return this.deferred.add(namespaceNeed(namespace), object, marks);
    if (treatment !== 'join') this.noteExisting(object);
    if (treatment === 'leave') {
      this.landedAs(resource, 'unchanged');
      return;
    }
    const manifest = treatment === 'join' && this.set !== undefined ? asMember(object, this.set.label) : object;
    const isMember = (marks & (Mark.Member | Mark.Deleting)) === Mark.Member;
    if (isMember && this.members?.table.hasDigest(key, digestOfManifest(manifest))) {
      this.landedAs(resource, 'unchanged');
      return;
    }
    await this.concurrency.acquire();
    const flight = this.send(resource, manifest, key, marks)
      .catch((error: unknown) => {
        if (isWithoutNamespace(error, namespace)) this.deferred.add(namespaceNeed(namespace), object, marks);
        else if (!this.refusals.take(object, error)) this.failure ??= { error };
        else if (this.refusals.isTooMany) this.failure ??= { error: undefined };
      })
      .catch((error: unknown) => (this.failure ??= { error }))
      .finally(() => {
        this.concurrency.release();
        this.flying.delete(flight);
      });
    this.flying.add(flight);
  }

  /** Takes note that an object is described. @returns its marks before */
  private claim(key: string): number {
    return this.members?.table.mark(key, Mark.Described) ?? 0;
  }

  /** On a cluster of one's own, nobody has to be told that what was there before stays. */
  private noteExisting(object: KubernetesObject): void {
    if (this.options.existing === 'update') return;
    this.existing.count++;
    if (this.existing.first.length < SHOWN) this.existing.first.push(describeObject(object));
  }

  private async send(resource: Resource, manifest: KubernetesObject, key: string, marks: number): Promise<void> {
    const { signal, forceConflicts = false, retryMs = RETRY_MS } = this.options;
    const path = itemPath(resource, manifest.metadata.namespace, manifest.metadata.name);
    if (marks & Mark.Deleting) await this.untilGone(path, manifest);
    const before = this.isCompared ? await ignoreMissing(this.applier.client, path, signal) : undefined;
    if (before !== undefined && saysNothing(manifest)) {
      // The API server would only write down that there was something before.
      this.landedAs(resource, 'unchanged');
      return;
    }
    const ask = (force: boolean) =>
      this.applier.client.answer('PATCH', path, {
        query: { fieldManager: FIELD_MANAGER, force, fieldValidation: 'Strict' },
        contentType: 'application/apply-patch+yaml',
        accept: METADATA_ONLY,
        body: manifest,
        retryMs,
        onRetry: this.onRetry,
        beforeTry: this.beforeTry,
        signal,
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
    const { metadata } = checkedJson<LiveObject>(text, 'PATCH', path, METADATA_ONLY);
    if (status === 201) {
      this.landedAs(resource, 'added');
      return;
    }
    const isSame =
      this.members === undefined
        ? before?.metadata.resourceVersion === metadata.resourceVersion
        : this.members.table.hasVersion(key, metadata.resourceVersion ?? '') || !this.isWritten(key, metadata, marks);
    this.landedAs(resource, isSame ? 'unchanged' : 'changed');
  }

  /** Whether what is there is compared with what is written one by one, since no list has been made. */
  private get isCompared(): boolean {
    return this.set === undefined && this.options.compare === true;
  }

  /**
   * Whether an object has another version through us, and not only through somebody who has changed its status since it was
   * listed: the API server writes down which fields are ours, and when we last changed a value. Only this run writes the
   * set.
   */
  private isWritten(key: string, metadata: LiveObject['metadata'], marks: number): boolean {
    const applied = appliedBy(FIELD_MANAGER, metadata);
    const at = Date.parse(applied?.time ?? '');
    // The times are whole seconds.
    const since = Math.floor((this.lease?.startedAt ?? 0) / 1000) * 1000;
    const isOther = !(this.members?.table.hasOwnership(key, ownershipOf(applied)) ?? false);
    return (marks & Mark.Member) === 0 || isOther || Number.isNaN(at) || at >= since;
  }

  /** An object that is being deleted would take what is applied with it. */
  private async untilGone(path: string, { kind, metadata }: KubernetesObject): Promise<void> {
    const { signal, pruneMs = PRUNE_MS } = this.options;
    const options = { accept: METADATA_ONLY, signal };
    const gone = await until(
      async () => (await ignoreNotFound(this.applier.client.request('GET', path, options))) === undefined,
      { deadlineMs: pruneMs, everyMs: 250, signal },
    );
    if (gone === undefined)
      throw invalidInput(`${kind} ${metadata.name} was deleted but still exists: clear what its finalizers wait for`);
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

/** What others may wait for that an object brings. */
function needsMetBy(object: KubernetesObject): readonly Need[] {
  if (isNamespace(object)) return [namespaceNeed(object.metadata.name)];
  if (!isCustomResourceDefinition(object)) return [];
  const { group, names, versions } = object['spec'] as Definition;
  return versions.map(({ name }) => kindNeed(`${group}/${name}`, names.kind));
}

/** Whether an object was refused since its namespace is not there. */
function isWithoutNamespace(error: unknown, namespace: string): boolean {
  return (
    namespace !== '' &&
    error instanceof ApiError &&
    error.status === 404 &&
    error.message.includes(`namespaces "${namespace}" not found`)
  );
}

/** @returns the metadata of an object; undefined where it is not there */
function ignoreMissing(
  client: KubernetesClient,
  path: string,
  signal: AbortSignal | undefined,
): Promise<KubernetesObject | undefined> {
  return ignoreNotFound(client.request<KubernetesObject>('GET', path, { accept: METADATA_ONLY, signal }));
}
