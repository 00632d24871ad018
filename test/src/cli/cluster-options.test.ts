import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from 'commander';
import { addClusterOptions, clusterChoice, type ClusterFlags } from '../../../src/cli/cluster-options';

function choose(...args: string[]) {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addClusterOptions(command);
  return clusterChoice(command.parse(args, { from: 'user' }).opts<ClusterFlags>());
}

describe('the flags that say where a testbed runs', () => {
  it('give an embedded control plane unless another is asked for', () => {
    assert.deepEqual(choose(), { kind: 'local', controllerManager: true });
    assert.deepEqual(choose('--without-controller-manager'), { kind: 'local', controllerManager: false });
  });

  it('describe a kind cluster', () => {
    assert.deepEqual(
      choose(
        ...['--cluster', 'kind', '--name', 'lab', '--node-image', 'node:v1', '--workers', '2', '--port', '8080:30080'],
        ...['--registry-mirror', 'quay.io=http://a:1', '--registry-mirror', 'quay.io=http://b:2'],
        ...['--load-image', 'x', '--load-image', 'y'],
      ),
      {
        kind: 'kind',
        name: 'lab',
        nodeImage: 'node:v1',
        workers: 2,
        ports: [{ hostPort: 8080, nodePort: 30080 }],
        registryMirrors: { 'quay.io': ['http://a:1', 'http://b:2'] },
        loadImages: ['x', 'y'],
      },
    );
  });

  it('want an existing cluster to be asked for by name', () => {
    assert.throws(() => choose('--cluster', 'existing'), /give --kubeconfig FILE and --context NAME/);
    assert.throws(() => choose('--cluster', 'existing', '--kubeconfig', 'f'), /--context NAME/);
    assert.deepEqual(choose('--cluster', 'existing', '--kubeconfig', 'f', '--context', 'c'), {
      kind: 'existing',
      kubeconfig: 'f',
      context: 'c',
      confirmed: undefined,
    });
    assert.throws(
      () => choose('--cluster', 'existing', '--kubeconfig', 'f', '--context', 'c', '--context', 'd'),
      /--context is given several times: give it once/,
    );
    const given = ['--yes-this-cluster', 'c=d', '--yes-this-cluster', 'e'];
    assert.deepEqual(choose('--cluster', 'existing', '--kubeconfig', 'f', '--context', 'c=d', ...given), {
      kind: 'existing',
      kubeconfig: 'f',
      context: 'c=d',
      confirmed: 'c=d',
    });
  });

  it('are refused with a cluster that they are not for', () => {
    assert.throws(() => choose('--workers', '2'), /--workers goes with --cluster kind, and it is local/);
    assert.throws(() => choose('--cluster', 'kind', '--context', 'c'), /--context goes with --cluster existing/);
    assert.throws(() => choose('--cluster', 'kind', '--port', '80'), /Give two ports/);
    assert.throws(() => choose('--cluster', 'kind', '--registry-mirror', 'quay.io'), /Give a registry and a URL/);
  });
});
