/**
 * The CRDs of releases whose schemas are not ours to vary, as data: what `npm run crds` writes to `lib/crd/generated`.
 * Structure alone: descriptions, and the annotations of the release's own generator, stay where they are.
 */
import type { GeneratedDefinition, GeneratedFile, GeneratedNode } from '../../lib/crd/generated';
import { generatedReleases, type GeneratedRelease } from '../../lib/crd/generated';
import { skipWithout, upstreamObjects, type Json, type KubernetesObject } from './upstream';

export const generatedFolder = 'lib/crd/generated';

/** The manifest that a file is made from. */
export function manifestOf(release: GeneratedRelease): string {
  const at = release.lastIndexOf('-v');
  return `${release.slice(0, at)}/${release.slice(at + 1)}.yaml`;
}

/** What one file is to hold; undefined where the release's manifest is not there. */
export function generatedFile(release: GeneratedRelease): string | undefined {
  if (skipWithout(manifestOf(release)) !== false) return undefined;
  const crds = upstreamObjects(manifestOf(release)).filter(({ kind }) => kind === 'CustomResourceDefinition');
  return fileText(shared(crds.map(definition)));
}

export function generatedFiles(): readonly { readonly file: string; readonly text: string | undefined }[] {
  return generatedReleases.map((release) => ({
    file: `${generatedFolder}/${release}.json`,
    text: generatedFile(release),
  }));
}

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly scope: 'Cluster' | 'Namespaced';
    readonly names: {
      readonly kind: string;
      readonly plural: string;
      readonly shortNames?: readonly string[];
      readonly categories?: readonly string[];
    };
    readonly conversion?: { readonly strategy: string; readonly webhook?: Conversion };
    readonly versions: readonly (GeneratedDefinition['versions'][number] & {
      readonly schema: { readonly openAPIV3Schema: GeneratedNode };
    })[];
  };
}

interface Conversion {
  readonly conversionReviewVersions: readonly string[];
}

/** What of a CRD is not computed from the rest of it, or from who installs it. */
function definition(object: KubernetesObject): GeneratedDefinition {
  const { spec } = withoutDescriptions(object) as unknown as Crd;
  const { kind, plural, shortNames, categories } = spec.names;
  return {
    group: spec.group,
    kind,
    plural,
    shortNames,
    categories,
    scope: spec.scope,
    conversionReviewVersions: spec.conversion?.webhook?.conversionReviewVersions,
    versions: spec.versions.map(({ schema, ...version }) => ({ ...version, schema: schema.openAPIV3Schema })),
  };
}

function withoutDescriptions(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => withoutDescriptions(item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    // A field that is called `description` has a schema, not a text.
    .filter(([name, child]) => !(name === 'description' && typeof child === 'string'))
    .map(([name, child]) => [name, withoutDescriptions(child)] as const);
  return Object.fromEntries(entries);
}

/** Less is not worth a name. */
const LEAST_SHARED = 60;

/** Nodes that stand in several places are written once, under a name. */
function shared(definitions: readonly GeneratedDefinition[]): GeneratedFile {
  const counts = new Map<string, number>();
  const count = (node: GeneratedNode): void => {
    const text = JSON.stringify(node);
    const seen = counts.get(text) ?? 0;
    counts.set(text, seen + 1);
    // What a node that is seen again holds is written once with it.
    if (seen === 0) for (const [, child] of childrenOf(node)) count(child);
  };
  for (const { versions } of definitions) for (const { schema } of versions) count(schema);

  const names = new Map<string, string>();
  const nodes: Record<string, GeneratedNode> = {};
  const nameFor = (hint: string): string => {
    for (let i = 1; ; i++) {
      const name = i === 1 ? hint : `${hint}-${i}`;
      if (!Object.hasOwn(nodes, name)) return name;
    }
  };
  const write = (node: GeneratedNode, hint: string): GeneratedNode => {
    const text = JSON.stringify(node);
    const known = names.get(text);
    if (known !== undefined) return { $ref: known };
    const inner = (): GeneratedNode => mapChildren(node, (child, name) => write(child, name ?? hint));
    if (text.length < LEAST_SHARED || (counts.get(text) ?? 0) < 2) return inner();
    const name = nameFor(hint);
    names.set(text, name);
    // Holds the name while what it consists of takes others.
    nodes[name] = {};
    nodes[name] = inner();
    return { $ref: name };
  };
  const written = definitions.map((each) => ({
    ...each,
    versions: each.versions.map((version) => ({ ...version, schema: write(version.schema, each.kind) })),
  }));
  return {
    nodes: Object.fromEntries(Object.entries(nodes).sort(([a], [b]) => (a < b ? -1 : 1))),
    definitions: written,
  };
}

/** The keywords of a schema that hold others. Those of `anyOf` never stand in several places by themselves. */
function childrenOf(node: GeneratedNode): readonly (readonly [name: string | undefined, node: GeneratedNode])[] {
  const { properties, items, additionalProperties } = node;
  return [
    ...Object.entries(properties ?? {}),
    ...(items ? [[undefined, items] as const] : []),
    ...(typeof additionalProperties === 'object' ? [[undefined, additionalProperties] as const] : []),
  ];
}

function mapChildren(
  node: GeneratedNode,
  change: (child: GeneratedNode, name: string | undefined) => GeneratedNode,
): GeneratedNode {
  const { properties, items, additionalProperties, ...rest } = node;
  return {
    ...rest,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, child]) => [name, change(child, name)])),
    }),
    ...(items && { items: change(items, undefined) }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === 'object' ? change(additionalProperties, undefined) : additionalProperties,
    }),
  };
}

/** JSON in which what fits stands on one line, so that a difference shows in the lines of the fields that it is about. */
function fileText(file: GeneratedFile): string {
  return `${pretty(file as unknown as Json, '')}\n`;
}

const LINE = 120;

function pretty(value: Json, indent: string, before = 0): string {
  const compact = spaced(value);
  if (typeof value !== 'object' || value === null || indent.length + before + compact.length < LINE) return compact;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items = value.map((item: Json) => `${inner}${pretty(item, inner)}`);
    return `[\n${items.join(',\n')}\n${indent}]`;
  }
  const fields = Object.entries(value)
    .filter(([, child]) => child !== undefined)
    .map(([name, child]) => {
      const key = `${JSON.stringify(name)}: `;
      return `${inner}${key}${pretty(child, inner, key.length)}`;
    });
  return `{\n${fields.join(',\n')}\n${indent}}`;
}

function spaced(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => spaced(item)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, child]) => child !== undefined);
  if (fields.length === 0) return '{}';
  return `{ ${fields.map(([name, child]) => `${JSON.stringify(name)}: ${spaced(child)}`).join(', ')} }`;
}
