/** What scenarios may say of clusters. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ClusterPlan } from '../../../lib/kinds/cluster/cluster-plan';
import { resolveScenario } from '../../../lib/scenario/resolve-scenario';
import { selectClusters } from '../../../lib/scenario/select-clusters';
import type { ScenarioStep } from '../../../lib/scenario/steps';
import { refuses } from '../../support/refuses';

const clusterSets = [
  new ClusterPlan({ count: 10, name: 'one' }),
  new ClusterPlan({ count: 4, name: 'two', firstIndex: 11, endpointPort: 30_000 }),
];
const resolve = (...steps: readonly ScenarioStep[]) => resolveScenario({ steps }, { clusterSets });

describe('a selection of clusters', () => {
  const names = (selection: Parameters<typeof selectClusters>[1]) =>
    [...selectClusters(clusterSets, selection)].map(({ cluster }) => cluster.name);

  it('has all clusters of all sets where nothing is said, or all of them are named', () => {
    assert.equal(names({}).length, 14);
    assert.deepEqual(names({ clusters: 'all' }), names({}));
  });

  it('has those of the sets that are named', () => {
    assert.deepEqual(names({ clusterSets: ['two'] }), ['two-11', 'two-12', 'two-13', 'two-14']);
  });

  it('has those of each set whose indexes are given, and a share of them spread evenly', () => {
    assert.deepEqual(names({ clusters: '1,9-11' }), ['one-1', 'one-9', 'one-10', 'two-11']);
    assert.deepEqual(names({ clusters: '1,9-11', share: 0.5 }), ['one-9', 'two-11']);
    assert.deepEqual(names({ clusters: 3 }), ['one-3']);
  });
});

describe('a step for clusters', () => {
  it('may be what hosts have too, where it gives clusters or cluster sets', () => {
    assert.equal(resolve({ pause: { clusters: 'all' } }, { unpause: { clusterSets: ['one'] } }).root.steps.length, 2);
    // Without them it is for hosts, of which there are none.
    refuses(() => resolve({ pause: {} }), /^scenario\.steps\[0\]\.pause: selects no host of the description$/);
  });

  const wrong: readonly (readonly [what: string, step: ScenarioStep, message: RegExp])[] = [
    [
      'clusters and hosts at once',
      { pause: { clusters: 1, hosts: 1 } },
      /^scenario\.steps\[0\]\.pause: is for hosts \(hosts\) or for clusters \(clusters, clusterSets\): make two steps of it$/,
    ],
    [
      'a set that is not described',
      { pause: { clusterSets: ['tow'] } },
      /^scenario\.steps\[0\]\.pause\.clusterSets\[0\]: 'tow' is not a cluster set of the description: use one, two$/,
    ],
    [
      'indexes that are none',
      { pause: { clusters: 'some' } },
      /^scenario\.steps\[0\]\.pause\.clusters: clusters 'some' is not a valid list of indexes/,
    ],
    [
      'indexes that no set has',
      { pause: { clusters: '15-20' } },
      /^scenario\.steps\[0\]\.pause: selects no cluster of the description$/,
    ],
    [
      'a share of nothing',
      { pause: { clusters: 'all', share: 0 } },
      /^scenario\.steps\[0\]\.pause\.share: must be above 0; given 0$/,
    ],
  ];
  for (const [what, step, message] of wrong)
    it(`is refused for ${what}`, () => {
      const said = refuses(() => resolve(step), message);
      assert.equal(said.split('\n').length, 1, said);
    });

  it('is refused where no clusters are described', () => {
    const message = /^scenario\.steps\[0\]\.pause: is for clusters, and the description has none: give clusterSets$/;
    refuses(() => resolveScenario({ steps: [{ pause: { clusters: 'all' } }] }, {}), message);
  });
});
