import { array, required, type Schema, type SchemaNode } from '../../crd';
import { isAtLeast, type CertManagerVersion } from '../releases';

/**
 * How the releases differ, noted at the very field: a schema is written once, for the newest release, and
 * {@link asOf} gives it as an earlier one has it. Types are those of the newest.
 */
interface Notes {
  /** The field is new in this release. */
  readonly addedIn?: CertManagerVersion;
  /** The field must be given before this release, and may be left out from it on. */
  readonly optionalFrom?: CertManagerVersion;
  /** What the node says from a release on. */
  readonly keywords?: { readonly from: CertManagerVersion; readonly values: SchemaNode };
}

const notes = Symbol('notes on releases');

interface NotedNode extends SchemaNode {
  readonly [notes]?: Notes;
}

/** A field that is new in a release. */
export function since<T>(version: CertManagerVersion, schema: Schema<T>): Schema<T> {
  return noted(schema, { addedIn: version });
}

/** A field that must be given before a release, and may be left out from it on. */
export function requiredBefore<T>(version: CertManagerVersion, schema: Schema<T>): Schema<T> {
  // Typed as the newest release has it: a field that may be left out.
  return required(noted(schema, { optionalFrom: version })) as unknown as Schema<T>;
}

/** A schema that says more from a release on. */
export function sayingSince<T>(version: CertManagerVersion, schema: Schema<T>, keywords: SchemaNode): Schema<T> {
  return noted(schema, { keywords: { from: version, values: keywords } });
}

/** A list. The newest release says of each that server-side apply replaces it as a whole. */
export function list<T>(items: Schema<T>): Schema<readonly T[]> {
  return sayingSince('v1.21.1', array(items), { 'x-kubernetes-list-type': 'atomic' });
}

/** A schema as a release has it, without notes. */
export function asOf<T>(version: CertManagerVersion, schema: Schema<T>): Schema<T> {
  return nodeAsOf(version, schema);
}

function noted<T>(schema: Schema<T>, more: Notes): Schema<T> {
  const node: NotedNode = { ...schema, [notes]: { ...notesOf(schema), ...more } };
  return node;
}

function notesOf(node: SchemaNode): Notes {
  return (node as NotedNode)[notes] ?? {};
}

function nodeAsOf(version: CertManagerVersion, node: SchemaNode): SchemaNode {
  const {
    [notes]: ownNotes,
    properties,
    required: requiredNames,
    items,
    additionalProperties,
    ...rest
  } = node as NotedNode;
  const keywords = ownNotes?.keywords;
  const names = requiredNames?.filter((name) => isRequired(version, properties?.[name]));
  return {
    ...rest,
    ...(properties && { properties: propertiesAsOf(version, properties) }),
    ...(names && names.length > 0 && { required: names }),
    ...(items && { items: nodeAsOf(version, items) }),
    ...(additionalProperties && { additionalProperties: nodeAsOf(version, additionalProperties) }),
    ...(keywords && isAtLeast(version, keywords.from) && keywords.values),
  };
}

function propertiesAsOf(
  version: CertManagerVersion,
  properties: Readonly<Record<string, SchemaNode>>,
): Readonly<Record<string, SchemaNode>> {
  const present = Object.entries(properties).filter(([, node]) => {
    const { addedIn } = notesOf(node);
    return addedIn === undefined || isAtLeast(version, addedIn);
  });
  return Object.fromEntries(present.map(([name, node]) => [name, nodeAsOf(version, node)]));
}

function isRequired(version: CertManagerVersion, node: SchemaNode | undefined): boolean {
  const optionalFrom = node && notesOf(node).optionalFrom;
  return optionalFrom === undefined || !isAtLeast(version, optionalFrom);
}
