import { invalidInput } from '../../lib/errors';
import type { KubernetesObject } from '../kubernetes/objects';
import { isMap } from '../util/is-map';

const API_VERSION = /^([\w.-]+\/)?\w+$/;
const KIND = /^[A-Za-z][\w-]*$/;
/** What may be part of the path of a URL, which every name is. */
const NAME = /^(?!\.{1,2}$)[^/%]+$/;
const NAMESPACE = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)?$/;

/**
 * Takes a value for an object, which needs apiVersion, kind and a name.
 *
 * @param where names file and line
 * @throws TestbedError (`invalid-input`) without the content, since it may be a credential
 */
export function requireObject(value: unknown, where: string, line: number): KubernetesObject {
  const document = `${where}: the document from line ${line} on`;
  const { apiVersion, kind, metadata } = (value ?? {}) as {
    apiVersion?: unknown;
    kind?: unknown;
    metadata?: { name?: unknown; namespace?: unknown; labels?: unknown } | null;
  };
  const { name, namespace, labels } = metadata ?? {};
  const isText = (each: unknown, pattern = /./) => typeof each === 'string' && pattern.test(each);
  const missing = [
    ...(isText(apiVersion, API_VERSION) ? [] : ['apiVersion']),
    ...(isText(kind, KIND) ? [] : ['kind']),
    ...(isText(name) ? [] : ['metadata.name']),
    ...(isNone(namespace) || typeof namespace === 'string' ? [] : ['metadata.namespace']),
  ];
  if (missing.length > 0)
    throw invalidInput(`${document} is not a Kubernetes object: give it ${missing.join(', ')} as text`);
  if (!isText(name, NAME) || !(name as string).isWellFormed())
    throw invalidInput(
      `${document} has a metadata.name that no object can have: it is '.' or '..', or has '/', '%' or half a character`,
    );
  if (!isNone(namespace) && !isText(namespace, NAMESPACE))
    throw invalidInput(
      `${document} has a metadata.namespace that is not a valid namespace: use lower-case letters, digits and '-', a letter or digit at both ends`,
    );
  if (!isNone(labels) && !isMap(labels))
    throw invalidInput(`${document} has metadata.labels that are not a map: give each as NAME: VALUE`);
  if (namespace === undefined || isText(namespace)) return value as KubernetesObject;
  // As for kubectl, an empty namespace is none.
  const { namespace: _, ...rest } = metadata as Readonly<Record<string, unknown>>;
  return { ...(value as object), metadata: rest } as unknown as KubernetesObject;
}

function isNone(value: unknown): boolean {
  return value === undefined || value === null;
}
