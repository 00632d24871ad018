import { withoutUndefined } from '../without-undefined';
import { isAtLeast } from '../version';
import { required, type Schema, type SchemaNode } from './schema';

/**
 * How the releases of a project differ, noted at the very field: a schema is written once, as the newest release has
 * it, and {@link asOf} gives it as an earlier one has it. Types are those of the newest.
 */
interface Notes {
  /** The field is new in this release. */
  readonly addedIn?: string;
  /** The field must be given before this release, and may be left out from it on. */
  readonly optionalFrom?: string;
  /** What the node was before a release. */
  readonly before?: { readonly release: string; readonly node: SchemaNode };
}

const notes = Symbol('notes on releases');

interface NotedNode extends SchemaNode {
  readonly [notes]?: Notes;
}

/**
 * A field that is new in a release.
 *
 * @param release the first that has it, such as `v0.14`
 */
export function since<T>(release: string, schema: Schema<T>): Schema<T> {
  return noted(schema, { addedIn: release });
}

/** A field that is new in a release, and from then on required. Typed as optional: earlier releases do not have it. */
export function requiredSince<T>(release: string, schema: Schema<T>): Schema<T> {
  return required(since(release, schema)) as unknown as Schema<T>;
}

/** A field that must be given before a release, and may be left out from it on. Typed as the newest release has it. */
export function requiredBefore<T>(release: string, schema: Schema<T>): Schema<T> {
  return required(noted(schema, { optionalFrom: release })) as unknown as Schema<T>;
}

/** A field that was otherwise before a release. */
export function changedIn<T>(release: string, before: Schema, now: Schema<T>): Schema<T> {
  return noted(now, { before: { release, node: before } });
}

/** A schema as a release has it. */
export function asOf<T>(release: string, schema: Schema<T>): Schema<T> {
  return nodeAsOf(release, schema);
}

function noted<T>(schema: Schema<T>, more: Notes): Schema<T> {
  const node: NotedNode = { ...schema, [notes]: { ...notesOf(schema), ...more } };
  return node;
}

function notesOf(node: SchemaNode): Notes {
  return (node as NotedNode)[notes] ?? {};
}

function nodeAsOf(release: string, node: SchemaNode): SchemaNode {
  const { before } = notesOf(node);
  if (before !== undefined && !isAtLeast(release, before.release)) {
    const { description } = node;
    return nodeAsOf(release, withoutUndefined({ description, ...before.node }));
  }
  const { [notes]: _, properties, required: names, items, additionalProperties, ...rest } = node as NotedNode;
  const kept = properties && propertiesAsOf(release, properties);
  const keptNames = names?.filter((name) => {
    const { optionalFrom } = notesOf(properties?.[name] ?? {});
    return (optionalFrom === undefined || !isAtLeast(release, optionalFrom)) && Object.hasOwn(kept ?? {}, name);
  });
  return withoutUndefined({
    ...rest,
    properties: kept,
    required: keptNames?.length === 0 ? undefined : keptNames,
    items: items && nodeAsOf(release, items),
    additionalProperties: additionalProperties && nodeAsOf(release, additionalProperties),
  });
}

function propertiesAsOf(
  release: string,
  properties: Readonly<Record<string, SchemaNode>>,
): Readonly<Record<string, SchemaNode>> {
  const present = Object.entries(properties).filter(([, node]) => {
    const { addedIn } = notesOf(node);
    return addedIn === undefined || isAtLeast(release, addedIn);
  });
  return Object.fromEntries(present.map(([name, node]) => [name, nodeAsOf(release, node)]));
}
