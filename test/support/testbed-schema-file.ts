import { testbedJsonSchema } from '../../lib/testbed/schema';

export const schemaFile = 'testbed.schema.json';

/** The published JSON Schema of testbed.yaml, as it stands in the repository. */
export function schemaText(): string {
  return `${JSON.stringify(testbedJsonSchema(), undefined, 2)}\n`;
}
