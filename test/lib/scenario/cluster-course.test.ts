/** Steps for clusters that cannot be at their time are refused before anything is started. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ClusterPlan } from '../../../lib/kinds/cluster/cluster-plan';
import type { ClusterSetProps } from '../../../lib/kinds/cluster/cluster-set-props';
import { resolveScenario } from '../../../lib/scenario/resolve-scenario';
import { ClustersOfSteps } from '../../../lib/scenario/missing-clusters';
import type { ScenarioStep } from '../../../lib/scenario/steps';
import { refuses } from '../../support/refuses';

const all = { clusters: 'all' } as const;
const spare: ClusterSetProps = { count: 4, name: 'c', hosts: { spare: 4 }, healthCheck: { remediation: 'replace' } };
const resolve = (props: Partial<ClusterSetProps>, ...steps: readonly ScenarioStep[]) =>
  resolveScenario({ steps }, { clusterSets: [new ClusterPlan({ ...spare, ...props })] });
const churn = { ...all, share: 0.5, everySeconds: 1, forSeconds: 1 };

describe('a scenario of clusters', () => {
  const taken: readonly (readonly [what: string, props: Partial<ClusterSetProps>, steps: readonly ScenarioStep[]])[] = [
    ['changes those that it begins with', {}, [{ scaleWorkers: { replicas: 2 } }, { delete: all }, { create: {} }]],
    ['makes some of them', {}, [{ scaleWorkers: { clusters: '1-2', replicas: 0 } }, { create: { clusters: '3-4' } }]],
    ['deletes and makes again', {}, [{ create: {} }, { delete: all }, { create: { waves: { size: 2 } } }, { churn }]],
    ['upgrades twice', {}, [{ upgrade: { version: 'v1.35.1' } }, { upgrade: { version: 'v1.36.0' } }]],
    ['is side by side', {}, [{ create: {} }, { parallel: [{ pause: all }, { sequence: [{ unpause: all }] }] }]],
    [
      'replaces without a surge where no host is free',
      { hosts: undefined, rollout: { maxUnavailable: 1 } },
      [{ rollout: { role: 'workers' } }],
    ],
    ['scales on hosts of others', { hosts: undefined, hostSelector: { matchLabels: { a: 'b' } } }, [{ rollout: {} }]],
    [
      'remediates a control plane that was scaled up',
      {},
      [{ scaleControlPlane: { replicas: 3 } }, { remediate: { role: 'controlPlane' } }],
    ],
    ['remediates one machine by a reboot', { healthCheck: {} }, [{ remediate: { role: 'controlPlane' } }]],
  ];
  for (const [what, props, steps] of taken)
    it(`is taken where it ${what}`, () => {
      assert.equal(resolve(props, ...steps).root.steps.length, steps.length);
    });

  const at = 'scenario\\.steps\\[';
  const refused: readonly (readonly [Partial<ClusterSetProps>, string, ...ScenarioStep[]])[] = [
    [
      {},
      `${at}1\]\.create: all of its 4 clusters are there already by then, such as c-1/c-1: delete them before, or select others$`,
      { scaleWorkers: { replicas: 1 } },
      { create: {} },
    ],
    [
      {},
      `${at}1\\]\\.create: 2 of its 4 clusters are there already by then`,
      { create: { clusters: '1-2' } },
      { create: {} },
    ],
    [
      {},
      `${at}1\\]\\.upgrade: all of its 4 clusters are not there`,
      { delete: all },
      { upgrade: { version: 'v1.36.0' } },
    ],
    [{}, `${at}1\\]\\.churn: all of its 4 clusters are not there`, { delete: all }, { churn }],
    [{}, `${at}0\\]\\.create: gives both waves and perSecond`, { create: { waves: { size: 1 }, perSecond: 1 } }],
    [{}, `${at}0\\]\\.create: gives both waves and state`, { create: { waves: { size: 1 }, state: 'available' } }],
    [
      { hosts: undefined, hostSelector: { matchLabels: { a: 'b' } } },
      `${at}0\\]\\.create\\.state: the hosts of cluster c-1/c-1 are made by others`,
      { create: { state: 'available' } },
    ],
    [
      {},
      `${at}0\\]\\.create\\.waves\\.everySeconds: must be above 0`,
      { create: { waves: { size: 1, everySeconds: 0 } } },
    ],
    [{ paused: true }, `${at}0\\]\\.create: cluster c-1/c-1 is described as paused`, { create: {} }],
    [
      {},
      `${at}0\\]\\.scaleControlPlane\\.replicas: replicas of cluster c-1/c-1 is 2`,
      { scaleControlPlane: { replicas: 2 } },
    ],
    [
      {},
      `${at}0\\]\\.scaleControlPlane: cluster c-1/c-1 has 8 machines then, and 6 hosts: raise hosts\\.spare of cluster set c$`,
      { scaleControlPlane: { replicas: 7 } },
    ],
    [
      {},
      `${at}1\\]\\.scaleWorkers: cluster c-1/c-1 has 7 machines then, and 6 hosts`,
      { scaleWorkers: { replicas: 5 } },
      { scaleWorkers: { replicas: 6 } },
    ],
    [
      {},
      `${at}0\\]\\.scaleWorkers\\.machineDeployment: cluster c-1/c-1 has none named 'big': use workers$`,
      { scaleWorkers: { replicas: 1, machineDeployment: 'big' } },
    ],
    [
      { machineDeployments: [] },
      `${at}0\\]\\.scaleWorkers: cluster c-1/c-1 has no MachineDeployment`,
      { scaleWorkers: { replicas: 1 } },
    ],
    [
      {},
      `${at}0\\]\\.upgrade\\.version: cluster c-1/c-1 has v1\\.35\\.0 by then, and v1\\.35\\.0 is not newer$`,
      { upgrade: { version: 'v1.35.0' } },
    ],
    [
      {},
      `${at}1\\]\\.upgrade\\.version: cluster c-1/c-1 has v1\\.36\\.1 by then, and v1\\.36\\.0 is not newer$`,
      { upgrade: { version: 'v1.36.1' } },
      { upgrade: { version: 'v1.36.0' } },
    ],
    [
      { kubernetesVersion: 'v1.33.0' },
      `${at}0\\]\\.upgrade\\.version: .* one minor version at a time: use one of v1\\.34$`,
      { upgrade: { version: 'v1.35.0' } },
    ],
    [
      {},
      `${at}0\\]\\.upgrade\\.version: kubernetesVersion v1\\.99\\.0 of cluster c-1/c-1 is not supported`,
      { upgrade: { version: 'v1.99.0' } },
    ],
    [
      {},
      `${at}0\\]\\.upgrade\\.image: cluster c-1/c-1: image\\.url`,
      { upgrade: { version: 'v1.36.0', image: { url: 'http://a:8x/b', checksum: 'c' } } },
    ],
    [
      { hosts: undefined },
      `${at}0\\]\\.upgrade: cluster c-1/c-1 has 2 hosts and a machine on each, and a machine that replaces another needs one more`,
      { upgrade: { version: 'v1.36.0' } },
    ],
    [
      { hosts: undefined },
      `${at}0\\]\\.rollout: cluster c-1/c-1 has 2 hosts and a machine on each`,
      { rollout: { role: 'controlPlane' } },
    ],
    [
      { rollout: { type: 'OnDelete' } },
      `${at}0\\]\\.upgrade: workers of cluster c-1/c-1 are replaced when somebody deletes them`,
      { upgrade: { version: 'v1.36.0' } },
    ],
    [
      {},
      `${at}1\\]\\.scaleWorkers: cluster c-1/c-1 is paused by then`,
      { pause: all },
      { scaleWorkers: { replicas: 2 } },
    ],
    [{}, `${at}1\\]\\.delete: cluster c-1/c-1 is paused by then`, { pause: { clusters: 1 } }, { delete: all }],
    [
      { healthCheck: undefined },
      `${at}0\\]\\.remediate: nobody looks after the workers of cluster c-1/c-1`,
      { remediate: { role: 'workers' } },
    ],
    [
      { healthCheck: { controlPlane: false } },
      `${at}0\\]\\.remediate: nobody looks after the control plane`,
      { remediate: { role: 'controlPlane' } },
    ],
    [
      {},
      `${at}0\\]\\.remediate: the control plane of cluster c-1/c-1 has 1 machines by then`,
      { remediate: { role: 'controlPlane' } },
    ],
    [
      {},
      `${at}0\\]\\.remediate\\.machineShare: is for workers`,
      { remediate: { role: 'controlPlane', machineShare: 0.5 } },
    ],
    [
      {},
      `${at}1\\]\\.remediate: cluster c-1/c-1 has no workers by then`,
      { scaleWorkers: { replicas: 0 } },
      { remediate: { role: 'workers' } },
    ],
  ];
  for (const [props, message, ...steps] of refused)
    it(`is refused: ${JSON.stringify(steps)}`, () => {
      const said = refuses(() => resolve(props, ...steps), new RegExp(`^${message}`));
      assert.equal(said.split('\n').length, 1, said);
    });

  it('is counted with the hosts of a namespace that clusters share', () => {
    const shared = { namespace: 'n', clustersPerNamespace: 4, hosts: { spare: 1 } };
    // One of the four hosts that are spare is enough for machines that replace others one by one.
    assert.ok(resolve(shared, { scaleWorkers: { clusters: '1-3', replicas: 2 } }, { rollout: {} }));
    refuses(
      () => resolve(shared, { scaleWorkers: { replicas: 2 } }, { rollout: {} }),
      /namespace n has 12 hosts and a machine on each/,
    );
  });

  it('begins with the clusters that no step makes', () => {
    const plan = new ClusterPlan(spare);
    const beforeOf = (...steps: readonly ScenarioStep[]) =>
      [...new ClustersOfSteps(resolve({}, ...steps).root, [plan]).before].join();
    assert.equal(beforeOf({ rest: { seconds: 1 } }), 'c-1/c-1,c-2/c-2,c-3/c-3,c-4/c-4');
    assert.equal(beforeOf({ create: { clusters: '2-3' } }), 'c-1/c-1,c-4/c-4');
    assert.equal(beforeOf({ create: {} }), '');
    assert.equal(beforeOf({ delete: { clusters: '2-4' } }, { create: {} }), 'c-2/c-2,c-3/c-3,c-4/c-4');
  });

  it('has ten minutes for a step, and half a minute for each cluster, unless it says otherwise', () => {
    const steps = [
      { create: { clusters: '1-2' } },
      { rest: { seconds: 1 } },
      { pause: { clusters: 1 }, timeoutSeconds: 0 },
    ];
    const times = (timeoutSeconds?: number) =>
      resolveScenario({ steps, timeoutSeconds }, { clusterSets: [new ClusterPlan(spare)] }).root.steps.map((step) =>
        'timeoutMs' in step ? step.timeoutMs : 0,
      );
    assert.deepEqual(times(), [660_000, 600_000, 0]);
    assert.deepEqual(times(7), [7_000, 7_000, 0]);
  });
});
