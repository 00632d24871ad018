import type { KubernetesClient, RequestOptions } from './client';

/**
 * Applies one object that is ours alone: fields that others have set are taken over.
 *
 * @param path of the object
 * @throws what the client throws
 */
export async function serverSideApply(
  client: Pick<KubernetesClient, 'request'>,
  path: string,
  object: object,
  fieldManager: string,
  options: Pick<RequestOptions, 'beforeTry' | 'retryMs' | 'signal'> = {},
): Promise<void> {
  await client.request('PATCH', path, {
    ...options,
    query: { fieldManager, force: true },
    contentType: 'application/apply-patch+yaml',
    body: object,
  });
}
