import type { KubernetesClient, RequestOptions } from './client';
import { ignoreNotFound } from './ignore-not-found';
import type { KubernetesObject } from './objects';
import { itemPath, type Resource } from './rest-mapper';

/** Takes the finalizers off an object, and off none that has its name since. */
export async function removeFinalizers(
  client: Pick<KubernetesClient, 'request'>,
  resource: Resource,
  { metadata: { name, namespace, uid } }: Pick<KubernetesObject, 'metadata'>,
  options: Pick<RequestOptions, 'signal'>,
): Promise<void> {
  await ignoreNotFound(
    client.request('PATCH', itemPath(resource, namespace, name), {
      contentType: 'application/merge-patch+json',
      body: { metadata: { uid, finalizers: null } },
      ...options,
    }),
  );
}
