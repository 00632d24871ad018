import { array, changedIn, type Schema, type SchemaNode } from '../../../crd';
import type { CertManagerVersion } from '../releases';

/** The notes on releases that schemas here carry: `v1.21.1` stands for whichever release brought a change. */
export { asOf, requiredBefore, since } from '../../../crd';

/** A schema that says more from a release on. */
export function sayingSince<T>(version: CertManagerVersion, schema: Schema<T>, keywords: SchemaNode): Schema<T> {
  return changedIn(version, schema, { ...schema, ...keywords });
}

/** A list. The newest release says of each that server-side apply replaces it as a whole. */
export function list<T>(items: Schema<T>): Schema<readonly T[]> {
  return sayingSince('v1.21.1', array(items), { 'x-kubernetes-list-type': 'atomic' });
}
