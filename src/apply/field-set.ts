/**
 * Whether a live object already is what would be applied, told without asking the API server.
 *
 * Server-side apply changes nothing exactly where the fields that the field manager owns, with the values they have now,
 * are the fields of the manifest. `metadata.managedFields` says which fields those are (KEP-555, "FieldsV1"), so they can
 * be cut out of the live object and compared: a value that somebody changed, a field that somebody took over and a field
 * that left the manifest all show. Where the two cannot be compared they count as different, which costs a request and
 * never a change.
 */
import { hash } from 'node:crypto';
import type { KubernetesObject } from '../kubernetes/objects';

/** FieldsV1: `f:NAME`, `k:{KEYS}`, `v:VALUE` and `.`, each with the fields below it. */
export interface FieldsV1 {
  readonly [path: string]: FieldsV1;
}

export interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly apiVersion?: string;
  readonly subresource?: string;
  /** When it last changed a value, in whole seconds; that it owns more or fewer fields does not count. */
  readonly time?: string;
  readonly fieldsV1?: FieldsV1;
}

/** A live object, as lists have it. */
export interface LiveObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: KubernetesObject['metadata'] & { readonly managedFields?: readonly ManagedFields[] };
  readonly [field: string]: unknown;
}

/** Metadata that is not applied, and that no field manager owns. */
const NOT_APPLIED = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
  'selfLink',
]);

/** The digest of what a manifest says. */
export function digestOfManifest(object: KubernetesObject): string {
  return digest(contentOf(object));
}

/** Whether a manifest says nothing but what its object is called, as that of a namespace may. */
export function saysNothing(object: KubernetesObject): boolean {
  return Object.keys(contentOf(object)).length === 0;
}

/** What is applied of a manifest. */
function contentOf({ apiVersion: _, kind: __, metadata, ...rest }: KubernetesObject): object {
  const applied = Object.fromEntries(
    Object.entries(metadata).filter(([key, value]) => !NOT_APPLIED.has(key) && value !== undefined),
  );
  return Object.keys(applied).length === 0 ? rest : { ...rest, metadata: applied };
}

/** What a field manager has applied of a live object; undefined where it has not, or in several versions. */
export function appliedBy(
  manager: string,
  { managedFields = [] }: Pick<LiveObject['metadata'], 'managedFields'>,
): ManagedFields | undefined {
  const own = managedFields.filter(
    (each) => each.manager === manager && each.operation === 'Apply' && (each.subresource ?? '') === '',
  );
  return own.length === 1 ? own[0] : undefined;
}

/** Which fields it owns, as text. */
export function ownershipOf(applied: ManagedFields | undefined): string {
  return applied === undefined ? '' : JSON.stringify(applied.fieldsV1);
}

/**
 * The digest of what a field manager owns of a live object.
 *
 * @returns undefined where it has never applied it in this API version
 */
export function digestOfLive(live: LiveObject, manager: string, apiVersion: string): string | undefined {
  const applied = appliedBy(manager, live.metadata);
  if (applied?.apiVersion !== apiVersion || applied.fieldsV1 === undefined) return undefined;
  try {
    return digest(project(live, applied.fieldsV1));
  } catch {
    // Fields that are named in no way that can be read.
    return undefined;
  }
}

/** Cuts out of a value what a set of fields names. */
function project(value: unknown, fields: FieldsV1): unknown {
  const paths = Object.keys(fields).filter((path) => path !== '.');
  // A leaf: owned as it is, whatever is in it.
  if (paths.length === 0) return value;
  if (Array.isArray(value)) return projectList(value, paths, fields);
  if (typeof value !== 'object' || value === null) return undefined;
  const object = value as Readonly<Record<string, unknown>>;
  const out: Record<string, unknown> = {};
  for (const path of paths) {
    const name = path.slice(2);
    const below = fields[path];
    if (below !== undefined && Object.hasOwn(object, name)) set(out, name, project(object[name], below));
  }
  return out;
}

function projectList(items: readonly unknown[], paths: readonly string[], fields: FieldsV1): unknown[] {
  const wanted = paths.map((path) => ({
    type: path.slice(0, 2),
    key: JSON.parse(path.slice(2)) as unknown,
    below: fields[path] ?? {},
  }));
  return items.flatMap((item) => {
    const entry = wanted.find(({ type, key }) => (type === 'k:' ? hasKeys(item, key) : type === 'v:' && item === key));
    return entry === undefined ? [] : [entry.type === 'v:' ? item : project(item, entry.below)];
  });
}

function hasKeys(item: unknown, keys: unknown): boolean {
  if (typeof item !== 'object' || item === null) return false;
  return Object.entries(keys as object).every(([name, value]) => (item as Record<string, unknown>)[name] === value);
}

function digest(value: unknown): string {
  return hash('sha1', canonical(value), 'base64');
}

/** JSON with the keys in order, so that equal values give equal texts. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const object = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(object).sort();
  return `{${keys
    .filter((key) => object[key] !== undefined)
    .map((key) => `${JSON.stringify(key)}:${canonical(object[key])}`)
    .join(',')}}`;
}

/** Assigns also where the name is `__proto__`. */
function set(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  else object[name] = value;
}
