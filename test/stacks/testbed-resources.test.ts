import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import type { KubernetesObject } from '../../src/kubernetes/objects';
import { TestbedResources } from '../../stacks/testbed-resources';

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: KubernetesObject;
}

const registered: Registered[] = [];

describe('the Pulumi program', () => {
  before(async () => {
    await pulumi.runtime.setMocks({
      newResource: ({ type, name, inputs }) => {
        registered.push({ type, name, inputs: inputs as KubernetesObject });
        return { id: `${name}-id`, state: inputs as object };
      },
      call: () => ({}),
    });
    const provider = new kubernetes.Provider('cluster', { kubeconfig: '/nowhere/kubeconfig' });
    new TestbedResources('testbed', {
      provider,
      testbed: { hostSets: [{ count: 3, namespace: 'lab' }] },
    });
    // Registration goes on in the background; it is over once nothing is under way any more.
    await pulumi.runtime.disconnect();
  });

  const objects = () =>
    registered
      .filter(({ type }) => type.startsWith('kubernetes:') || type.includes('/'))
      .map(({ inputs }) => inputs)
      .filter(({ kind }) => kind !== undefined);

  it('registers every object of the testbed, each with a name of its own', () => {
    const kinds = Map.groupBy(objects(), ({ kind }) => kind);
    assert.equal(kinds.get('BareMetalHost')?.length, 3);
    assert.equal(kinds.get('CustomResourceDefinition')?.length, 11 + 6);
    assert.equal(kinds.get('Deployment')?.length, 4);
    const names = registered.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    assert.ok(names.includes('testbed/BareMetalHost/lab/worker-2'));
  });

  it('registers what is needed before what needs it', () => {
    const position = (kind: string, name: string) =>
      objects().findIndex((object) => object.kind === kind && object.metadata.name === name);
    const order = [
      position('Namespace', 'lab'),
      position('CustomResourceDefinition', 'baremetalhosts.metal3.io'),
      position('Secret', 'worker-1-bmc-secret'),
      position('Deployment', 'baremetal-operator-controller-manager'),
      position('BareMetalHost', 'worker-1'),
    ];
    assert.ok(
      order.every((at) => at >= 0),
      order.join(),
    );
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
    );
  });

  it('keeps credentials secret in the state', () => {
    const secret = objects().find(({ kind }) => kind === 'Secret');
    // Mocks are given secrets as the engine is: wrapped, and marked by Pulumi's signature.
    assert.match(JSON.stringify(secret?.['data']), /4dabf18193072939515e22adb298388d|1b47061264138c4ac30d75fd1eb44270/);
  });
});
