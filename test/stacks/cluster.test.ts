import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { stringify } from 'yaml';
import { clusterLayer } from '../../stacks/cluster';
import { tempDir } from '../support/temp-dir';
import { isSecretOutput, record, valueOf } from '../support/pulumi-recorder';
import { rejects } from '../support/rejects';

/** A kubeconfig with two clusters, of which one is meant. */
function kubeconfig(t: TestContext): string {
  const file = join(tempDir(t), 'config');
  const names = ['lab', 'prod'];
  const config = {
    'current-context': 'prod',
    clusters: names.map((name) => ({ name, cluster: { server: `https://${name}.example:6443` } })),
    users: names.map((name) => ({ name, user: { token: `token-of-${name}` } })),
    contexts: names.map((name) => ({ name, context: { cluster: name, user: name } })),
  };
  writeFileSync(file, stringify(config));
  return file;
}

describe('the cluster layer', () => {
  it('makes a kind cluster of what is asked for, and puts out its kubeconfig as a secret', async () => {
    const { result, resources } = await record(
      () => clusterLayer({ kind: 'kind', name: 'lab', nodeImage: 'node:v1', workers: 2, loadImages: ['a:1', 'b:2'] }),
      { outputsOf: () => ({ kubeconfig: 'content' }) },
    );
    const [made, ...others] = resources;
    assert.deepEqual(others, []);
    assert.equal(made?.type, 'pulumi-nodejs:dynamic/metal3-testbed:KindCluster');
    assert.equal(made.name, 'cluster');
    const { __provider, ...inputs } = made.inputs;
    assert.deepEqual(inputs, {
      name: 'lab',
      nodeImage: 'node:v1',
      workers: 2,
      loadImages: ['a:1', 'b:2'],
      owner: 'metal3-testbed/dev/cluster',
    });
    assert.equal(typeof __provider, 'string');
    assert.deepEqual(made.secretOutputs, ['kubeconfig']);
    assert.equal(result.hasPods, true);
  });

  it('hands over one context of a kubeconfig that exists, as a secret, and registers nothing', async (t) => {
    const file = kubeconfig(t);
    const { result, resources } = await record(() =>
      clusterLayer({ kind: 'existing', kubeconfig: file, context: 'lab' }),
    );
    assert.deepEqual(resources, []);
    assert.equal(await isSecretOutput(result.kubeconfig), true);
    const content = await valueOf(result.kubeconfig);
    assert.match(content, /lab\.example[^]*token-of-lab[^]*current-context: lab/);
    assert.doesNotMatch(content, /prod/);
    assert.equal(result.hasPods, true);
  });

  it('refuses a context that the kubeconfig has not, by name', async (t) => {
    const file = kubeconfig(t);
    const made = record(() => clusterLayer({ kind: 'existing', kubeconfig: file, context: 'dev' }));
    await rejects(made, /has no context 'dev': it has lab, prod/, 'invalid-input');
  });

  it('says how to start an embedded control plane that does not run', async (t) => {
    const stateDir = tempDir(t);
    const made = record(() => clusterLayer({ kind: 'local', stateDir }));
    await rejects(made, /no embedded control plane runs in .*start it with 'metal3-testbed up/, 'environment');
  });
});
