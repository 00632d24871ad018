import type { KubernetesClient } from '../kubernetes/client';

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

interface MetadataList {
  readonly metadata: { readonly continue?: string };
  /** Null, and not empty, where there are none. */
  readonly items: readonly ObjectMetadata[] | null;
}

const PAGE = 500;

/** Lists the metadata of all objects of a collection, in pages. */
export async function listMetadata(
  client: KubernetesClient,
  path: string,
  signal?: AbortSignal,
): Promise<ObjectMetadata[]> {
  const found: ObjectMetadata[] = [];
  let next: string | undefined;
  do {
    const page: MetadataList = await client.request<MetadataList>('GET', path, {
      accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
      query: { limit: PAGE, continue: next },
      ...(signal && { signal }),
    });
    found.push(...(page.items ?? []));
    next = page.metadata.continue;
  } while (next);
  return found;
}

/** Whether this package has written an object: the API server itself keeps who did. */
export function isWrittenBy({ metadata }: ObjectMetadata, manager: string): boolean {
  return (metadata.managedFields ?? []).some((each) => each.manager === manager && each.operation === 'Apply');
}
