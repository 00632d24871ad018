import { testbedJsonSchema } from '../../lib/testbed/schema';
import { root } from './cli';
import { TypeDocs } from './described-fields';

export const schemaFile = 'testbed.schema.json';

let docs: TypeDocs | undefined;

/** What is said of the types of testbed.yaml. */
export function testbedDocs(): TypeDocs {
  docs ??= new TypeDocs(root, ['lib/testbed/entries.ts', 'lib/scenario/steps.ts']);
  return docs;
}

/** The published JSON Schema of testbed.yaml, as it stands in the repository. */
export function testbedSchemaFile(): string {
  const { $schema, $id, title, $defs, ...rest } = testbedJsonSchema();
  const { description, ...described } = testbedDocs().describe(rest, 'TestbedEntries');
  const step = testbedDocs().describe($defs.step, 'ScenarioStep');
  return `${JSON.stringify({ $schema, $id, title, description, ...described, $defs: { step } }, undefined, 2)}\n`;
}
