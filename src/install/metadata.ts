import type { KubernetesClient } from '../kubernetes/client';
import { pagesOf } from '../kubernetes/pages';

/** What an object says of itself, without its content: a Secret's values are never read. */
export interface ObjectMetadata {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly managedFields?: readonly { readonly manager?: string; readonly operation?: string }[];
  };
}

/** Lists the metadata of all objects of a collection, in pages. */
export async function listMetadata(
  client: KubernetesClient,
  path: string,
  signal?: AbortSignal,
): Promise<ObjectMetadata[]> {
  // A list that is begun anew half-way brings objects a second time.
  const found = new Map<string, ObjectMetadata>();
  for await (const { items } of pagesOf<ObjectMetadata>(client, path, {
    metadataOnly: true,
    ...(signal && { signal }),
  }))
    for (const item of items) found.set(item.metadata.uid, item);
  return [...found.values()];
}

/** Whether this package has written an object: the API server itself keeps who did. */
export function isWrittenBy({ metadata }: ObjectMetadata, manager: string): boolean {
  return (metadata.managedFields ?? []).some((each) => each.manager === manager && each.operation === 'Apply');
}
