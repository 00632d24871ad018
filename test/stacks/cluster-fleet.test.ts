import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { SensitiveText } from '../../lib';
import { ClusterFleet } from '../../stacks/resources/cluster-fleet';
import type { ClusterFleetArgs } from '../../stacks/resources/cluster-fleet-args';
import { isSecretOutput, record, secretValue, valueOf } from '../support/pulumi-recorder';
import { refuses } from '../support/refuses';

const registeredBy = async (program: () => unknown) => (await record(program, { project: 'lab' })).resources;
const make = (args: Partial<ClusterFleetArgs>, name = 'racks') =>
  new ClusterFleet(name, { kubeconfig: '/nowhere/kubeconfig', count: 3, ...args });
const register = (args: Partial<ClusterFleetArgs>) => registeredBy(() => make(args));

describe('ClusterFleet', () => {
  it('is one resource, however many clusters there are', async () => {
    const registered = await register({ count: 1_000, name: 'c', controlPlanes: 3 });
    assert.deepEqual(
      registered.map(({ type, name, parent }) => [type, name, parent]),
      [
        ['metal3-testbed:index:ClusterFleet', 'racks', undefined],
        ['pulumi-nodejs:dynamic/metal3-testbed:ClusterFleet', 'racks', 'racks'],
      ],
    );
    const { __provider, kubeconfig, ...inputs } = registered[1]?.inputs ?? {};
    assert.equal(typeof __provider, 'string');
    assert.equal(secretValue(kubeconfig), '/nowhere/kubeconfig');
    assert.deepEqual(inputs, {
      defaultSet: 'lab.dev.racks',
      fleet: 'urn:pulumi:dev::lab::metal3-testbed:index:ClusterFleet::racks',
      clusterSet: { count: 1_000, name: 'c', controlPlanes: 3 },
      createNamespaces: true,
      forceConflicts: false,
      onClusterGone: 'fail',
      deleteTimeoutSeconds: 600,
      waitFor: 'none',
    });
  });

  it('keeps keys and credentials apart as secrets, and shows everything else', async () => {
    const given: Partial<ClusterFleetArgs>[] = [
      { keySeed: 'canary-1' },
      { keySeed: new SensitiveText('canary-1') },
      { keySeed: pulumi.output('canary-1') },
      { hosts: { spare: 1, credentials: { username: 'admin', password: 'canary-1' } } },
      { hosts: { spare: 1, credentials: { username: 'admin', password: pulumi.output('canary-1') } } },
      { hosts: pulumi.output({ spare: 1, credentials: { username: 'admin', password: 'canary-1' } }) },
      { certificateAuthority: { certificate: 'a', key: new SensitiveText('canary-1') } },
      { certificateAuthority: pulumi.output({ certificate: 'a', key: 'canary-1' }) },
    ];
    for (const args of given) {
      const [component, fleet] = await register(args);
      assert.doesNotMatch(JSON.stringify(component?.inputs), /canary/);
      const { secrets, clusterSet, ...rest } = fleet?.inputs ?? {};
      assert.doesNotMatch(JSON.stringify(rest), /canary/);
      const held = [secrets, clusterSet].filter((each) => JSON.stringify(each)?.includes('canary-1'));
      assert.equal(held.length, 1);
      assert.notEqual(secretValue(held[0]), undefined);
    }
  });

  it('shows where keys and credentials are, which are none', async () => {
    const credentials = { usernameFrom: { env: 'BMC_USER' }, passwordFrom: { file: 'password' } };
    const certificateAuthority = { certificateFrom: { file: 'ca.crt' }, keyFrom: { file: 'ca.key' } };
    const [, fleet] = await register({ hosts: { spare: 1, credentials }, certificateAuthority });
    assert.deepEqual(fleet?.inputs['secrets'], { credentials, certificateAuthority });
    assert.deepEqual(fleet?.inputs['clusterSet'], { count: 3, hosts: { spare: 1 } });
  });

  it('puts out how many clusters and machines there are, how they are called and where', async () => {
    const readiness = { states: { available: 3 }, seconds: 4 };
    const objects = { 'Cluster.cluster.x-k8s.io': 3 };
    const { result } = await record(
      () => make({ name: 'c', firstIndex: 5, namespace: 'lab', controlPlanes: 3, workers: 2, clustersPerNamespace: 2 }),
      { project: 'lab', outputsOf: () => ({ readiness, objects, set: 'lab.dev.racks' }) },
    );
    assert.equal(await valueOf(result.count), 3);
    assert.equal(await valueOf(result.machines), 15);
    assert.deepEqual(await valueOf(result.clusterNames), { pattern: 'c-{index}', firstIndex: 5, count: 3 });
    assert.deepEqual(await valueOf(result.namespaces), ['lab-3', 'lab-4']);
    assert.equal(await valueOf(result.set), 'lab.dev.racks');
    assert.deepEqual(await valueOf(result.readiness), readiness);
    assert.deepEqual(await valueOf(result.objects), objects);
    assert.equal(await isSecretOutput(result.kubeconfig), true);
    assert.equal(await isSecretOutput(result.clusterNames), false);
  });

  it('takes outputs of other resources, nested ones too', async () => {
    const { result, resources } = await record(
      () =>
        make({
          count: pulumi.output(2),
          overrides: [{ clusters: 2, workers: pulumi.output(4) }],
          hosts: { spare: pulumi.output(1) },
          keySeed: pulumi.secret('canary-1'),
        }),
      { project: 'lab' },
    );
    assert.deepEqual(resources[1]?.inputs['clusterSet'], {
      count: 2,
      overrides: [{ clusters: 2, workers: 4 }],
      hosts: { spare: 1 },
    });
    assert.equal(await valueOf(result.machines), 7);
  });

  it('refuses what gives no valid clusters, before anything is registered', async () => {
    const { resources } = await record(() => {
      const refused: readonly (readonly [Partial<ClusterFleetArgs>, RegExp])[] = [
        [{ controlPlanes: 2 }, /controlPlanes/],
        [{ kubernetesVersion: 'v1.11.0' }, /kubernetes/i],
        [{ count: -1 }, /count/],
        [{ clutserClass: {} } as Partial<ClusterFleetArgs>, /clutserClass/],
        [{ override: () => undefined } as Partial<ClusterFleetArgs>, /override, a function/],
        [{ waitFor: { state: 'inspecting' } }, /inspecting/],
        [{ set: 'No Name' }, /set of ClusterFleet racks/],
        [{ onClusterGone: 'skip' as 'fail' }, /onClusterGone: must be one of 'fail', 'forget'; given 'skip'/],
        [
          { releases: { clusterAPI: 'v1.13.4' } as object },
          /releases\.clusterAPI: unknown field; did you mean 'clusterApi'/,
        ],
        [{ kubeconfig: undefined }, /ClusterFleet racks is for no cluster/],
      ];
      for (const [args, message] of refused) refuses(() => make(args), message, 'invalid-input');
    });
    assert.deepEqual(resources, []);
  });
});
