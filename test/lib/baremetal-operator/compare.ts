/** Compares Kubernetes objects with those of a release: by kind, namespace and name, then value by value. */

export type Json = boolean | number | string | null | readonly Json[] | { readonly [key: string]: Json };

export interface KubernetesObject {
  readonly [key: string]: Json;
  readonly kind: string;
  readonly metadata: { readonly [key: string]: Json; readonly name: string };
}

/** A value that one side has and the other has not, or has differently. Undefined: not there. */
export interface Difference {
  /** Such as `Role baremetal-operator-system/baremetal-operator-leader-election-role`. */
  readonly object: string;
  /** Such as `rules[0].verbs[2]`; empty for the object as a whole. */
  readonly path: string;
  readonly ours: Json | undefined;
  readonly theirs: Json | undefined;
}

export function objectName({ kind, metadata }: KubernetesObject): string {
  return typeof metadata.namespace === 'string'
    ? `${kind} ${metadata.namespace}/${metadata.name}`
    : `${kind} ${metadata.name}`;
}

/**
 * All differences but these: descriptions, the annotation of the generator that made the release's CRDs, the order of
 * keys, and the order of a schema's `required`.
 */
export function differences(ours: readonly KubernetesObject[], theirs: readonly KubernetesObject[]): Difference[] {
  const found: Difference[] = [];
  const ourObjects = byName(ours);
  const theirObjects = byName(theirs);
  for (const object of new Set([...ourObjects.keys(), ...theirObjects.keys()])) {
    compare(ourObjects.get(object), theirObjects.get(object), '', (path, our, their) =>
      found.push({ object, path, ours: our, theirs: their }),
    );
  }
  return found;
}

export function describeDifference({ object, path, ours, theirs }: Difference): string {
  return `${object}: ${path}: ours ${JSON.stringify(ours)}, theirs ${JSON.stringify(theirs)}`;
}

function byName(objects: readonly KubernetesObject[]): Map<string, Json> {
  const named = new Map<string, Json>();
  for (const object of objects) {
    const name = objectName(object);
    if (named.has(name)) throw new Error(`two objects are ${name}`);
    named.set(name, comparable(object) as Json);
  }
  return named;
}

const generatorAnnotation = 'controller-gen.kubebuilder.io/version';

function comparable(value: Json, key = ''): Json | undefined {
  if (Array.isArray(value)) {
    const items = value.map((item: Json) => comparable(item) as Json);
    return key === 'required' ? items.sort() : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    // A property that is called `description` has a schema, not a text.
    .filter(([name, child]) => !(name === 'description' && typeof child === 'string') && name !== generatorAnnotation)
    .map(([name, child]) => [name, comparable(child, name)] as const)
    .filter(([name, child]) => !(name === 'annotations' && Object.keys(child ?? {}).length === 0));
  return Object.fromEntries(entries) as Json;
}

type Found = (path: string, ours: Json | undefined, theirs: Json | undefined) => void;

function compare(ours: Json | undefined, theirs: Json | undefined, path: string, found: Found): void {
  if (isContainer(ours) && isContainer(theirs) && Array.isArray(ours) === Array.isArray(theirs)) {
    for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
      const step = Array.isArray(ours) ? `[${key}]` : path === '' ? key : `.${key}`;
      compare(ours[key], theirs[key], path + step, found);
    }
  } else if (ours !== theirs) {
    found(path, ours, theirs);
  }
}

function isContainer(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null;
}
