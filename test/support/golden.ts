/** Objects as YAML that people can read in a diff, for the files that tests compare them with. */
import { join, sep } from 'node:path';
import { Document, isCollection, isPair, visit } from 'yaml';
import type { CustomResourceDefinition, SchemaNode } from '../../lib/crd';
import type { KubernetesObject } from './upstream';

/** The golden file of a test, beside its source and not beside what is compiled. */
export function goldenFile(folder: string, name: string): string {
  return join(folder.replace(`${sep}build${sep}`, sep), 'golden', name);
}

/** Objects as YAML, without descriptions, and the schema of each CRD as an {@link outline}. */
export function goldenYaml(objects: readonly KubernetesObject[]): string {
  const isDefinition = ({ kind }: KubernetesObject): boolean => kind === 'CustomResourceDefinition';
  return objects.map((object) => yaml(isDefinition(object) ? withOutlines(object) : object)).join('---\n');
}

function withOutlines(object: KubernetesObject): object {
  const { spec, ...rest } = object as unknown as CustomResourceDefinition;
  const versions = spec.versions.map(({ schema, ...version }) => {
    return { ...version, schema: outline(schema.openAPIV3Schema) };
  });
  return { ...rest, spec: { ...spec, versions } };
}

/**
 * A schema as the objects that it describes look: each field with its type and what else is asked of it. `name *` has to be
 * given, `[]` are the items of a list, `{}` the values of a map, and `(is)` is what holds for what they are in.
 */
function outline(node: SchemaNode): unknown {
  const { description: _, type, properties, required = [], items, additionalProperties, ...rest } = node;
  if (properties === undefined && items === undefined && additionalProperties === undefined) {
    const isPlain = Object.keys(rest).length === 0 && required.length === 0;
    return isPlain && type !== undefined ? type : { type, ...(required.length > 0 && { required }), ...rest };
  }
  const unknown = required.filter((name) => properties?.[name] === undefined);
  const is = {
    ...(type !== (items ? 'array' : 'object') && { type }),
    ...(unknown.length > 0 && { required: unknown }),
    ...rest,
  };
  const fields = Object.entries(properties ?? {}).map(([name, field]) => {
    return [required.includes(name) ? `${name} *` : name, outline(field)] as const;
  });
  return {
    ...(Object.keys(is).length > 0 && { '(is)': is }),
    ...Object.fromEntries(fields),
    ...(items && { '[]': outline(items) }),
    ...(additionalProperties && { '{}': outline(additionalProperties) }),
  };
}

/** Most that is written on one line. */
const LINE = 100;

function yaml(value: object): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Collection(_, node) {
      const isFlat = node.items.every((item) => !isCollection(isPair(item) ? item.value : item));
      node.flow = isFlat && JSON.stringify(node.toJSON()).length < LINE;
    },
  });
  return document.toString({ lineWidth: 0 });
}
