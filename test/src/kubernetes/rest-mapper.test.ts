import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { itemPath, RESTMapper } from '../../../src/kubernetes/rest-mapper';
import { FakeApi } from '../install/fake-api';

describe('REST mapper', () => {
  it('are found by group and kind in the preferred version, or in one that has the kind', async (t) => {
    const api = await FakeApi.start(t);
    const versions = ['x.example/v1', 'x.example/v2', 'x.example/v1beta1'].map((groupVersion) => ({ groupVersion }));
    const groups = [{ name: 'x.example', preferredVersion: versions[1], versions }];
    const serves = (version: string, ...kinds: string[]) => {
      const resources = kinds.map((kind) => ({ name: `${kind.toLowerCase()}s`, kind, namespaced: true }));
      api.answers.set(`GET /apis/x.example/${version}`, () => [200, { resources }]);
    };
    api.answers.set('GET /apis', () => [200, { groups }]);
    serves('v1', 'Both');
    serves('v2', 'Both');
    serves('v1beta1', 'Old');
    const mapper = new RESTMapper(api.client);
    const versionOf = async (kind: string) => (await mapper.lookForGroupKind('x.example', kind))?.apiVersion;
    assert.equal(await versionOf('Both'), 'x.example/v2');
    assert.equal(await versionOf('Old'), 'x.example/v1beta1');
    assert.equal(await versionOf('None'), undefined);
    assert.equal(await mapper.lookForGroupKind('y.example', 'Both'), undefined);
  });

  it('have no paths for names that would be others', () => {
    const resource = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      plural: 'configmaps',
      namespaced: true,
      defaultNamespace: 'd',
    };
    for (const name of ['..', '.', '', '\ud800'])
      assert.throws(() => itemPath(resource, 'a', name), {
        code: 'invalid-input',
        message: /is not a valid name of an object/,
      });
    assert.throws(() => itemPath(resource, '..', 'a'), { code: 'invalid-input' });
    assert.equal(itemPath(resource, 'a', 'system:x/y'), '/api/v1/namespaces/a/configmaps/system%3Ax%2Fy');
  });
});
