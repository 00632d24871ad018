import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { SchemaNode } from '../../../lib/crd';
import { requireTestbedShape } from '../../../lib/testbed/schema';
import { refuses } from '../../support/refuses';
import { root } from '../../support/cli';
import { schemaFile, testbedDocs, testbedSchemaFile } from '../../support/testbed-schema-file';
import { undescribed } from '../../support/undescribed';

describe('the schema of testbed.yaml', () => {
  it('is the published one', () => {
    assert.equal(
      readFileSync(join(root, schemaFile), 'utf8'),
      testbedSchemaFile(),
      "run 'npm run schema' and commit the file",
    );
  });

  it('says something of each field', () => {
    const { $defs, ...rest } = JSON.parse(testbedSchemaFile()) as SchemaNode & { $defs: { step: SchemaNode } };
    assert.deepEqual(undescribed(rest), []);
    assert.deepEqual(undescribed($defs.step), []);
  });

  it('refuses what it does not know, naming every field', () => {
    refuses(
      () => requireTestbedShape({ hostSet: [] }, 'testbed.yaml'),
      /testbed.yaml is refused:\n {2}hostSet: unknown field; did you mean 'hostSets'/,
    );
    refuses(
      () => requireTestbedShape({ hostSets: [{ count: 1, overrides: [{ hosts: 1, onlin: true }] }] }, 'f'),
      /hostSets\[0\].overrides\[0\].onlin/,
    );
    refuses(() => requireTestbedShape([], 'f'), /f is refused/);
    requireTestbedShape(
      { hostSets: [{ count: 1, overrides: [{ hosts: '1-2', online: false, bmc: { address: 'ipmi://a' } }] }] },
      'f',
    );
  });
});

describe('the descriptions of a schema', () => {
  const env = { type: 'string' };

  it('are what the fields of a type say', () => {
    const { properties } = testbedDocs().describe({ properties: { env, file: {} } }, 'ValueSource');
    assert.equal(properties?.['env']?.description, 'Name of the environment variable that holds the value.');
  });

  it('say what a field is where none is given', () => {
    const { properties } = testbedDocs().describe(
      { properties: { operator: {}, downSeconds: {} } },
      'KillOperatorStep',
    );
    assert.equal(properties?.['downSeconds']?.description, 'How long it is away. Default: 0.');
  });

  it('are refused for a field that the type does not have', () => {
    assert.throws(
      () => testbedDocs().describe({ properties: { env, file: {}, url: {} } }, 'ValueSource'),
      /ValueSource.url is in the schema, and not in the type/,
    );
  });

  it('are refused for a schema without a field of the type', () => {
    assert.throws(
      () => testbedDocs().describe({ properties: { env } }, 'ValueSource'),
      /ValueSource: file in the type, and not in the schema/,
    );
  });

  it('are refused for values that the type does not have', () => {
    assert.throws(
      () => testbedDocs().describe({ enum: ['available', 'ready'] }, 'SeededState'),
      /SeededState: available, ready in the schema, and available, provisioned in the type/,
    );
  });
});
