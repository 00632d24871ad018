/** Values of resources, as a program has them and as the engine hands them to a provider. */
import { isDeepStrictEqual } from 'node:util';
import * as pulumi from '@pulumi/pulumi';
import { unknownValue } from '@pulumi/pulumi/runtime/rpc';
import { SensitiveText } from '../../lib/kinds/bare-metal-host/credentials';

/** Whether a part of a value is known only once other resources have been made, as in a preview. */
export function hasUnknowns(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === unknownValue;
  return Object.values(value).some(hasUnknowns);
}

/** Whether a value, as a whole, is known only once other resources have been made. */
export function isOutput(value: unknown): boolean {
  return pulumi.Output.isInstance(value) || value instanceof Promise || value === unknownValue;
}

/** Whether a part of a value is known only once other resources have been made, as the program has it. */
export function hasOutputs(value: unknown): boolean {
  if (isOutput(value)) return true;
  if (typeof value !== 'object' || value === null || value instanceof SensitiveText) return false;
  return Object.values(value).some(hasOutputs);
}

/** A value without the parts that are known only once other resources have been made; a list with such items is one of them. */
export function knownPart(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof SensitiveText) return value;
  if (Array.isArray(value)) return value.map(knownPart);
  const isKnown = (part: unknown) => !(isOutput(part) || (Array.isArray(part) && part.some(isOutput)));
  const parts = Object.entries(value).filter(([, part]) => isKnown(part));
  return Object.fromEntries(parts.map(([key, part]) => [key, knownPart(part)]));
}

/** Whether two values are the same; what is not given is the same as null. */
export function isSame(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(a ?? null, b ?? null);
}
