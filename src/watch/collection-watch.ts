import { setTimeout as delay } from 'node:timers/promises';
import { TestbedError } from '../../lib/errors';
import type { LiveObject } from '../../lib/kinds/kind';
import { quoted } from '../../lib/visible';
import { isMetadata } from '../kubernetes/answer-shape';
import { ApiError } from '../kubernetes/api-error';
import type { KubernetesClient } from '../kubernetes/client';
import { pagesOf, type ListClient } from '../kubernetes/pages';
import { isMap } from '../util/is-map';

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
  /** Which objects, by label. @default all */
  readonly labelSelector?: string;
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
/** A watch that ends sooner without an event was none. */
const SHORT_MS = 1_000;
/** What breaks a connection may break an event once; what does so again and again is not an API server. */
const GARBLED = 5;

/** Who lists and watches. */
export type WatchClient = ListClient & Pick<KubernetesClient, 'lines'>;

/**
 * One list in pages and one watch of a collection. A watch that ends, breaks or falls silent is picked up at the last
 * event or bookmark, so that nothing is missed and nothing comes twice; only where the API server has forgotten that
 * place (410) is the collection listed anew, and what has changed until then comes as one step.
 */
export class CollectionWatch<T extends LiveObject> {
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
  /** How many answers in a row were no events at all. */
  private garbled = 0;

  constructor(
    private readonly client: WatchClient,
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
    const { pageSize, labelSelector } = this.options;
    const seen = new Set<string>();
    let version: string | undefined;
    const pages = pagesOf<T>(this.client, this.path, {
      signal: this.abort.signal,
      limit: pageSize,
      labelSelector,
    });
    for await (const { items, metadata, isFirst } of pages) {
      if (isFirst) seen.clear();
      for (const item of items) {
        seen.add(keyOf(item));
        this.observer.put(item, isRelisted);
      }
      version = metadata.resourceVersion;
    }
    // Without it there is nothing to follow from.
    if (!version) throw broken(this.path, 'says nothing of its version');
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
        const begun = performance.now();
        if (this.version === undefined) {
          this.relists++;
          await this.list(true);
          lastContact = performance.now();
        }
        let isAnyEvent = false;
        await this.watch(() => {
          isAnyEvent = true;
          failures = 0;
          lastContact = performance.now();
        });
        this.resumes++;
        lastContact = performance.now();
        // One that ends as soon as it has begun is not asked for again at once.
        if (!isAnyEvent && performance.now() - begun < SHORT_MS) await this.pause(failures++);
      } catch (error) {
        if (this.abort.signal.aborted) return;
        const isForgotten = error instanceof ApiError && error.status === 410;
        if (isForgotten) this.version = undefined;
        else if (error instanceof ApiError && isPermanent(error)) throw error;
        else if (error instanceof TestbedError && !(error instanceof ApiError) && ++this.garbled > GARBLED) throw error;
        else this.resumes++;
        if (!isForgotten) this.lostAt ??= performance.now();
        if (performance.now() - lastContact > outageMs) throw error;
        await this.pause(failures++);
      }
    }
  }

  private async pause(failures: number): Promise<void> {
    const pauseMs = Math.random() * Math.min(2_000, 50 * 2 ** failures);
    await delay(pauseMs, undefined, { signal: this.abort.signal }).catch(() => undefined);
  }

  /** One connection's worth of events. @param onContact called whenever something comes */
  private async watch(onContact: () => void): Promise<void> {
    const { watchSeconds = 240, idleMs = 150_000, labelSelector } = this.options;
    const idle = new AbortController();
    const timer = setTimeout(() => idle.abort(new Error('silent')), idleMs);
    timer.unref();
    try {
      const query = {
        watch: true,
        allowWatchBookmarks: true,
        labelSelector,
        resourceVersion: this.version,
        timeoutSeconds: watchSeconds,
      };
      const signal = AbortSignal.any([this.abort.signal, idle.signal]);
      // A watch is answered at once, whenever its first event comes.
      const options = { query, silenceMs: SILENCE_MS, signal };
      const lines = this.client.lines(this.path, options, () => (this.lostAt = undefined));
      for await (const line of lines) {
        timer.refresh();
        this.take(eventOf<T>(line, this.path));
        onContact();
        this.garbled = 0;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  private take({ type, object }: WatchEvent<T>): void {
    if (type === 'ERROR')
      throw new ApiError(object.code ?? 500, '', `the watch of ${this.path} ended: ${quoted(object.message ?? '')}`);
    this.version = object.metadata.resourceVersion;
    if (type === 'BOOKMARK') return;
    if (type === 'DELETED') this.observer.remove(keyOf(object), false);
    else this.observer.put(object, false);
    this.observer.changed();
  }
}

/** @throws TestbedError (`cluster`) for what is not an event of a watch; it is not shown, since it may be of a Secret */
function eventOf<T>(line: string, path: string): WatchEvent<T> {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    throw broken(path, `sent a line that is not valid JSON (${line.length} characters)`);
  }
  const { type, object } = isMap(event) ? event : {};
  if (!isMap(object) || typeof type !== 'string') throw broken(path, 'sent what is not an event');
  if (type === 'ERROR') {
    const { code, message } = object;
    const isStatus = (code === undefined || typeof code === 'number') && isText(message);
    if (!isStatus) throw broken(path, 'sent an error that is not a Status');
  } else {
    if (!TYPES.has(type)) throw broken(path, `sent an event of type ${quoted(type, 64)}`);
    const { metadata } = object;
    const isFine = isMetadata(metadata) && !!metadata['resourceVersion'] && (type === 'BOOKMARK' || !!metadata['name']);
    if (!isFine) throw broken(path, 'sent what is not an object');
  }
  return event as WatchEvent<T>;
}

const TYPES = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']);

function isText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function broken(path: string, what: string): TestbedError {
  return new TestbedError(
    'cluster',
    `the watch of ${path} ${what}: check that the address is an API server's, and what proxy is in front of it`,
  );
}

/** Whether it would be refused again, however often it were asked. A new token may be had for one that was refused. */
function isPermanent({ status }: ApiError): boolean {
  return status < 500 && status !== 401 && status !== 429;
}

/** `namespace/name`. */
export function keyOf({ metadata }: LiveObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}
