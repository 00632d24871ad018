import { quoted } from '../../lib/visible';

/** More than a kind, a namespace and a name of Kubernetes have together. */
const MAX_NAME_BYTES = 600;

/** Any Kubernetes object, as JSON has it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
  };
  readonly [field: string]: unknown;
}

/** What an object of a kind is found by. */
export interface NamespacedName {
  readonly namespace: string;
  readonly name: string;
}

/** A namespace and nothing else about it. */
export function namespaceObject(name: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

/** `Kind namespace/name`, as errors and progress name an object. */
export function describeObject(object: KubernetesObject): string {
  const { namespace, name } = object.metadata;
  // They may come from a file or a server, and go to a terminal.
  return quoted(`${object.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`, MAX_NAME_BYTES);
}

const SHOWN = 5;

/** The first of objects that do not go, each with what holds it: `Kind namespace/name (finalizers a, b), …`. */
export function describeHeld(objects: readonly KubernetesObject[]): string {
  const shown = objects.slice(0, SHOWN).map((object) => {
    const { finalizers = [] } = object.metadata;
    return `${describeObject(object)}${finalizers.length > 0 ? ` (finalizers ${finalizers.join(', ')})` : ''}`;
  });
  return `${shown.join(', ')}${objects.length > SHOWN ? ', …' : ''}`;
}
