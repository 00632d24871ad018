import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { operatorArguments } from '../../../lib/components/baremetal-operator';
import { resolveTestbed, type TestbedProps } from '../../../lib/testbed/resolve';
import { refuses } from '../../support/refuses';

const namespacesOf = (props: TestbedProps) => resolveTestbed(props).fleets.map((fleet) => fleet.namespaces().length);
const argumentsOf = (operator: object) => {
  const [resolved = {}] = resolveTestbed({ operators: [operator] }).operators;
  const { args, env } = operatorArguments(resolved);
  return [...args.filter((arg) => /qps|burst|concurrency/.test(arg)), ...Object.entries(env).map(String)];
};

describe('what a testbed does by default', () => {
  it('gives hosts 20 to a namespace, the first in default, so that more of them change none that exist', () => {
    const [few] = resolveTestbed({ hostSets: [{ count: 20 }] }).fleets;
    assert.deepEqual(few?.namespaces(), ['default']);
    const [more] = resolveTestbed({ hostSets: [{ count: 45 }] }).fleets;
    assert.deepEqual(more?.namespaces(), ['default', 'default-2', 'default-3']);
    assert.deepEqual([...(few?.hosts() ?? [])], [...(more?.hosts() ?? [])].slice(0, 20));
    assert.deepEqual(resolveTestbed({ hostSets: [{ count: 45 }] }).namespaces, ['default-2', 'default-3']);
  });

  it('leaves hosts where the description has them, or an operator watches', () => {
    assert.deepEqual(namespacesOf({ hostSets: [{ count: 45, namespace: 'lab' }] }), [1]);
    assert.deepEqual(namespacesOf({ hostSets: [{ count: 45, namespaces: ['a', 'b'] }] }), [2]);
    assert.deepEqual(namespacesOf({ hostSets: [{ count: 45, hostsPerNamespace: 45 }] }), [1]);
    assert.deepEqual(namespacesOf({ operators: [{ watchedNamespaces: ['default'] }], hostSets: [{ count: 45 }] }), [1]);
  });

  it('leaves clusters in the namespace that their set names where managers look at some alone', () => {
    const clustersIn = (props: TestbedProps) =>
      resolveTestbed(props).clusterSets.map((plan) => [...plan.namespaces()].sort());
    const clusterSets = [
      { name: 'e', count: 30, namespace: 'east' },
      { name: 'w', count: 3, firstIndex: 31, namespace: 'west' },
    ];
    const watchedNamespaces = ['east', 'west'];
    assert.deepEqual(clustersIn({ clusterApi: { watchedNamespaces }, clusterSets }), [['east'], ['west']]);
    assert.deepEqual(clustersIn({ clusterApi: { metal3Provider: { watchedNamespaces } }, clusterSets }), [
      ['east'],
      ['west'],
    ]);
    assert.deepEqual(clustersIn({ clusterSets })[0], ['east', 'east-2', 'east-3']);
  });

  it('refuses clusters where a manager does not look', () => {
    const message =
      /^cluster set w has clusters in namespace west, and core looks at east alone: add it to watchedNamespaces/;
    const clusterSets = [{ name: 'w', count: 1, namespace: 'west' }];
    refuses(() => resolveTestbed({ clusterApi: { watchedNamespaces: ['east'] }, clusterSets }), message);
    refuses(() => resolveTestbed({ clusterApi: { core: { watchedNamespace: 'east' } }, clusterSets }), message);
    const each = [{ name: 'w', count: 2, namespace: 'w-{cluster}' }];
    const ofEach = /^cluster set w has clusters in namespace w-w-2, and metal3Provider looks at w-w-1 alone/;
    const metal3Provider = { watchedNamespaces: ['w-w-1'] };
    refuses(() => resolveTestbed({ clusterApi: { metal3Provider }, clusterSets: each }), ofEach);
    const clustersPerNamespace = 1;
    const spread = [{ ...clusterSets[0]!, count: 2, clustersPerNamespace }];
    refuses(
      () => resolveTestbed({ clusterApi: { watchedNamespaces: ['west'] }, clusterSets: spread }),
      /namespace west-2, and core looks at west alone/,
    );
  });

  it('gives a test-mode operator what makes it fast, where its release has it and nothing else is said', () => {
    assert.deepEqual(argumentsOf({}), ['--kube-api-qps=1000', '--kube-api-burst=2000', '--controller-concurrency=32']);
    assert.deepEqual(argumentsOf({ kubeApiQps: 20, kubeApiBurst: 30, concurrency: 2 }), [
      '--kube-api-qps=20',
      '--kube-api-burst=30',
      '--controller-concurrency=2',
    ]);
    assert.deepEqual(argumentsOf({ version: 'v0.3.0', manifests: [] }), ['BMO_CONCURRENCY,32']);
    assert.deepEqual(argumentsOf({ testMode: false }), []);
  });
});
