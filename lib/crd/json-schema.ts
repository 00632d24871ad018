import { withoutUndefined } from '../without-undefined';
import type { SchemaNode } from './schema';

/**
 * A schema as JSON Schema has it. In a CRD unknown fields are dropped; here they are refused, which JSON Schema has to be told.
 *
 * @param references nodes that the document has elsewhere, with where that is
 */
export function jsonSchema(
  node: SchemaNode,
  references: ReadonlyMap<SchemaNode, string> = new Map(),
): Readonly<Record<string, unknown>> {
  const reference = references.get(node);
  if (reference !== undefined) return { $ref: reference };
  const { nullable, properties, items, additionalProperties, ...rest } = node;
  const kept = Object.entries(rest).filter(([key]) => !key.startsWith('x-kubernetes-'));
  const isOpen = node['x-kubernetes-preserve-unknown-fields'] === true;
  const inside = (each: SchemaNode) => jsonSchema(each, references);
  const others = properties && !isOpen ? false : additionalProperties && inside(additionalProperties);
  return withoutUndefined({
    ...Object.fromEntries(kept),
    type: nullable ? [node.type, 'null'] : node.type,
    items: items && inside(items),
    properties: properties && Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, inside(each)])),
    additionalProperties: others,
  });
}
