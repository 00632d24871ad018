/** Values of resources, as the engine hands them to a provider. */
import { isDeepStrictEqual } from 'node:util';
import { unknownValue } from '@pulumi/pulumi/runtime/rpc';

/** Whether a part of a value is known only once other resources have been made, as in a preview. */
export function hasUnknowns(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === unknownValue;
  return Object.values(value).some(hasUnknowns);
}

/** Whether two values are the same; what is not given is the same as null. */
export function isSame(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a ?? null, b ?? null);
}
