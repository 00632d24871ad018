/** One watch of one client. */
import type { ApiObject } from './api-object';
import { end, head, write, type Response } from './http';
import type { Resource } from './resources';
import type { Selector } from './selectors';
import { StatusError } from './status-error';
import type { Store, StoreEvent, Version } from './store';
import type { HeldLines, WatchDelay } from './watch-delay';

/** What one client watches, and how it wants to be told. */
export interface WatchRequest {
  readonly resource: Resource;
  /** All where there is none. */
  readonly namespace: string | undefined;
  readonly select: Selector | undefined;
  /** Undefined where what is there is told first. */
  readonly since: number | undefined;
  /** Whether the end of what is there is told too, by a bookmark. */
  readonly marksInitialEvents: boolean;
  readonly bookmarks: boolean;
  readonly timeoutMs: number;
  /** How an object is shown; undefined for as it is. */
  readonly show: ((object: ApiObject) => object) | undefined;
}

/** What may wait for a reader beyond what was there when it began; who is slower than that has to begin anew. */
const MOST_WAITING_BYTES = 1024 * 1024;
const BOOKMARK_MS = 60_000;

/**
 * Answers a watch, until its client, its time or the server ends it.
 *
 * @throws StatusError (410) where what has happened since then is forgotten
 */
export function answerWatch(store: Store, delay: WatchDelay, request: WatchRequest, response: Response): void {
  const { resource, namespace, select, since, show } = request;
  const matches = (version: Version, object: ApiObject) =>
    (namespace === undefined || version.namespace === namespace) && (select === undefined || select(object));
  let waiting = 0;
  let mostWaiting = MOST_WAITING_BYTES;
  let held: HeldLines | undefined;
  const put = (line: string) => {
    if (delay.delayMs === undefined) return write(response, line);
    held ??= delay.open((each) => write(response, each));
    delay.hold(held, line);
    if (held.bytes > mostWaiting) response.destroy();
  };
  const tell = (type: string, object: object, text?: string) => {
    const line = text ?? lineOf(type, object);
    waiting += line.length;
    if (waiting > mostWaiting && response.writableLength > mostWaiting) response.destroy();
    else put(line);
    if (response.writableLength === 0) waiting = 0;
  };
  const onEvent = (event: StoreEvent) => {
    if (namespace !== undefined && event.version.namespace !== namespace) return;
    const object = objectIn(store, event);
    const was = event.previous !== undefined && (select === undefined || select(store.read(event.previous)));
    const is = event.type !== 'DELETED' && matches(event.version, object);
    if (!was && !is) return;
    const type = was ? (is ? 'MODIFIED' : 'DELETED') : 'ADDED';
    if (show === undefined) tell(type, object, lineIn(event, type, object));
    else tell(type, show(object));
  };
  const started = store.watch(resource, since ?? store.version, onEvent);
  if (started === undefined)
    throw new StatusError(410, `too old resource version: ${since} (${store.version})`, undefined, 'Expired');
  head(response, 200, { 'content-type': 'application/json' });
  const bookmark = (annotations?: object) => {
    const metadata = { resourceVersion: String(store.version), creationTimestamp: null, annotations };
    const { kind, group, version } = resource;
    tell('BOOKMARK', { kind, apiVersion: group === '' ? version : `${group}/${version}`, metadata });
  };
  if (since === undefined) {
    for (const version of store.list(resource, namespace)) {
      const object = store.read(version);
      if (!matches(version, object)) continue;
      const line = lineOf('ADDED', show?.(object) ?? object);
      mostWaiting += line.length;
      tell('ADDED', object, line);
    }
    if (request.marksInitialEvents) bookmark({ 'k8s.io/initial-events-end': 'true' });
  } else for (const event of started.missed) onEvent(event);
  // Nothing may have been written yet; a client waits for the head of an answer.
  if ('flushHeaders' in response) response.flushHeaders();
  const timeout = setTimeout(() => end(response), request.timeoutMs);
  const bookmarks = request.bookmarks ? setInterval(bookmark, BOOKMARK_MS) : undefined;
  timeout.unref();
  bookmarks?.unref();
  const stop = () => {
    started.stop();
    clearTimeout(timeout);
    clearInterval(bookmarks);
    if (held !== undefined) delay.close(held);
  };
  response.on('close', stop);
  // A client that ends a stream of HTTP/2 without an error leaves it half open.
  if ('stream' in response) response.stream.on('aborted', () => response.destroy());
}

function lineOf(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

/** The object of an event, made once for all who watch. */
const objects = new WeakMap<StoreEvent, ApiObject>();
const lines = new WeakMap<StoreEvent, Map<string, string>>();

function objectIn(store: Store, event: StoreEvent): ApiObject {
  let object = objects.get(event);
  if (object === undefined) objects.set(event, (object = store.read(event.version)));
  return object;
}

function lineIn(event: StoreEvent, type: string, object: object): string {
  let known = lines.get(event);
  if (known === undefined) lines.set(event, (known = new Map<string, string>()));
  let line = known.get(type);
  if (line === undefined) known.set(type, (line = lineOf(type, object)));
  return line;
}
