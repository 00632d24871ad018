import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { releases } from '../../../../lib/components/baremetal-operator';
import { root } from '../../../support/cli';
import { typesFiles } from '../../../support/types-files';
import { undescribed } from '../../../support/undescribed';

/** `kubectl apply` copies an object into an annotation, and all annotations of an object are 256 KiB at most. */
const MOST_BYTES = 256 * 1024;

describe('the description of a host and its kin', () => {
  for (const [release, { crds }] of Object.entries(releases)) {
    for (const { metadata, spec } of crds) {
      it(`says something of each field of ${metadata.name} of BMO ${release}`, () => {
        for (const { schema } of spec.versions) {
          // Of the other fields the API server says something.
          const { spec: wanted, status } = schema.openAPIV3Schema.properties ?? {};
          assert.ok(schema.openAPIV3Schema.description);
          assert.deepEqual(undescribed({ properties: { ...(wanted && { wanted }), ...(status && { status }) } }), []);
        }
      });
    }

    it(`leaves every CRD of BMO ${release} small enough for kubectl apply`, () => {
      for (const crd of crds) assert.ok(JSON.stringify(crd).length < MOST_BYTES / 2, crd.metadata.name);
    });
  }

  it('is the same in the types', () => {
    for (const { file, text } of typesFiles())
      assert.equal(readFileSync(join(root, file), 'utf8'), text, `${file} is old: run 'npm run schema' and commit it`);
  });
});
