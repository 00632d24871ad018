import { ApiError } from './api-error';
import type { KubernetesClient } from './client';
import { metadataOnly } from './metadata-only';

/** A page of a list. */
export interface Page<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly T[];
  /** Whether the list begins with this page, or begins anew. */
  readonly isFirst: boolean;
}

type Answer<T> = Pick<Page<T>, 'metadata'> & { readonly items: readonly T[] | null };

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

/** How often a list is begun anew because it took longer than the API server remembers. */
const RESTARTS = 5;

/**
 * Lists a collection page by page. Where the API server has forgotten the list half-way (410), it begins anew: all
 * that is there comes then, also what has come before, and what is gone by then does not.
 *
 * @param path as `collectionPath` gives it
 */
export async function* pagesOf<T>(
  client: KubernetesClient,
  path: string,
  options: PagesOptions = {},
): AsyncGenerator<Page<T>, void, undefined> {
  let next: string | undefined;
  let restarts = 0;
  do {
    let page: Answer<T>;
    try {
      page = await client.request<Answer<T>>('GET', path, {
        query: { limit: options.limit ?? 500, continue: next, labelSelector: options.labelSelector },
        ...(options.metadataOnly && { accept: metadataOnly('PartialObjectMetadataList') }),
        ...(options.signal && { signal: options.signal }),
        ...(options.retryMs !== undefined && { retryMs: options.retryMs }),
      });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 410 || ++restarts > RESTARTS) throw error;
      next = undefined;
      continue;
    }
    // A list of metadata that has none comes as null.
    yield { ...page, items: page.items ?? [], isFirst: next === undefined };
    next = page.metadata.continue || undefined;
    if (next === undefined) return;
  } while (true);
}
