/** The schema of this package for Pulumi, from which SDKs of other languages are made. */
import { version } from '../../src/util/version';
import type { SchemaProperty } from '../resources/schema-property';
import { SERVED } from './served';

const PACKAGE = 'metal3-testbed';
const ANY = { $ref: 'pulumi.json#/Any' };
const PLAIN: ReadonlySet<string> = new Set(['string', 'boolean', 'integer', 'number']);

export function packageSchema() {
  const types = new NamedTypes();
  const resources = Object.entries(SERVED).map(([name, resource]) => {
    const of = (properties: Readonly<Record<string, SchemaProperty>>) =>
      Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, types.use(each, name, key)]));
    const inputProperties = of(resource.args);
    const found = of({ ...resource.results, ...resource.faces?.properties });
    const { description, required: requiredInputs } = resource;
    const always = [...requiredInputs, ...Object.keys(resource.faces?.properties ?? {})];
    const properties = { ...inputProperties, ...found };
    return [`${PACKAGE}:index:${name}`, { description, inputProperties, requiredInputs, properties, required: always }];
  });
  return {
    name: PACKAGE,
    version,
    description: 'Metal3 test environments: thousands of simulated bare-metal hosts, and clusters on them',
    license: 'Apache-2.0',
    keywords: ['pulumi', 'metal3', 'kubernetes', 'category/infrastructure'],
    resources: Object.fromEntries(resources) as object,
    types: types.all,
    language: {
      nodejs: { respectSchemaVersion: true },
      python: { respectSchemaVersion: true, pyproject: { enabled: true } },
      go: { respectSchemaVersion: true, generateResourceContainerTypes: true },
    },
  };
}

/** Objects in objects have names in Pulumi; those that are the same have one. */
class NamedTypes {
  readonly all: Record<string, object> = {};
  private readonly names = new Map<string, string>();

  /** @param path what the type is called after, should it need a name */
  use({ description, secret, ...property }: SchemaProperty, ...path: readonly string[]): SchemaProperty {
    return { ...this.typeOf(property, path), description, secret };
  }

  private typeOf(property: SchemaProperty, path: readonly string[]): SchemaProperty {
    const { type = '', items, additionalProperties, properties, $ref } = property;
    if ($ref !== undefined) return { $ref };
    if (PLAIN.has(type)) return { type };
    if (type === 'array') return { type, items: items === undefined ? ANY : this.typeOf(items, path) };
    if (type !== 'object') return ANY;
    if (properties !== undefined) return { $ref: `#/types/${this.name(property, path)}` };
    const isMap = typeof additionalProperties === 'object';
    return { type, additionalProperties: isMap ? this.typeOf(additionalProperties, path) : ANY };
  }

  private name({ properties = {}, required, description }: SchemaProperty, path: readonly string[]): string {
    const parts = Object.entries(properties).map(([key, each]) => [key, this.use(each, ...path, key)]);
    const text = JSON.stringify([parts, required]);
    const known = this.names.get(text);
    if (known !== undefined) return known;
    const token = `${PACKAGE}:index:${path.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('')}`;
    this.names.set(text, token);
    this.all[token] = { type: 'object', description, properties: Object.fromEntries(parts) as object, required };
    return token;
  }
}
