/**
 * The objects of one workload cluster, their versions, and who watches them. Nothing is on disk.
 *
 * There are thousands of clusters which begin with the same few objects: of one that nobody has written to, only what makes
 * it is kept, and it is made anew for each reader.
 */
import { createHash, randomUUID } from 'node:crypto';
import { withoutUndefined } from '../../../lib/without-undefined';
import { timeOf, type ApiObject, type Draft } from './api-object';
import { groupVersionOf, type Resource } from './resources';
import { StatusError } from './status-error';

/** Makes an object for a reader. */
export type Build = () => Draft;

/** An object at one point of its life. */
export interface Version {
  readonly resource: Resource;
  /** '' for those that are in none. */
  readonly namespace: string;
  readonly name: string;
  readonly number: number;
  readonly source: ApiObject | Derived;
  readonly bytes: number;
}

/** One that is made for each reader. */
export class Derived {
  /** @param created when it came to be, in milliseconds since the epoch */
  constructor(
    readonly build: Build,
    readonly created: number,
  ) {}
}

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

export interface StoreEvent {
  readonly type: EventType;
  readonly version: Version;
  readonly previous: Version | undefined;
}

/** Who watches. Must not throw. */
export type Watcher = (event: StoreEvent) => void;

/** Events that are remembered for watches that are picked up again; who comes later lists anew. */
const HISTORY = 64;
/** Of what clients write into one cluster. */
export const MOST_BYTES = 64 * 1024 * 1024;
export const MOST_OBJECTS = 50_000;

export class Store {
  private readonly collections = new Map<Resource, Map<string, Version>>();
  private readonly watchers = new Map<Resource, Set<Watcher>>();
  private history: StoreEvent[] = [];
  /** Watches from before it have missed something. */
  private floor: number;
  private current: number;
  private bytes = 0;
  private count = 0;

  /**
   * @param seed what uids follow from: the same one gives the same
   * @param first the first version: more than any that was given out before, which the clock sees to
   */
  constructor(
    private readonly seed: string,
    first = Date.now() * 1000,
  ) {
    this.current = first;
    this.floor = first;
  }

  get version(): number {
    return this.current;
  }

  get watchCount(): number {
    let sum = 0;
    for (const { size } of this.watchers.values()) sum += size;
    return sum;
  }

  isWatched(resource: Resource): boolean {
    return this.watchers.has(resource);
  }

  get(resource: Resource, namespace: string, name: string): Version | undefined {
    return this.collections.get(resource)?.get(keyOf(namespace, name));
  }

  /** Those of a kind, in the order of their keys. @param namespace all where there is none */
  list(resource: Resource, namespace?: string): Version[] {
    const all = this.collections.get(resource);
    if (all === undefined) return [];
    const keys = [...all.keys()].sort();
    const found = keys.map((key) => all.get(key)!);
    return namespace === undefined ? found : found.filter((each) => each.namespace === namespace);
  }

  /** How many there are of a kind. */
  countOf(resource: Resource): number {
    return this.collections.get(resource)?.size ?? 0;
  }

  read({ resource, namespace, name, number, source }: Version): ApiObject {
    if (!(source instanceof Derived)) return source;
    const { metadata, ...rest } = source.build();
    return {
      apiVersion: groupVersionOf(resource),
      kind: resource.kind,
      metadata: withoutUndefined({
        name,
        namespace: namespace === '' ? undefined : namespace,
        uid: this.uidOf(resource, namespace, name),
        resourceVersion: String(number),
        creationTimestamp: timeOf(source.created),
        ...metadata,
      }),
      ...rest,
    };
  }

  /** An object that follows from what the cluster is; it is made for each reader, until somebody writes to it. */
  derive(resource: Resource, namespace: string, name: string, created: number, build: Build): void {
    const previous = this.get(resource, namespace, name);
    this.put(
      { resource, namespace, name, number: ++this.current, source: new Derived(build, created), bytes: 0 },
      previous,
    );
  }

  /**
   * Writes an object, and gives it what only the store knows.
   *
   * @throws StatusError (403) where the cluster would hold too much
   */
  write(resource: Resource, object: ApiObject): ApiObject {
    const { name, namespace = '' } = object.metadata;
    const previous = this.get(resource, namespace, name);
    const bytes = JSON.stringify(object).length;
    if (
      this.bytes - (previous?.bytes ?? 0) + bytes > MOST_BYTES ||
      (previous === undefined && this.count >= MOST_OBJECTS)
    )
      throw new StatusError(
        403,
        `this simulated cluster is full: it holds at most ${MOST_OBJECTS} objects and ${MOST_BYTES} bytes of what is written to it; delete something first`,
      );
    const number = ++this.current;
    const source = { ...object, metadata: { ...object.metadata, resourceVersion: String(number) } };
    this.put({ resource, namespace, name, number, source, bytes }, previous);
    return source;
  }

  /** @returns it as it was last; undefined where it is not there */
  remove(resource: Resource, namespace: string, name: string): ApiObject | undefined {
    const all = this.collections.get(resource);
    const previous = all?.get(keyOf(namespace, name));
    if (all === undefined || previous === undefined) return undefined;
    all.delete(keyOf(namespace, name));
    this.count--;
    this.bytes -= previous.bytes;
    const number = ++this.current;
    const last = this.read(previous);
    const source = { ...last, metadata: { ...last.metadata, resourceVersion: String(number) } };
    this.tell({ type: 'DELETED', version: { ...previous, number, source }, previous });
    return source;
  }

  /** Removes all that is in a namespace. */
  removeAll(namespace: string): void {
    for (const [resource, all] of this.collections)
      for (const each of [...all.values()])
        if (each.namespace === namespace) this.remove(resource, namespace, each.name);
  }

  /**
   * What has happened to a kind since a version, and what will, until it is given back.
   *
   * @returns undefined where what has happened since is not known any more
   */
  watch(
    resource: Resource,
    since: number,
    watcher: Watcher,
  ): { readonly missed: StoreEvent[]; stop(): void } | undefined {
    if (since < this.floor || since > this.current) return undefined;
    const missed = this.history.filter(({ version }) => version.resource === resource && version.number > since);
    const watchers = this.watchers.get(resource) ?? new Set();
    watchers.add(watcher);
    this.watchers.set(resource, watchers);
    const stop = () => {
      watchers.delete(watcher);
      if (watchers.size === 0 && this.watchers.get(resource) === watchers) this.watchers.delete(resource);
    };
    return { missed, stop };
  }

  /** The uid of an object that follows from what the cluster is. */
  uidOf(resource: Resource, namespace: string, name: string): string {
    return uuidOf(`${this.seed} ${resource.group}/${resource.plural} ${namespace}/${name}`);
  }

  private put(version: Version, previous: Version | undefined): void {
    const { resource, namespace, name } = version;
    let all = this.collections.get(resource);
    if (all === undefined) this.collections.set(resource, (all = new Map<string, Version>()));
    all.set(keyOf(namespace, name), version);
    this.bytes += version.bytes - (previous?.bytes ?? 0);
    if (previous === undefined) this.count++;
    this.tell({ type: previous === undefined ? 'ADDED' : 'MODIFIED', version, previous });
  }

  private tell(event: StoreEvent): void {
    this.history.push(event);
    if (this.history.length > HISTORY) {
      // Half at a time, so that it costs nothing.
      const dropped = this.history.splice(0, HISTORY / 2);
      this.floor = dropped.at(-1)!.version.number;
    }
    for (const watcher of this.watchers.get(event.version.resource) ?? []) watcher(event);
  }
}

/** A UUID that follows from a text. */
export function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function freshUid(): string {
  return randomUUID();
}

/** The name decides the order only within a namespace, as in etcd. */
function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
