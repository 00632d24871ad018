/**
 * Compares our objects with those that a release itself installs: by kind, namespace and name, then value by value.
 *
 * The releases' manifests are no part of the repository. They are looked for in the folder that
 * METAL3_TESTBED_UPSTREAM names, else in test/upstream, where `npm run upstream` puts them; tests are skipped where they are not.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';

export type Json = boolean | number | string | null | readonly Json[] | { readonly [key: string]: Json };

export interface KubernetesObject {
  readonly [key: string]: Json;
  readonly kind: string;
  readonly metadata: { readonly [key: string]: Json; readonly name: string };
}

/** A value that one side has and the other has not, or has differently. Undefined: not there. */
export interface Difference {
  /** Such as `Role kube-system/cert-manager:leaderelection`. */
  readonly object: string;
  /** Such as `rules[0].verbs[2]`; empty for the object as a whole. */
  readonly path: string;
  readonly ours: Json | undefined;
  readonly theirs: Json | undefined;
}

/** A difference that is meant. */
export interface Explanation {
  readonly object: RegExp;
  readonly path: RegExp;
  readonly reason: string;
  /** Whether some renderings of the release have it as we do. @default false: it has to be there */
  readonly isOptional?: boolean;
}

// Compiled, this file is in build/test/support.
const repository = resolve(__dirname, '../../..');
export const upstreamFolder = process.env.METAL3_TESTBED_UPSTREAM ?? join(repository, 'test', 'upstream');

/** What a test is skipped with where a manifest is not there; `false` where it is. */
export function skipWithout(manifest: string): string | false {
  const file = join(upstreamFolder, manifest);
  return existsSync(file)
    ? false
    : `${manifest} is not there: npm run upstream fetches it, or METAL3_TESTBED_UPSTREAM names the folder that has it`;
}

const read = new Map<string, readonly KubernetesObject[]>();

/**
 * The objects of a manifest, read once a process: a megabyte of YAML takes half a second.
 *
 * @param manifest such as `cert-manager/v1.11.0.yaml`
 */
export function upstreamObjects(manifest: string): readonly KubernetesObject[] {
  let objects = read.get(manifest);
  if (objects === undefined) {
    objects = parseAllDocuments(readFileSync(join(upstreamFolder, manifest), 'utf8')).flatMap((document) => {
      const object = document.toJSON() as KubernetesObject | null;
      return object === null ? [] : [object];
    });
    read.set(manifest, objects);
  }
  return objects;
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

export function explains({ object, path }: Explanation, difference: Difference): boolean {
  return object.test(difference.object) && path.test(difference.path);
}

/** @returns the explanations of what differs no longer */
export function stale(explained: readonly Explanation[], found: readonly Difference[]): readonly Explanation[] {
  return explained.filter(
    (entry) => entry.isOptional !== true && !found.some((difference) => explains(entry, difference)),
  );
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
