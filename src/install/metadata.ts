import type { KubernetesClient } from '../kubernetes/client';
import { listed, type PagesOptions } from '../kubernetes/pages';

/** What an object says of itself, without its content: a Secret's values are never read. */
export interface ObjectMetadata {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly managedFields?: readonly { readonly manager?: string; readonly operation?: string }[];
  };
}

/** Lists the metadata of the objects of a collection, in pages. */
export function listMetadata(
  client: KubernetesClient,
  path: string,
  options: Pick<PagesOptions, 'labelSelector' | 'signal'> = {},
): Promise<ObjectMetadata[]> {
  return listed<ObjectMetadata, ObjectMetadata>(client, path, (item) => [item], { metadataOnly: true, ...options });
}
