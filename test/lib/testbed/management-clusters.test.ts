import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TestbedError } from '../../../lib/errors';
import {
  managementClusters,
  MOST_MANAGEMENT_CLUSTERS,
  type TestbedDescription,
} from '../../../lib/testbed/management-clusters';
import { resolveTestbed } from '../../../lib/testbed/resolve';
import { requireTestbedShape } from '../../../lib/testbed/schema';
import { refuses } from '../../support/refuses';

/** Where an error says that it is. */
function refusedAt(path: string, description: TestbedDescription, message: RegExp): void {
  assert.throws(
    () => managementClusters(description),
    (error) => {
      assert.ok(error instanceof TestbedError && error.code === 'invalid-input', String(error));
      assert.match(error.message, message);
      assert.equal(error.path, path);
      return true;
    },
  );
}

const endpointsOf = (description: TestbedDescription) =>
  managementClusters(description).map(({ props }) =>
    resolveTestbed(props).clusterSets.flatMap((set) =>
      [...set.clusters()].map(({ endpoint: { host, port } }) => `${host}:${port}`),
    ),
  );

describe('the management clusters of a description', () => {
  it('have what is common to all, and what each says in its place', () => {
    const scenario = { steps: [{ enroll: {} }] };
    const all = managementClusters({
      hostSets: [{ count: 3 }],
      scenario,
      managementClusters: [
        { name: 'east' },
        { name: 'west', hostSets: [{ count: 5, name: 'w' }], operators: [], scenario: undefined },
      ],
    });
    assert.deepEqual(all, [
      { name: 'east', props: { hostSets: [{ count: 3 }], scenario } },
      { name: 'west', props: { hostSets: [{ count: 5, name: 'w' }], operators: [], scenario } },
    ]);
  });

  it('are one with the name default where it is of one testbed', () => {
    const description: TestbedDescription = { hostSets: [{ count: 3 }] };
    assert.deepEqual(managementClusters(description), [{ name: 'default', props: description }]);
  });

  it('have names of their own, which are DNS labels', () => {
    const named = (...names: readonly string[]) => ({ managementClusters: names.map((name) => ({ name })) });
    refusedAt('managementClusters[1].name', named('a', 'B'), /^name 'B' is not a valid DNS label/);
    refusedAt('managementClusters[0].name', named('../a'), /not a valid DNS label/);
    refusedAt(
      'managementClusters[2].name',
      named('a', 'b', 'a'),
      /^name 'a' is that of managementClusters\[0\] too: give each its own/,
    );
    refusedAt('managementClusters', named(), /0 are described: describe 1 to 40/);
    const many = Array.from({ length: MOST_MANAGEMENT_CLUSTERS + 1 }, (_, i) => `c${i}`);
    refusedAt('managementClusters', named(...many), /41 are described/);
    assert.equal(managementClusters(named(...many.slice(1))).length, MOST_MANAGEMENT_CLUSTERS);
  });

  it('have their clusters at ports of their own, unless something is said of them', () => {
    const east = { name: 'east' };
    const west = { name: 'west' };
    assert.deepEqual(endpointsOf({ clusterSets: [{ count: 2 }], managementClusters: [east, west] }), [
      ['127.0.0.1:20000', '127.0.0.1:20001'],
      ['127.0.0.1:21000', '127.0.0.1:21001'],
    ]);
    const said = { count: 1, endpointAddresses: ['127.1.0.0/16'] };
    assert.deepEqual(endpointsOf({ clusterSets: [said], managementClusters: [east, west] }), [
      ['127.1.0.1:6443'],
      ['127.1.0.1:6443'],
    ]);
    assert.deepEqual(
      endpointsOf({ managementClusters: [east, { ...west, clusterSets: [{ count: 1, endpointPort: 30_000 }] }] }),
      [[], ['127.0.0.1:30000']],
    );
    // Its Services are those of its cluster.
    const inTheCluster = { clusterSets: [{ count: 1 }], workloadApi: {}, managementClusters: [east, west] };
    const [first, second] = endpointsOf(inTheCluster);
    assert.deepEqual(first, second);
  });

  it('are not one testbed, wherever one is taken', () => {
    const description: TestbedDescription = { hostSets: [], managementClusters: [{ name: 'a' }] };
    refuses(() => resolveTestbed(description), /several testbeds are described, and this takes one/);
  });

  it('are checked field by field, each as a whole description is', () => {
    const shape = (value: unknown) => () => requireTestbedShape(value, 'f');
    refuses(shape({ managementClusters: [{ name: 'a', hostSet: [] }] }), /\[0\]\.hostSet: unknown field; did you mean/);
    refuses(shape({ managementClusters: [{ hostSets: [] }] }), /managementClusters\[0\]\.name: is required/);
    refuses(shape({ managementClusters: [] }), /managementClusters: must have at least 1 items/);
    refuses(shape({ managementCluster: [] }), /did you mean 'managementClusters'/);
    refuses(
      shape({ managementClusters: [{ name: 'a', managementClusters: [{ name: 'b' }] }] }),
      /managementClusters\[0\]\.managementClusters: unknown field/,
    );
    shape({ hostSets: [{ count: 1 }], managementClusters: [{ name: 'a', scenario: { steps: [{ enroll: {} }] } }] })();
  });
});
