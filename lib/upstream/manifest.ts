import { invalidInput } from '../errors';

/** A Kubernetes object as a release's own manifests have it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/**
 * Takes what was read from YAML or JSON as Kubernetes objects: lists are taken apart, empty documents left out.
 *
 * @throws TestbedError (`invalid-input`) for what is not a Kubernetes object, for two objects of one name, and for none
 */
export function requireManifests(values: readonly unknown[]): readonly Manifest[] {
  const manifests = values.flatMap((value, index) => objectsOf(value, `document ${index + 1}`));
  if (manifests.length === 0) throw invalidInput('the manifests have no Kubernetes object');
  const seen = new Set<string>();
  for (const manifest of manifests) {
    const identity = `${manifest.apiVersion.replace(/\/.*/, '')} ${describeManifest(manifest)}`;
    if (seen.has(identity)) throw invalidInput(`the manifests have ${describeManifest(manifest)} twice: leave one out`);
    seen.add(identity);
  }
  return manifests;
}

/** How an object reads in an error: `Deployment baremetal-operator-system/manager`. */
export function describeManifest({ kind, metadata: { name, namespace } }: Manifest): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

function objectsOf(value: unknown, where: string): readonly Manifest[] {
  if (value === null || value === undefined) return [];
  const object = value as { readonly [field: string]: unknown; readonly metadata?: Readonly<Record<string, unknown>> };
  const { apiVersion, kind, items, metadata } = object;
  if (typeof value !== 'object' || typeof apiVersion !== 'string' || typeof kind !== 'string') {
    throw invalidInput(`${where} of the manifests is not a Kubernetes object: it needs apiVersion and kind`);
  }
  if (kind.endsWith('List') && Array.isArray(items)) {
    return items.flatMap((item, index) => objectsOf(item, `item ${index + 1} of ${where}`));
  }
  if (typeof metadata?.['name'] !== 'string') {
    throw invalidInput(`${where} of the manifests, a ${kind}, has no metadata.name`);
  }
  return [value as Manifest];
}
