import { ApiError } from './api-error';
import { TestbedError } from '../../lib/errors';
import { quoted } from '../../lib/visible';
import { TooMuchError, type KubernetesClient, type RequestOptions } from './client';
import { metadataOnly } from './metadata-only';

/** A page of a list. */
export interface Page<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly T[];
  /** Whether the list begins with this page, or begins anew. */
  readonly isFirst: boolean;
}

type Answer<T> = Pick<Page<T>, 'metadata'> & { readonly items: readonly T[] | null };

/** Who lists. */
export type ListClient = Pick<KubernetesClient, 'listMs' | 'request'>;

export interface PagesOptions {
  /** Which objects, by label. @default all */
  readonly labelSelector?: string;
  /** Objects a page. @default 500 */
  readonly limit?: number;
  /** Whether only `metadata` is wanted. @default false */
  readonly metadataOnly?: boolean;
  readonly signal?: AbortSignal;
  readonly retryMs?: number;
}

const PAGE = 500;
/** How often a list is begun anew because it took longer than the API server remembers. */
const RESTARTS = 5;
/** So many pages without anything in them, one after the other, have no end. */
const EMPTY_PAGES = 100;
/** More than any cluster holds of one kind. */
const MOST_OBJECTS = 2_000_000;

/**
 * Lists a collection page by page. Where the API server has forgotten the list half-way (410), it begins anew: all
 * that is there comes then, also what has come before, and what is gone by then does not.
 *
 * @param path as `collectionPath` gives it
 * @throws TestbedError (`cluster`) for a list that does not end
 */
export async function* pagesOf<T>(
  client: ListClient,
  path: string,
  options: PagesOptions = {},
): AsyncGenerator<Page<T>, void, undefined> {
  const { labelSelector, limit, signal, retryMs } = options;
  const pages = answersOf<Answer<T>>(client, path, ({ items }) => items?.length ?? 0, {
    query: { labelSelector },
    limit,
    accept: options.metadataOnly ? metadataOnly('PartialObjectMetadataList') : undefined,
    signal,
    retryMs,
  });
  // A list of metadata that has none comes as null.
  for await (const { answer, isFirst } of pages) yield { ...answer, items: answer.items ?? [], isFirst };
}

/**
 * Lists a collection, and keeps something of each object as its page comes; where the list begins anew, what was kept is
 * forgotten.
 *
 * @param keep what is kept of an object: nothing, or something
 */
export async function listed<T, K>(
  client: ListClient,
  path: string,
  keep: (item: T) => readonly K[],
  options: PagesOptions = {},
): Promise<K[]> {
  let kept: K[] = [];
  for await (const { items, isFirst } of pagesOf<T>(client, path, options)) {
    if (isFirst) kept = [];
    for (const item of items) kept.push(...keep(item));
  }
  return kept;
}

/**
 * The answers that a collection is listed with, whatever form it is asked for in. A page that is too large is asked for
 * again with fewer objects in it.
 *
 * @param count how many objects an answer has
 */
export async function* answersOf<A extends { readonly metadata: { readonly continue?: string } }>(
  client: ListClient,
  path: string,
  count: (answer: A) => number,
  options: RequestOptions & { readonly limit?: number } = {},
): AsyncGenerator<{ readonly answer: A; readonly isFirst: boolean }, void, undefined> {
  const fail = (what: string) =>
    new TestbedError(
      'cluster',
      `the list of ${quoted(path)} ${what}: check that the address is an API server's, and what proxy is in front of it`,
    );
  let { limit = PAGE } = options;
  let next: string | undefined;
  let restarts = 0;
  let emptyPages = 0;
  let objects = 0;
  let waitedMs = 0;
  do {
    const start = performance.now();
    let answer: A;
    try {
      answer = await client.request<A>('GET', path, {
        ...options,
        query: { ...options.query, limit, continue: next },
      });
    } catch (error) {
      if (error instanceof TooMuchError && error.isTooLarge && limit > 1) {
        limit = Math.ceil(limit / 4);
        continue;
      }
      if (!(error instanceof ApiError) || error.status !== 410 || ++restarts > RESTARTS) throw error;
      next = undefined;
      continue;
    } finally {
      waitedMs += performance.now() - start;
    }
    yield { answer, isFirst: next === undefined };
    const found = count(answer);
    const { continue: place } = answer.metadata;
    if (!place) return;
    emptyPages = found === 0 ? emptyPages + 1 : 0;
    objects += found;
    if (place === next || emptyPages > EMPTY_PAGES) throw fail('has no end: each page says that there is another');
    if (objects > MOST_OBJECTS) throw fail(`has more than ${MOST_OBJECTS} objects`);
    if (waitedMs > client.listMs) throw fail(`has no end after ${Math.round(waitedMs / 1000)} s`);
    next = place;
  } while (true);
}
