/** A collection that a test makes and changes, listed and watched as an API server's; what a test wants to go wrong does. */
import { once } from 'node:events';
import { EventEmitter } from 'node:events';
import { ApiError } from '../../src/kubernetes/api-error';
import type { RequestOptions } from '../../src/kubernetes/client';
import type { WatchClient } from '../../src/watch/collection-watch';

interface Item {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
}

interface Logged {
  readonly version: number;
  readonly line: string;
}

export class FakeCollection implements WatchClient {
  readonly listMs = 60_000;
  /** How often it was listed, and from which versions it was watched. */
  lists = 0;
  readonly watchedFrom: string[] = [];
  /** Thrown by the next lists and watches, in turn. */
  readonly failures: Error[] = [];
  private version = 1;
  private oldest = 0;
  private readonly items = new Map<string, Item>();
  private readonly log: Logged[] = [];
  private readonly events = new EventEmitter().setMaxListeners(100);

  put(name: string, more: object = {}, uid = name): void {
    const isNew = !this.items.has(name);
    const metadata = { name, namespace: 'n', uid, resourceVersion: String(++this.version) };
    const item = { metadata, ...more };
    this.items.set(name, item);
    this.tell(isNew ? 'ADDED' : 'MODIFIED', item);
  }

  delete(name: string): void {
    const item = this.items.get(name);
    if (item === undefined) throw new RangeError(name);
    this.items.delete(name);
    const metadata = { ...item.metadata, resourceVersion: String(++this.version) };
    this.tell('DELETED', { ...item, metadata });
  }

  bookmark(): void {
    this.tell('BOOKMARK', { metadata: { resourceVersion: String(++this.version) } });
  }

  /** Sends a line as it is. */
  send(line: string): void {
    this.version++;
    this.write(line);
  }

  private write(line: string): void {
    this.log.push({ version: this.version, line });
    this.events.emit('change');
  }

  /** Forgets all that has happened until now. */
  compact(): void {
    this.oldest = this.version;
    this.log.length = 0;
  }

  /** Ends every watch that is open. @param how it ends; as a time-out of the API server's own where none is given */
  cut(how?: Error): void {
    this.events.emit('cut', how);
  }

  request<T>(_method: string, _path: string, { query = {} }: RequestOptions = {}): Promise<T> {
    const failure = this.failures.shift();
    if (failure !== undefined) return Promise.reject(failure);
    this.lists++;
    const { limit = 500, continue: place = 0 } = query;
    const all = [...this.items.values()];
    const end = Number(place) + Number(limit);
    const next = end < all.length ? String(end) : undefined;
    const metadata = { resourceVersion: String(this.version), continue: next };
    return Promise.resolve({ metadata, items: all.slice(Number(place), end) } as T);
  }

  async *lines(_path: string, options: RequestOptions = {}, onOpened?: () => void): AsyncGenerator<string, void> {
    const from = Number(options.query?.['resourceVersion']);
    this.watchedFrom.push(String(from));
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    if (from < this.oldest) throw new ApiError(410, 'Expired', 'too old');
    onOpened?.();
    const ends = new AbortController();
    let end: Error | undefined;
    const cut = (how?: Error) => {
      end = how;
      ends.abort();
    };
    this.events.once('cut', cut);
    const signal = AbortSignal.any([ends.signal, ...(options.signal ? [options.signal] : [])]);
    try {
      for (let at = this.log.findIndex(({ version }) => version > from), done = at < 0 ? this.log.length : at; ;) {
        for (; done < this.log.length && !signal.aborted; done++) yield this.log[done]!.line;
        if (signal.aborted) break;
        await once(this.events, 'change', { signal }).catch(() => undefined);
      }
    } finally {
      this.events.off('cut', cut);
    }
    options.signal?.throwIfAborted();
    if (end !== undefined) throw end;
  }

  private tell(type: string, object: object): void {
    this.write(JSON.stringify({ type, object }));
  }
}
