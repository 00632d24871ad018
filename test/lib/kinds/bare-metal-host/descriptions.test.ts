import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { releases } from '../../../../lib/components/baremetal-operator';
import type { SchemaNode } from '../../../../lib/crd';
import { hostSchemasOf } from '../../../../lib/kinds/bare-metal-host/schema';
import { root } from '../../../support/cli';
import { typesFiles } from '../../../support/types-files';
import { undescribed } from '../../../support/undescribed';

/** `kubectl apply` copies an object into an annotation, and all annotations of an object are 256 KiB at most. */
const MOST_BYTES = 256 * 1024;

describe('the description of a host', () => {
  for (const [release, { crds }] of Object.entries(releases)) {
    it(`says something of each field of BMO ${release}`, () => {
      const { spec, status } = hostSchemasOf(release);
      const schema: SchemaNode = { properties: { spec, status } };
      assert.deepEqual(undescribed(schema), []);
    });

    it(`leaves every CRD of BMO ${release} small enough for kubectl apply`, () => {
      for (const crd of crds) assert.ok(JSON.stringify(crd).length < MOST_BYTES / 2, crd.metadata.name);
    });
  }

  it('is the same in the types', () => {
    for (const { file, text } of typesFiles())
      assert.equal(readFileSync(join(root, file), 'utf8'), text, `${file} is old: run 'npm run schema' and commit it`);
  });
});
