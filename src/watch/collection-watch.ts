import { setTimeout as delay } from 'node:timers/promises';
import { ApiError } from '../kubernetes/api-error';
import type { KubernetesClient } from '../kubernetes/client';
import { pagesOf } from '../kubernetes/pages';

/** What a watch needs to know of an object; there is more in it. */
export interface WatchedObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: T & { readonly code?: number; readonly message?: string };
}

/** Who is told what is in a collection. Must not throw. */
export interface Observer<T> {
  /** An object is there as given. @param isRelisted whether steps in between may have gone unseen */
  put(object: T, isRelisted: boolean): void;
  /** An object has gone. @param object as it was last; only its key where it was missed */
  remove(key: string, isRelisted: boolean): void;
  /** The keys that are known. */
  keys(): Iterable<string>;
  /** Something has changed, or the watch has ended for good. */
  changed(): void;
}

export interface CollectionWatchOptions {
  /** Objects that are listed at a time. @default 500 */
  readonly pageSize?: number;
  /** The API server ends a watch after this long, which renews it. @default 240 */
  readonly watchSeconds?: number;
  /**
   * A watch on which nothing comes for this long, not even the bookmark of every minute, has lost its connection
   * without a word, in milliseconds.
   * @default 150000
   */
  readonly idleMs?: number;
  /** How long the API server may be out of reach, in milliseconds. @default 300000 */
  readonly outageMs?: number;
}

const SILENCE_MS = 15_000;

/**
 * One list in pages and one watch of a collection. A watch that ends, breaks or falls silent is picked up at the last
 * event or bookmark, so that nothing is missed and nothing comes twice; only where the API server has forgotten that
 * place (410) is the collection listed anew, and what has changed until then comes as one step.
 */
export class CollectionWatch<T extends WatchedObject> {
  /** How often the collection had to be listed anew. */
  relists = 0;
  /** How often the watch was picked up where it had ended. */
  resumes = 0;
  private readonly abort = new AbortController();
  private running: Promise<void> | undefined;
  /** Since when nothing can be had from the API server; undefined while it can. */
  private lostAt: number | undefined;
  /** The last event, bookmark or whole list that was taken in; undefined where the API server has forgotten it. */
  private version: string | undefined;

  constructor(
    private readonly client: KubernetesClient,
    private readonly path: string,
    private readonly observer: Observer<T>,
    private readonly options: CollectionWatchOptions = {},
  ) {}

  /** What ended the watch for good, if anything did. */
  failure: unknown;

  /** For how long the API server has been out of reach, in milliseconds. */
  get unreachableMs(): number {
    return this.lostAt === undefined ? 0 : performance.now() - this.lostAt;
  }

  /** Lists the collection, and follows it from then on. */
  async start(): Promise<void> {
    await this.list(false);
    this.running = this.follow().catch((error: unknown) => {
      if (this.abort.signal.aborted) return;
      this.failure = error;
      this.observer.changed();
    });
  }

  async stop(): Promise<void> {
    this.abort.abort(new Error('stopped'));
    await this.running;
  }

  private async list(isRelisted: boolean): Promise<void> {
    const { pageSize } = this.options;
    const seen = new Set<string>();
    let version: string | undefined;
    const pages = pagesOf<T>(this.client, this.path, {
      signal: this.abort.signal,
      ...(pageSize !== undefined && { limit: pageSize }),
    });
    for await (const { items, metadata, isFirst } of pages) {
      if (isFirst) seen.clear();
      for (const item of items) {
        seen.add(keyOf(item));
        this.observer.put(item, isRelisted);
      }
      version = metadata.resourceVersion;
    }
    for (const key of [...this.observer.keys()]) if (!seen.has(key)) this.observer.remove(key, isRelisted);
    // Not before: a list that breaks off has not told of all that is there.
    this.version = version;
    this.observer.changed();
  }

  private async follow(): Promise<void> {
    const { outageMs = 300_000 } = this.options;
    let lastContact = performance.now();
    for (let failures = 0; !this.abort.signal.aborted;) {
      try {
        if (this.version === undefined) {
          this.relists++;
          await this.list(true);
          lastContact = performance.now();
        }
        await this.watch(() => {
          failures = 0;
          lastContact = performance.now();
        });
        this.resumes++;
        lastContact = performance.now();
      } catch (error) {
        if (this.abort.signal.aborted) return;
        const isForgotten = error instanceof ApiError && error.status === 410;
        if (isForgotten) this.version = undefined;
        else if (error instanceof ApiError && isPermanent(error)) throw error;
        else this.resumes++;
        if (!isForgotten) this.lostAt ??= performance.now();
        if (performance.now() - lastContact > outageMs) throw error;
        const pauseMs = Math.random() * Math.min(2_000, 50 * 2 ** failures++);
        await delay(pauseMs, undefined, { signal: this.abort.signal }).catch(() => undefined);
      }
    }
  }

  /** One connection's worth of events. @param onContact called whenever something comes */
  private async watch(onContact: () => void): Promise<void> {
    const { watchSeconds = 240, idleMs = 150_000 } = this.options;
    const idle = new AbortController();
    const timer = setTimeout(() => idle.abort(new Error('silent')), idleMs);
    timer.unref();
    try {
      const query = {
        ...{ watch: true, allowWatchBookmarks: true },
        ...{ resourceVersion: this.version, timeoutSeconds: watchSeconds },
      };
      const signal = AbortSignal.any([this.abort.signal, idle.signal]);
      // A watch is answered at once, whenever its first event comes.
      const options = { query, silenceMs: SILENCE_MS, signal };
      const lines = this.client.lines(this.path, options, () => (this.lostAt = undefined));
      for await (const line of lines) {
        timer.refresh();
        onContact();
        this.take(JSON.parse(line) as WatchEvent<T>);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  private take({ type, object }: WatchEvent<T>): void {
    if (type === 'ERROR')
      throw new ApiError(object.code ?? 500, '', `the watch of ${this.path} ended: ${object.message ?? ''}`);
    this.version = object.metadata.resourceVersion;
    if (type === 'BOOKMARK') return;
    if (type === 'DELETED') this.observer.remove(keyOf(object), false);
    else this.observer.put(object, false);
    this.observer.changed();
  }
}

/** Whether it would be refused again, however often it were asked. A new token may be had for one that was refused. */
function isPermanent({ status }: ApiError): boolean {
  return status < 500 && status !== 401 && status !== 429;
}

/** `namespace/name`. */
export function keyOf({ metadata }: WatchedObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}
