import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SchemaProperty } from '../resources/schema-property';

/** What testbed.yaml may say of a set, with its descriptions, as the package publishes it. */
export function setProperties(of: 'hostSets' | 'clusterSets'): Readonly<Record<string, SchemaProperty>> {
  const file = join(__dirname, '..', '..', '..', 'testbed.schema.json');
  const schema = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly properties: Readonly<Record<string, SchemaProperty>>;
  };
  return schema.properties[of]?.items?.properties ?? {};
}
