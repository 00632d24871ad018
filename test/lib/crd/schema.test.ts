import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  array,
  boolean,
  customResource,
  enumeration,
  integer,
  intOrString,
  map,
  mapList,
  nullable,
  object,
  required,
  setList,
  string,
  unknownFields,
  withDefault,
} from '../../../lib/crd';

describe('a schema', () => {
  it('is the openAPIV3Schema that it says', () => {
    const schema = object(
      {
        zone: required(string({ pattern: '^z', maxLength: 9 })),
        address: required(string()),
        mode: withDefault(enumeration('on', 'off'), 'on'),
        count: integer({ format: 'int32', minimum: 1 }),
        volumes: nullable(array(string(), { maxItems: 2 })),
        port: intOrString(),
        flag: boolean([true, false]),
      },
      { mapType: 'atomic' },
    );
    assert.deepEqual(schema, {
      type: 'object',
      required: ['address', 'zone'],
      properties: {
        zone: { type: 'string', pattern: '^z', maxLength: 9 },
        address: { type: 'string' },
        mode: { type: 'string', enum: ['on', 'off'], default: 'on' },
        count: { type: 'integer', format: 'int32', minimum: 1 },
        volumes: { type: 'array', items: { type: 'string' }, maxItems: 2, nullable: true },
        port: { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true },
        flag: { type: 'boolean', enum: [true, false] },
      },
      'x-kubernetes-map-type': 'atomic',
    });
  });

  it('tells lists and maps apart', () => {
    assert.deepEqual(mapList(object({ type: required(string()) }), ['type']), {
      type: 'array',
      items: { type: 'object', required: ['type'], properties: { type: { type: 'string' } } },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    });
    assert.deepEqual(setList(string()), {
      type: 'array',
      items: { type: 'string' },
      'x-kubernetes-list-type': 'set',
    });
    assert.deepEqual(map(integer()), { type: 'object', additionalProperties: { type: 'integer' } });
    assert.deepEqual(unknownFields(), { type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
    assert.deepEqual(object({}), { type: 'object' });
  });

  it('is not changed by what is made from it', () => {
    const mode = enumeration('on', 'off');
    withDefault(mode, 'on');
    nullable(mode);
    assert.deepEqual(mode, { type: 'string', enum: ['on', 'off'] });
  });
});

describe('a custom resource', () => {
  const spec = object({ url: required(string()) });

  it('gets its names from kind and plural', () => {
    const crd = customResource({
      group: 'example.org',
      kind: 'DataImage',
      plural: 'dataimages',
      versions: [{ name: 'v1', spec }],
    });
    assert.deepEqual(crd, {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'dataimages.example.org' },
      spec: {
        group: 'example.org',
        names: { kind: 'DataImage', listKind: 'DataImageList', plural: 'dataimages', singular: 'dataimage' },
        scope: 'Namespaced',
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  apiVersion: { type: 'string' },
                  kind: { type: 'string' },
                  metadata: { type: 'object' },
                  spec,
                },
              },
            },
          },
        ],
      },
    });
  });

  it('has what else it is given, version by version', () => {
    const columns = [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }] as const;
    const { scope, names, versions } = customResource({
      group: 'example.org',
      kind: 'Thing',
      plural: 'things',
      shortNames: ['th'],
      scope: 'Cluster',
      versions: [
        { name: 'v1', spec, status: object({}), columns, subresources: { status: {} } },
        { name: 'v1alpha1', spec, served: false, storage: false },
      ],
    }).spec;
    assert.equal(scope, 'Cluster');
    assert.deepEqual(names.shortNames, ['th']);
    assert.deepEqual(
      versions.map(({ name, served, storage }) => ({ name, served, storage })),
      [
        { name: 'v1', served: true, storage: true },
        { name: 'v1alpha1', served: false, storage: false },
      ],
    );
    assert.deepEqual(versions[0]?.additionalPrinterColumns, columns);
    assert.deepEqual(versions[0].subresources, { status: {} });
    assert.deepEqual(versions[0].schema.openAPIV3Schema.properties?.status, { type: 'object' });
    assert.equal(versions[1]?.subresources, undefined);
  });
});
