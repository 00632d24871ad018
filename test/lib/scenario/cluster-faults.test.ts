/** What scenarios may say of faults of clusters and of what takes care of them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ClusterPlan } from '../../../lib/kinds/cluster/cluster-plan';
import { resolveScenario } from '../../../lib/scenario/resolve-scenario';
import type { ScenarioStep } from '../../../lib/scenario/steps';
import type { WorkloadApiFault } from '../../../lib/scenario/workload-api-faults';
import { resolveTestbed } from '../../../lib/testbed/resolve';
import { refuses } from '../../support/refuses';

const clusterSets = [
  new ClusterPlan({ count: 4, name: 'one' }),
  new ClusterPlan({ count: 2, name: 'two', firstIndex: 11, endpointPort: 30_000, etcd: 'external' }),
];
const managers = ['core', 'kubeadmControlPlane', 'workloadApi'] as const;
const resolve = (...steps: readonly ScenarioStep[]) => resolveScenario({ steps }, { clusterSets, managers });
const fault = (props: object): ScenarioStep => ({ workloadApiFault: { forSeconds: 1, ...props } });
const PATH = 'scenario\\.steps\\[0\\]\\.workloadApiFault';

describe('a step that is a fault of the API of workload clusters', () => {
  const allowed: readonly WorkloadApiFault[] = [
    { latency: { milliseconds: 100 } },
    { latency: { leastMilliseconds: 0, mostMilliseconds: 100 }, requestShare: 0.1 },
    { latency: { meanMilliseconds: 100 } },
    { latency: { medianMilliseconds: 20, p99Milliseconds: 1_000 } },
    { errors: [500, 503], requestShare: 0.5 },
    { resets: true },
    { unreachable: 'refused' },
    { unreachable: 'silent' },
    { slowWatch: {} },
    { slowWatch: { milliseconds: 5_000 } },
    { expiredCertificate: 'apiServer' },
    { nodes: 'notReady', nodeShare: 0.5, nodesOf: 'workers' },
    { nodes: 'gone', nodesOf: 'controlPlane' },
    { nodes: 'neverJoin' },
  ];
  it('may be any of them, for all clusters or some', () => {
    for (const each of allowed) {
      assert.equal(resolve(fault(each)).root.steps.length, 1);
      assert.equal(resolve(fault({ ...each, clusterSets: ['one'], clusters: '1-2', share: 0.5 })).root.steps.length, 1);
    }
    for (const etcd of ['memberUnhealthy', 'noQuorum'])
      assert.equal(resolve(fault({ etcd, clusterSets: ['one'] })).root.steps.length, 1);
  });

  const wrong: readonly (readonly [what: string, props: object, message: string])[] = [
    ['no fault', {}, ': must have exactly one of latency, errors, resets, .*; given none'],
    ['two', { resets: true, errors: [500] }, ': must have exactly one of .*; given errors and resets '],
    ['a share of no cluster', { resets: true, share: 0 }, '\\.share: must be above 0; given 0'],
    ['a share of no request', { resets: true, requestShare: 0 }, '\\.requestShare: must be above 0; given 0'],
    ['no time', { resets: true, forSeconds: 0 }, '\\.forSeconds: must be above 0; given 0'],
    ['more than a day', { resets: true, forSeconds: 90_000 }, '\\.forSeconds: .*86400'],
    [
      'a set that is not described',
      { resets: true, clusterSets: ['on'] },
      "\\.clusterSets\\[0\\]: 'on' is not a cluster set",
    ],
    ['clusters that there are not', { resets: true, clusters: 7 }, ': selects no cluster of the description'],
    ['a code that is no error', { errors: [200] }, '\\.errors\\[0\\]: .*400'],
    ['no code', { errors: [] }, '\\.errors: '],
    [
      'a latency of nothing',
      { latency: {} },
      '\\.latency: must have milliseconds, or leastMilliseconds and .*; given none',
    ],
    ['half of a latency', { latency: { medianMilliseconds: 1 } }, '\\.latency: must have .*; given medianMilliseconds'],
    [
      'two latencies',
      { latency: { milliseconds: 1, meanMilliseconds: 1 } },
      '\\.latency: must have .*; given milliseconds and mean',
    ],
    [
      'a least above the most',
      { latency: { leastMilliseconds: 2, mostMilliseconds: 1 } },
      '\\.latency: leastMilliseconds must not be above mostMilliseconds; given 2 and 1',
    ],
    ['a latency of 0', { latency: { milliseconds: 0 } }, '\\.latency: must be above 0; given 0'],
    [
      'a share of nodes for requests',
      { errors: [500], nodeShare: 0.5 },
      '\\.nodeShare: goes with nodes, not with errors',
    ],
    [
      'a share of requests for nodes',
      { nodes: 'gone', requestShare: 0.5 },
      '\\.requestShare: goes with latency, errors and resets',
    ],
    [
      'a share of nodes that never join',
      { nodes: 'neverJoin', nodeShare: 0.5 },
      '\\.nodeShare: goes with notReady and gone',
    ],
    [
      'the etcd of clusters that have none',
      { etcd: 'noQuorum' },
      ': is for the etcd of clusters, and that of two-11 is external',
    ],
    ['a rate', { resets: true, perSecond: 1 }, '\\.perSecond: unknown field'],
  ];
  for (const [what, props, message] of wrong)
    it(`is refused with ${what}`, () => {
      refuses(() => resolve(fault(props)), new RegExp(`^${PATH}${message}`));
    });

  it('is refused where there are no clusters, or nobody who answers for their API', () => {
    const step = fault({ resets: true });
    refuses(
      () => resolveTestbed({ hostSets: [{ count: 1 }], scenario: { steps: [step] } }),
      new RegExp(`^${PATH}: is for clusters, and the description has none: give clusterSets$`, 'm'),
    );
    refuses(
      () => resolveScenario({ steps: [step] }, { clusterSets, managers: ['core'] }),
      new RegExp(
        `^${PATH}: needs the API of workload clusters, which a testbed has that has all of clusterApi itself$`,
      ),
    );
    assert.ok(resolveTestbed({ clusterSets: [{ count: 1 }], scenario: { steps: [step] } }));
  });
});

describe('a step that is a fault of what takes care of clusters', () => {
  it('may be for one manager, or for all', () => {
    for (const manager of [undefined, ...managers]) {
      assert.equal(resolve({ killManager: { manager, downSeconds: 1 } }).root.steps.length, 1);
      assert.equal(resolve({ slowManager: { manager, stoppedShare: 0.5, forSeconds: 1 } }).root.steps.length, 1);
    }
  });

  it('is refused for one that is not part of the testbed, and without any', () => {
    refuses(
      () => resolve({ killManager: { manager: 'metal3Provider' } }),
      /^scenario\.steps\[0\]\.killManager\.manager: the description has no metal3Provider: use core, kubeadmControlPlane, workloadApi$/,
    );
    refuses(
      () => resolve({ slowManager: { stoppedShare: 0, forSeconds: 1 } }),
      /^scenario\.steps\[0\]\.slowManager\.stoppedShare: must be above 0; given 0$/,
    );
    refuses(
      () => resolveTestbed({ hostSets: [{ count: 1 }], scenario: { steps: [{ killManager: {} }] } }),
      /killManager: is for managers of clusters, and the description has none: give clusterApi or clusterSets$/m,
    );
  });
});
