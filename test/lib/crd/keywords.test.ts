import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anything, bytes, check, customResource, intOrString, object, string } from '../../../lib/crd';

describe('keywords of a schema', () => {
  it('refuses bytes that are not base64', () => {
    assert.deepEqual(check(bytes(), 'bWV0YWwz', 'caBundle'), []);
    assert.deepEqual(check(bytes(), '-----BEGIN', 'caBundle'), [
      { path: 'caBundle', message: "must be base64; given '-----BEGIN'" },
    ]);
  });

  it('holds a pattern for the string of an integer or string, and not for the integer', () => {
    const quantity = intOrString({ pattern: '^[0-9]+(m|Mi)?$' });
    assert.deepEqual(check(quantity, 2, 'cpu'), []);
    assert.deepEqual(check(quantity, '100m', 'cpu'), []);
    assert.deepEqual(check(quantity, '1 core', 'cpu'), [
      { path: 'cpu', message: "must match ^[0-9]+(m|Mi)?$; given '1 core'" },
    ]);
    assert.equal(check(quantity, 1.5, 'cpu').length, 1);
  });

  it('takes any value where anything is allowed', () => {
    for (const value of ['text', 1, true, [1], { deep: { er: [] } }]) {
      assert.deepEqual(check(anything(), value, 'config'), []);
    }
  });
});

describe('a custom resource definition', () => {
  const definition = customResource({
    group: 'example.org',
    kind: 'Sample',
    plural: 'samples',
    categories: ['everything'],
    labels: { app: 'sample' },
    annotations: { 'example.org/keep': 'true' },
    versions: [
      {
        name: 'v1',
        spec: object({ owner: string() }),
        required: ['metadata', 'spec'],
        selectableFields: ['.spec.owner'],
      },
    ],
  });

  it('carries categories, labels and annotations', () => {
    assert.deepEqual(definition.spec.names.categories, ['everything']);
    assert.deepEqual(definition.metadata, {
      name: 'samples.example.org',
      labels: { app: 'sample' },
      annotations: { 'example.org/keep': 'true' },
    });
  });

  it('says which parts an object must have and by which fields a list is selected', () => {
    const version = definition.spec.versions[0];
    assert.deepEqual(version?.schema.openAPIV3Schema.required, ['metadata', 'spec']);
    assert.deepEqual(version?.selectableFields, [{ jsonPath: '.spec.owner' }]);
  });

  it('leaves out what is not given', () => {
    const plain = customResource({
      group: 'example.org',
      kind: 'Plain',
      plural: 'plains',
      versions: [{ name: 'v1', spec: object({}) }],
    });
    assert.deepEqual(Object.keys(plain.metadata), ['name']);
    assert.equal('categories' in plain.spec.names, false);
    assert.equal('required' in (plain.spec.versions[0]?.schema.openAPIV3Schema ?? {}), false);
  });
});
