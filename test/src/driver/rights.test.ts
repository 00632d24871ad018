import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ScenarioStep } from '../../../lib/scenario/steps';
import type { TestbedProps } from '../../../lib/testbed/resolve';
import { driverRights, type Rule } from '../../../src/driver/rights';
import { prepare } from '../../../src/scenario/run-scenario';

type Role = { readonly kind: string; readonly metadata: { readonly name: string }; readonly rules: readonly Rule[] };

function rolesOf(props: TestbedProps, ...steps: readonly ScenarioStep[]): readonly Role[] {
  const { testbed, scenario } = prepare({ ...props, scenario: { steps } });
  const objects = driverRights({ id: 'abcdefgh', testbed, scenario }) as readonly object[] as readonly Role[];
  return objects.filter(({ kind }) => /Role$/.test(kind));
}

/** Which verbs it has everywhere, by resource. */
function everywhere(roles: readonly Role[]): Readonly<Record<string, readonly string[]>> {
  const role = roles.find(({ kind, metadata }) => kind === 'ClusterRole' && !/-(metrics|objects)$/.test(metadata.name));
  const verbs: Record<string, string[]> = {};
  for (const { resources = [], verbs: some } of role!.rules)
    for (const resource of resources) (verbs[resource] ??= []).push(...some);
  return verbs;
}

const CLUSTERS: TestbedProps = { workloadApi: {}, clusterSets: [{ name: 'c', count: 2, keySeed: 'any' }] };

describe('what a scenario in the cluster may do', () => {
  it('is to look at hosts everywhere, and no more than that', () => {
    assert.deepEqual(everywhere(rolesOf({ kwok: {} }, { enroll: {} })), { baremetalhosts: ['list', 'watch'] });
  });

  it('is to look for what clusters consist of everywhere, and for Secrets where they are deleted', () => {
    const kept = everywhere(rolesOf(CLUSTERS, { rest: { seconds: 1 } }));
    assert.deepEqual(kept['clusters']?.toSorted(), ['list', 'watch']);
    for (const resource of ['kubeadmcontrolplanes', 'metal3clusters', 'metal3machinetemplates', 'machinedeployments'])
      assert.deepEqual(kept[resource], ['list'], resource);
    assert.equal(kept['secrets'], undefined);
    const deleted = everywhere(rolesOf(CLUSTERS, { delete: { clusters: 'all' } }));
    assert.deepEqual(deleted['secrets'], ['list']);
  });

  it('has no rule without a resource, which the API server refuses', () => {
    for (const { rules } of rolesOf(CLUSTERS, { delete: { clusters: 'all' } }))
      for (const { resources, nonResourceURLs } of rules)
        assert.ok((resources ?? nonResourceURLs ?? []).length > 0, JSON.stringify(rules));
  });
});
