import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import * as pulumi from '@pulumi/pulumi';
import { stringify } from 'yaml';
import { clusterLayer } from '../../stacks/cluster';
import { FakeApi } from '../src/install/fake-api';
import { tempDir } from '../support/temp-dir';
import { isSecretOutput, record, valueOf } from '../support/pulumi-recorder';
import { rejects } from '../support/rejects';

/** A kubeconfig with two clusters, of which one is meant, and answers. */
async function kubeconfig(t: TestContext): Promise<string> {
  const api = await FakeApi.start(t);
  api.put('/api/v1/namespaces/kube-system', { metadata: { uid: 'cluster-1' } });
  const file = join(tempDir(t), 'config');
  const servers = { lab: api.client.server, prod: 'http://127.0.0.1:9' };
  const names = Object.keys(servers);
  const config = {
    'current-context': 'prod',
    clusters: Object.entries(servers).map(([name, server]) => ({ name, cluster: { server } })),
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
    const file = await kubeconfig(t);
    const { result, resources } = await record(() =>
      clusterLayer({ kind: 'existing', kubeconfig: file, context: 'lab' }),
    );
    assert.deepEqual(resources, []);
    assert.equal(await isSecretOutput(result.kubeconfig), true);
    const content = await valueOf(result.kubeconfig);
    assert.match(content, /token-of-lab[^]*current-context: lab/);
    assert.doesNotMatch(content, /prod/);
    assert.equal(result.hasPods, true);
  });

  it('refuses a context that the kubeconfig has not, by name', async (t) => {
    const file = await kubeconfig(t);
    const made = record(() => clusterLayer({ kind: 'existing', kubeconfig: file, context: 'dev' }));
    await rejects(made, /has no context 'dev': it has lab, prod/, 'invalid-input');
  });

  it('refuses a kind of cluster that there is not', async () => {
    const config = { kind: 'kin' } as unknown as Parameters<typeof clusterLayer>[0];
    await rejects(
      clusterLayer(config),
      /kind of the layer cluster is 'kin': use kind, local or existing/,
      'invalid-input',
    );
  });

  it('refuses a cluster that does not answer, and names its context', async (t) => {
    // Nobody has to wait for it here.
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    t.mock.method(AbortSignal, 'timeout', (ms: number) => timeout(Math.min(ms, 100)));
    const file = await kubeconfig(t);
    const made = record(() => clusterLayer({ kind: 'existing', kubeconfig: file, context: 'prod' }));
    await rejects(
      made,
      /^context prod of .*config: the API server at http:\/\/127.0.0.1:9 cannot be reached/,
      'cluster',
    );
  });

  it('starts an embedded control plane, which runs no pods', async () => {
    const { result, resources } = await record(() => clusterLayer({ kind: 'local', stateDir: 'lab' }), {
      outputsOf: () => ({ kubeconfig: 'content', folder: '/lab', hasControllers: true }),
    });
    const [made, ...others] = resources;
    assert.deepEqual(others, []);
    assert.equal(made?.type, 'pulumi-nodejs:dynamic/metal3-testbed:LocalCluster');
    const { __provider: _, ...inputs } = made.inputs;
    assert.deepEqual(inputs, { stateDir: 'lab', owner: 'metal3-testbed/dev/cluster' });
    assert.deepEqual(made.secretOutputs, ['kubeconfig']);
    assert.equal(result.hasPods, false);
    assert.equal(await valueOf(pulumi.output(result.folder)), '/lab');
  });
});
