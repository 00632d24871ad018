import type { SchemaNode } from '../../lib/crd';

/** The paths of the fields of a schema that have no description. */
export function undescribed(node: SchemaNode, path = '', seen: ReadonlySet<SchemaNode> = new Set()): string[] {
  if (seen.has(node)) return [];
  const inside = new Set([...seen, node]);
  return Object.entries(node.properties ?? {}).flatMap(([name, field]) => {
    const at = path === '' ? name : `${path}.${name}`;
    const values = field.items ?? field.additionalProperties ?? field;
    return [...(field.description === undefined ? [at] : []), ...undescribed(values, at, inside)];
  });
}
