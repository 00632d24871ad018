import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { operatorArguments } from '../../../lib/components/baremetal-operator';
import { resolveTestbed, type TestbedProps } from '../../../lib/testbed/resolve';

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
