import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { object, required, string } from '../../../../lib/crd';
import { asOf, list, requiredBefore, sayingSince, since } from '../../../../lib/components/cert-manager/crds/since';

describe('a schema with notes on releases', () => {
  const schema = object({
    name: required(string()),
    region: requiredBefore('v1.21.1', string()),
    profile: since('v1.21.1', object({ tags: list(string()) })),
    names: list(string()),
  });

  it('has in an older release what that release has', () => {
    assert.deepEqual(asOf('v1.11.0', schema), {
      type: 'object',
      required: ['name', 'region'],
      properties: {
        name: { type: 'string' },
        region: { type: 'string' },
        names: { type: 'array', items: { type: 'string' } },
      },
    });
  });

  it('has all in the newest', () => {
    const names = { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'atomic' };
    assert.deepEqual(asOf('v1.21.1', schema), {
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string' },
        region: { type: 'string' },
        profile: { type: 'object', properties: { tags: names } },
        names,
      },
    });
  });

  it('may carry several notes', () => {
    const rule = { rule: 'self.size() > 0', message: 'must not be empty' };
    const noted = object({
      label: since('v1.21.1', sayingSince('v1.21.1', string(), { 'x-kubernetes-validations': [rule] })),
    });
    assert.deepEqual(asOf('v1.11.0', noted), { type: 'object', properties: {} });
    assert.deepEqual(asOf('v1.21.1', noted).properties, {
      label: { type: 'string', 'x-kubernetes-validations': [rule] },
    });
  });

  it('leaves no note behind', () => {
    for (const version of ['v1.11.0', 'v1.21.1'] as const) {
      const names = asOf(version, schema).properties?.names ?? {};
      assert.deepEqual(Object.getOwnPropertySymbols(names), []);
    }
  });
});
