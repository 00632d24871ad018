import { setTimeout as delay } from 'node:timers/promises';
import { TestbedError } from '../../lib/errors';
import type { Kind, LiveObject, ObservedObject } from '../../lib/kinds/kind';
import { quoted } from '../../lib/visible';
import type { CollectionWatchOptions, WatchClient } from './collection-watch';
import { CollectionWatch, keyOf } from './collection-watch';
import { ofKind, objectsPath } from './paths';
import { Timelines, type Timeline } from './timeline';

export interface ObjectWatchOptions extends CollectionWatchOptions {
  /** Whether what objects go through is recorded, or what another process has recorded, which goes on here. @default false */
  readonly timelines?: boolean | readonly Timeline[];
}

/** A watch as those see it who wait for its objects. */
export type WatchedObjects<T extends ObservedObject = ObservedObject> = Pick<
  ObjectWatch<T>,
  'kind' | 'get' | 'counts' | 'until'
>;

/** What is kept of objects has to fit into memory, whatever they say of themselves. */
const MOST_OBJECTS = 75_000;
/** How often a condition that is waited for is asked, where nothing changes. */
const LOOK_MS = 250;
/** Characters of a text that objects share, and of one that each has of its own where there are very many. */
const MOST_IN_A_TEXT = 1024;
const MOST_IN_OWN_TEXT = 128;

/** All objects of a kind as they are now, and on request what they went through, from one list and one watch. */
export class ObjectWatch<T extends ObservedObject = ObservedObject> {
  /** What the objects went through since the watch began; undefined where it is not recorded. */
  readonly timelines: Timelines | undefined;
  private readonly objects = new Map<string, T>();
  private readonly states = new Map<string, number>();
  private readonly watch: CollectionWatch<LiveObject>;
  /** The texts that objects share, kept once. */
  private readonly texts = new Map<string, string>();
  private readonly waiters = new Set<() => void>();

  constructor(
    client: WatchClient,
    readonly kind: Kind<T>,
    options: ObjectWatchOptions = {},
  ) {
    const { timelines = false } = options;
    this.timelines = timelines === false ? undefined : new Timelines(kind, timelines === true ? undefined : timelines);
    this.watch = new CollectionWatch<LiveObject>(
      client,
      objectsPath(kind),
      {
        put: (object, isRelisted) => this.put(object, isRelisted),
        remove: (key) => this.remove(key),
        keys: () => this.objects.keys(),
        changed: () => this.wake(),
      },
      options,
    );
  }

  /**
   * Lists the objects, and follows them from then on.
   *
   * @throws TestbedError (`cluster`) where there is no such kind
   */
  async start(): Promise<void> {
    await ofKind(this.kind, this.watch.start());
    this.timelines?.endGap(performance.now());
  }

  /** For how long the API server has been out of reach, in milliseconds: what is known is as old as that; 0 if it is not. */
  get unreachableMs(): number {
    return this.watch.unreachableMs;
  }

  stop(): Promise<void> {
    return this.watch.stop();
  }

  get size(): number {
    return this.objects.size;
  }

  /** How often the watch was picked up where it had ended, and how often the objects had to be listed anew. */
  get interruptions(): { readonly resumes: number; readonly relists: number } {
    const { resumes, relists } = this.watch;
    return { resumes, relists };
  }

  /** How many objects are in each state, in the order in which the states were first seen. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.states].filter(([, count]) => count > 0));
  }

  all(): Iterable<T> {
    return this.objects.values();
  }

  get(namespace: string, name: string): T | undefined {
    return this.objects.get(`${namespace}/${name}`);
  }

  /**
   * Waits until a condition holds, asking after every change, and a few times a second: it may depend on what other watches see.
   *
   * @returns whether it came to hold before the deadline
   * @throws what ended the watch, if it did; the signal's reason
   */
  async until(
    condition: () => boolean,
    options: { readonly deadlineMs: number; readonly signal?: AbortSignal },
  ): Promise<boolean> {
    const deadline = performance.now() + options.deadlineMs;
    for (;;) {
      options.signal?.throwIfAborted();
      if (this.watch.failure !== undefined) throw this.watch.failure as Error;
      if (condition()) return true;
      const left = deadline - performance.now();
      if (left <= 0) return false;
      await this.nextChange(Math.min(left, LOOK_MS), options.signal);
    }
  }

  private async nextChange(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const timeout = new AbortController();
    const end = () => timeout.abort();
    signal?.addEventListener('abort', end, { once: true });
    this.waiters.add(end);
    await delay(ms, undefined, { signal: timeout.signal }).catch(() => undefined);
    this.waiters.delete(end);
    signal?.removeEventListener('abort', end);
  }

  private wake(): void {
    for (const end of this.waiters) end();
    this.waiters.clear();
  }

  private put(object: LiveObject, isRelisted: boolean): void {
    const key = keyOf(object);
    const before = this.objects.get(key);
    if (before === undefined && this.objects.size >= MOST_OBJECTS)
      throw new TestbedError(
        'cluster',
        `the cluster has more than ${MOST_OBJECTS} ${this.kind.plural}, which cannot be watched at once`,
      );
    const seen = this.observed(object);
    // The texts of the object as it came are let go.
    const observed = before?.uid === seen.uid ? { ...seen, name: before.name, uid: before.uid } : seen;
    this.count(before?.state, -1);
    this.objects.set(key, observed);
    this.count(observed.state, 1);
    this.timelines?.put(key, observed, performance.now(), isRelisted);
  }

  /** @throws TestbedError (`cluster`) where fields are of types that they cannot have */
  private observed(object: LiveObject): T {
    try {
      return this.kind.observe(object, (text) => this.shared(text));
    } catch (error) {
      throw new TestbedError(
        'cluster',
        `the API server says of ${quoted(keyOf(object), 600)} what none of its ${this.kind.plural} can be: check that their CustomResourceDefinition is the right one`,
        { cause: error },
      );
    }
  }

  private remove(key: string): void {
    this.count(this.objects.get(key)?.state, -1);
    this.objects.delete(key);
    this.timelines?.remove(key, performance.now());
  }

  /** One copy of a text that many objects have: as they come, each would keep its own. */
  private shared(given: unknown = ''): string {
    const text =
      typeof given === 'string' ? given.slice(0, MOST_IN_A_TEXT) : JSON.stringify(given).slice(0, MOST_IN_OWN_TEXT);
    const known = this.texts.get(text);
    if (known !== undefined) return known;
    // Messages may name objects; beyond some thousands they are not the few that are shared.
    if (this.texts.size < 10_000) {
      this.texts.set(text, text);
      return text;
    }
    // A copy: a part of a text would keep the whole of it.
    return text.length <= MOST_IN_OWN_TEXT ? text : Buffer.from(text.slice(0, MOST_IN_OWN_TEXT)).toString();
  }

  private count(state: string | undefined, by: number): void {
    if (state !== undefined) this.states.set(state, (this.states.get(state) ?? 0) + by);
  }
}
