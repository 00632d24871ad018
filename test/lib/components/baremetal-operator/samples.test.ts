import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { releases } from '../../../../lib/components/baremetal-operator';
import { check, type SchemaNode } from '../../../../lib/crd';
import { samples } from '../../../support/samples';
import { skipWithout, upstreamObjects } from '../../../support/upstream';

/** The fields of a schema that no value has, by path. */
function unusedFields(node: SchemaNode, values: readonly unknown[], path: string): string[] {
  if (node.items) return unusedFields(node.items, values.flat(), path);
  const objects = values.filter((value) => typeof value === 'object' && value !== null);
  if (node.additionalProperties) return unusedFields(node.additionalProperties, objects.flatMap(Object.values), path);
  return Object.entries(node.properties ?? {}).flatMap(([name, field]) => {
    const given = objects.flatMap((value) => (name in value ? [(value as Record<string, unknown>)[name]] : []));
    return given.length === 0 ? [`${path}.${name}`] : unusedFields(field, given, `${path}.${name}`);
  });
}

interface Definition {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: SchemaNode } }[];
  };
}

function partsOf(definition: Definition): Readonly<Record<string, SchemaNode>> {
  return definition.spec.versions[0]?.schema.openAPIV3Schema.properties ?? {};
}

for (const [release, { crds }] of Object.entries(releases)) {
  const given = samples(release);
  const unused = (definition: Definition) => {
    const found = given.find(({ kind }) => kind === definition.spec.names.kind);
    const { spec, status } = partsOf(definition);
    return [
      ...unusedFields(spec ?? {}, [found?.spec], `${definition.spec.names.kind}.spec`),
      ...unusedFields(status ?? {}, [found?.status], `${definition.spec.names.kind}.status`),
    ];
  };

  describe(`the samples for BMO ${release}`, () => {
    it('give every field of every kind', () => {
      assert.deepEqual(crds.flatMap(unused), []);
    });

    const manifest = `baremetal-operator/${release}.yaml`;
    it("give every field that the release's own CRDs have", { skip: skipWithout(manifest) }, () => {
      const definitions = upstreamObjects(manifest).filter(({ kind }) => kind === 'CustomResourceDefinition');
      assert.equal(definitions.length, crds.length);
      assert.deepEqual((definitions as unknown as Definition[]).flatMap(unused), []);
    });

    it('are right', () => {
      for (const { kind, spec, status } of given) {
        const definition = crds.find((crd) => crd.spec.names.kind === kind);
        const parts = partsOf(definition!);
        assert.deepEqual(check(parts['spec']!, spec, `${kind}.spec`), []);
        if (status) assert.deepEqual(check(parts['status']!, status, `${kind}.status`), []);
      }
    });
  });
}

describe('the search for unused fields', () => {
  it('finds what no item of a list has, at any depth', () => {
    const node: SchemaNode = { properties: { a: { items: { properties: { b: {}, c: {} } } }, d: {} } };
    assert.deepEqual(unusedFields(node, [{ a: [{ b: 1 }, {}] }], 'x'), ['x.a.c', 'x.d']);
  });
});
