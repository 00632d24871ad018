/** What of an object can be applied, and whether it can be at all. */
import { invalidInput } from '../../lib/errors';
import { requireDnsLabel } from '../../lib/names';
import { describeObject, type KubernetesObject } from '../kubernetes/objects';

/** Metadata that only the API server writes: `kubectl get -o yaml` shows it, and server-side apply refuses some of it. */
const SERVER_METADATA = [
  'managedFields',
  'resourceVersion',
  'uid',
  'creationTimestamp',
  'generation',
  'selfLink',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;
/** What client-side apply remembers; it would be of no use to it any more, and may hold a whole Secret. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** An object without what the API server and kubectl have added to it, so that what was read can be applied again. */
export function applicable(object: KubernetesObject): KubernetesObject {
  const { annotations } = object.metadata;
  const isRemembered = annotations !== undefined && annotations !== null && Object.hasOwn(annotations, LAST_APPLIED);
  if (!isRemembered && !SERVER_METADATA.some((field) => Object.hasOwn(object.metadata, field))) return object;
  const metadata: Record<string, unknown> = { ...object.metadata };
  for (const field of SERVER_METADATA) delete metadata[field];
  if (isRemembered) {
    const { [LAST_APPLIED]: _, ...others } = annotations;
    if (Object.keys(others).length > 0) metadata['annotations'] = others;
    else delete metadata['annotations'];
  }
  return { ...object, metadata: metadata as unknown as KubernetesObject['metadata'] };
}

/**
 * An object that has an address: what stands in the path of a URL must not lead elsewhere, nor be nothing.
 *
 * @throws TestbedError (`invalid-input`)
 */
export function requireAddress(object: KubernetesObject): void {
  const { apiVersion, metadata } = object;
  const { name, namespace } = metadata;
  if (!name.isWellFormed() || (namespace !== undefined && !namespace.isWellFormed()))
    throw invalidInput(
      `${object.kind} ${name.toWellFormed()} has half a character (a lone surrogate) in its name or namespace: correct it`,
    );
  if (name === '.' || name === '..' || /[/%]/.test(name))
    throw invalidInput(
      `${describeObject(object)} has a name that no object can have: it must not be '.' or '..', nor have '/' or '%' in it`,
    );
  const group = apiVersion.split('/')[0] ?? '';
  if (group === '.' || group === '..')
    throw invalidInput(`${describeObject(object)} has apiVersion ${apiVersion}: give GROUP/VERSION`);
  if (namespace !== undefined) requireDnsLabel(`namespace of ${object.kind} ${name}`, namespace);
}

/** @throws TestbedError (`invalid-input`) for an object of another namespace than the one asked for, as kubectl does */
export function requireNamespace(object: KubernetesObject, isNamespaced: boolean, wanted: string | undefined): void {
  const { namespace } = object.metadata;
  if (wanted === undefined || !isNamespaced || namespace === undefined || namespace === wanted) return;
  throw invalidInput(
    `${describeObject(object)} names namespace ${namespace}, and -n ${wanted} is given: leave out one of the two, or give -n ${namespace}`,
  );
}
