import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { releases } from '../../../../lib/components/baremetal-operator';
import type { SchemaNode } from '../../../../lib/crd';

const allowedKeys = new Set([
  'type',
  'format',
  'nullable',
  'default',
  'description',
  'enum',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'items',
  'minItems',
  'maxItems',
  'properties',
  'required',
  'additionalProperties',
  'anyOf',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
  'x-kubernetes-preserve-unknown-fields',
]);

/** What keeps a schema from being structural, each with its path. */
function structuralProblems(node: SchemaNode, path: string): string[] {
  const intOrString = node['x-kubernetes-int-or-string'] === true;
  const problems: string[] = [];
  const problem = (text: string) => problems.push(`${path}: ${text}`);

  for (const key of Object.keys(node)) if (!allowedKeys.has(key)) problem(`has ${key}`);
  if (intOrString) {
    if (node.type !== undefined) problem('int-or-string has a type');
    assert.deepEqual(node.anyOf, [{ type: 'integer' }, { type: 'string' }]);
  } else {
    if (node.type === undefined && node['x-kubernetes-preserve-unknown-fields'] !== true) problem('has no type');
    if (node.anyOf !== undefined) problem('has anyOf');
  }
  if (node.type === 'array' && node.items === undefined) problem('list without items');
  if (node.properties !== undefined && node.additionalProperties !== undefined) {
    problem('has both properties and additionalProperties');
  }
  for (const name of node.required ?? []) {
    if (node.properties?.[name] === undefined) problem(`requires ${name}, which it does not have`);
  }
  for (const key of node['x-kubernetes-list-map-keys'] ?? []) {
    if (!node.items?.required?.includes(key)) problem(`list key ${key} is not required in its items`);
  }
  if (node.pattern !== undefined) new RegExp(node.pattern, 'u');

  const children = {
    ...node.properties,
    ...(node.items && { '[]': node.items }),
    ...(node.additionalProperties && { '{}': node.additionalProperties }),
  };
  return [
    ...problems,
    ...Object.entries(children).flatMap(([name, child]) => structuralProblems(child, `${path}.${name}`)),
  ];
}

for (const [version, release] of Object.entries(releases)) {
  describe(`the CRDs of BMO ${version}`, () => {
    for (const crd of release.crds) {
      it(`${crd.spec.names.kind} is structural`, () => {
        for (const { name, schema } of crd.spec.versions) {
          assert.deepEqual(structuralProblems(schema.openAPIV3Schema, name), []);
        }
      });
    }

    it('each have one version that is stored', () => {
      for (const { metadata, spec } of release.crds) {
        assert.equal(spec.versions.filter(({ storage }) => storage).length, 1, metadata.name);
      }
    });

    it('are in the order of their names, none twice', () => {
      const names = release.crds.map(({ metadata }) => metadata.name);
      assert.deepEqual(names, [...new Set(names)].sort());
    });
  });
}

describe('the search for what is not structural', () => {
  it('finds a reference, a union, a node without type and a required field that is not there', () => {
    const node = { type: 'object', properties: { a: { $ref: '#/a' } }, oneOf: [], required: ['b'] } as SchemaNode;
    assert.deepEqual(structuralProblems(node, 'v1'), [
      'v1: has oneOf',
      'v1: requires b, which it does not have',
      'v1.a: has $ref',
      'v1.a: has no type',
    ]);
  });
});

/** What an object that a schema takes may have that another refuses or drops, each with its path. */
function lost(older: SchemaNode, newer: SchemaNode | undefined, path: string): string[] {
  if (newer === undefined) return [`${path}: is gone`];
  const problems: string[] = [];
  if (older.type !== newer.type) problems.push(`${path}: is ${newer.type}, and was ${older.type}`);
  // What has a default is there where nobody gives it.
  for (const name of newer.required ?? [])
    if (!older.required?.includes(name) && newer.properties?.[name]?.default === undefined)
      problems.push(`${path}: requires ${name}`);
  for (const value of older.enum ?? (newer.enum === undefined ? [] : ['anything']))
    if (newer.enum !== undefined && !newer.enum.includes(value)) problems.push(`${path}: refuses ${String(value)}`);
  for (const limit of ['pattern', 'minLength', 'minimum', 'minItems', 'maxLength', 'maximum', 'maxItems'] as const) {
    if (newer[limit] !== undefined && newer[limit] !== older[limit]) problems.push(`${path}: has another ${limit}`);
  }
  for (const [name, child] of Object.entries(older.properties ?? {}))
    problems.push(...lost(child, newer.properties?.[name], `${path}.${name}`));
  if (older.items) problems.push(...lost(older.items, newer.items, `${path}[]`));
  const { additionalProperties } = older;
  if (typeof additionalProperties === 'object')
    problems.push(...lost(additionalProperties, newer.additionalProperties, `${path}{}`));
  return problems;
}

describe('the CRDs of a newer release', () => {
  const [older, newer] = [releases['v0.13.2'], releases['v0.14.0-rc.0']];
  // Operators of both releases share them on one control plane.
  it('take and keep all that those of the release before it do', () => {
    const problems = older.crds.flatMap((crd) => {
      const other = newer.crds.find(({ metadata }) => metadata.name === crd.metadata.name);
      return crd.spec.versions.flatMap(({ name, schema }) =>
        lost(
          schema.openAPIV3Schema,
          other?.spec.versions.find((each) => each.name === name)?.schema.openAPIV3Schema,
          `${crd.spec.names.kind} ${name}`,
        ),
      );
    });
    assert.deepEqual(problems, []);
  });
});
