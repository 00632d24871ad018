import type { KubernetesClient } from '../kubernetes/client';
import { pagesOf, type PagesOptions } from '../kubernetes/pages';

/** What an object says of itself, without its content: a Secret's values are never read. */
export interface ObjectMetadata {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly managedFields?: readonly { readonly manager?: string; readonly operation?: string }[];
  };
}

/** Lists the metadata of the objects of a collection, in pages. */
export async function listMetadata(
  client: KubernetesClient,
  path: string,
  options: Pick<PagesOptions, 'labelSelector' | 'signal'> = {},
): Promise<ObjectMetadata[]> {
  // A list that is begun anew half-way brings objects a second time.
  const found = new Map<string, ObjectMetadata>();
  for await (const { items } of pagesOf<ObjectMetadata>(client, path, { metadataOnly: true, ...options }))
    for (const item of items) found.set(item.metadata.uid, item);
  return [...found.values()];
}
