/** Where the objects of a kind are on the API server. */
import { TestbedError } from '../../lib/errors';
import type { Kind } from '../../lib/kinds/kind';
import { ApiError } from '../kubernetes/api-error';
import { collectionPath } from '../kubernetes/rest-mapper';

export function objectsPath({ apiVersion, plural }: Kind, namespace?: string): string {
  return collectionPath(apiVersion, plural, namespace);
}

export function objectPath(kind: Kind, namespace: string, name: string): string {
  return `${objectsPath(kind, namespace)}/${name}`;
}

/** What asks for objects of a kind. @throws TestbedError (`cluster`) where the API server has no such kind */
export function ofKind<T>({ kind }: Kind, asked: Promise<T>): Promise<T> {
  return asked.catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    throw new TestbedError(
      'cluster',
      `the API server has no ${kind}s: install their CustomResourceDefinition, as 'metal3-testbed up' does`,
    );
  });
}
