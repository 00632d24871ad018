import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import {
  deleteKindCluster,
  findKindCluster,
  loadImages,
  startKindCluster,
} from '../../../../src/cluster/kind/kind-cluster';
import type { TestbedEvent } from '../../../../src/util/events';
import { tempDir } from '../../../support/temp-dir';
import { serveOneNode } from './api-server';
import { FakeEngine } from './fake-engine';

/** A state folder, and stand-ins for the engine and kind in place of those of the machine. */
async function setUp(t: TestContext) {
  const dir = tempDir(t);
  const engine = new FakeEngine(dir);
  engine.serveAt(await serveOneNode(t));
  const before = process.env;
  process.env = { ...engine.env, METAL3_TESTBED_KIND: '', KIND_EXPERIMENTAL_PROVIDER: '' };
  t.after(() => (process.env = before));
  return { engine, stateDir: join(dir, 'state'), name: 'lab' };
}

const creations = (engine: FakeEngine) => engine.calls.filter((call) => call.startsWith('kind create')).length;

describe('a kind cluster, with stand-ins for Docker and kind', () => {
  it('is created with the node image, and its kubeconfig is for its owner alone', async (t) => {
    const { engine, stateDir, name } = await setUp(t);
    const events: TestbedEvent[] = [];
    const cluster = await startKindCluster({ stateDir, name, nodeImage: 'node:v1', listener: (e) => events.push(e) });
    assert.equal(cluster.status, 'running');
    assert.equal(cluster.kubeconfig, join(stateDir, 'kubeconfig'));
    assert.equal(statSync(cluster.kubeconfig).mode & 0o777, 0o600);
    assert.match(readFileSync(cluster.kubeconfig, 'utf8'), /kind-lab/);
    const create = engine.calls.find((call) => call.startsWith('kind create'));
    assert.match(create ?? '', /--name lab --config .*kind\.yaml --kubeconfig .*state\/kubeconfig --image node:v1$/);
    assert.ok(events.some((event) => event.type === 'progress' && event.detail === 'Preparing nodes'));
    assert.ok(events.some((event) => event.type === 'done' && event.task === 'kind cluster'));
    assert.doesNotMatch(JSON.stringify(events), /secret-of-the-cluster/);
  });

  it('is found by the second start, and its stopped nodes are started', async (t) => {
    const { engine, stateDir, name } = await setUp(t);
    await startKindCluster({ stateDir, name });
    engine.addNode(name, 'lab-control-plane', 'exited');
    assert.equal((await findKindCluster(stateDir))?.status, 'stopped');
    assert.equal((await startKindCluster({ stateDir, name })).status, 'running');
    assert.equal(creations(engine), 1);
    assert.ok(engine.calls.includes('docker start lab-control-plane'));
  });

  it('is made anew where an interrupted start left it half-created', async (t) => {
    const { engine, stateDir, name } = await setUp(t);
    const abort = new AbortController();
    engine.spoil(
      'kind',
      'if [ "$1 $2" = "create cluster" ]; then mkdir -p clusters/lab; echo created > clusters/lab/lab-control-plane; echo " • Preparing nodes 📦  ..." >&2; sleep 30; fi',
    );
    const starting = startKindCluster({
      stateDir,
      name,
      signal: abort.signal,
      listener: (event) => {
        if (event.type === 'progress' && event.detail === 'Preparing nodes') abort.abort(new Error('interrupted'));
      },
    });
    await assert.rejects(starting, /interrupted/);
    assert.equal((await findKindCluster(stateDir))?.status, 'half-created');
    engine.spoil('kind', '');
    const warnings: string[] = [];
    const cluster = await startKindCluster({
      stateDir,
      name,
      listener: (event) => event.type === 'warning' && warnings.push(event.detail),
    });
    assert.equal(cluster.status, 'running');
    assert.match(warnings.join(), /lab was left half-created: creating it again/);
    assert.equal(creations(engine), 2);
  });

  it('leaves nothing where kind fails, and says why', async (t) => {
    const { engine, stateDir, name } = await setUp(t);
    engine.spoil(
      'kind',
      'if [ "$1 $2" = "create cluster" ]; then mkdir -p clusters/lab; echo "ERROR: failed to create cluster: failed to pull image: no route" >&2; exit 1; fi',
    );
    await assert.rejects(startKindCluster({ stateDir, name }), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'environment');
      assert.match(
        error.message,
        /kind create cluster failed: failed to create cluster: .*no route.*--node-image IMAGE/,
      );
      return true;
    });
    assert.equal(engine.has(name), false);
    assert.equal(await findKindCluster(stateDir), undefined);
  });

  it('refuses a cluster of the same name that is not its own', async (t) => {
    const { engine, stateDir, name } = await setUp(t);
    engine.addNode(name, 'lab-control-plane', 'running');
    await assert.rejects(startKindCluster({ stateDir, name }), /a kind cluster 'lab' exists that was not made from/);
    assert.equal(await deleteKindCluster(stateDir), undefined);
    assert.equal(engine.has(name), true);
  });

  it('refuses to become another cluster', async (t) => {
    const { stateDir, name } = await setUp(t);
    await startKindCluster({ stateDir, name, nodeImage: 'node:v1' });
    await startKindCluster({ stateDir, name });
    await assert.rejects(startKindCluster({ stateDir, name, nodeImage: 'node:v2' }), /was made from node:v1/);
    await assert.rejects(startKindCluster({ stateDir, name, workers: 2 }), /other nodes, ports or mirrors/);
    await assert.rejects(startKindCluster({ stateDir, name: 'other' }), /holds the kind cluster 'lab'/);
  });

  it('names the nodes that are not ready in time, and goes on from there', async (t) => {
    const { engine, stateDir, name } = await setUp(t);
    engine.serveAt(await serveOneNode(t, 'False'));
    await assert.rejects(
      startKindCluster({ stateDir, name, timeoutMs: 300 }),
      /nodes ready: timed out after 0.3 s; missing: lab-control-plane \(container runtime network not ready\)/,
    );
    engine.serveAt(await serveOneNode(t));
    assert.equal((await startKindCluster({ stateDir, name })).status, 'running');
    assert.equal(creations(engine), 1);
  });

  it('is deleted with its files, and deleting it again is fine', async (t) => {
    const { engine, stateDir, name } = await setUp(t);
    await startKindCluster({ stateDir, name, registryMirrors: { 'quay.io': ['http://10.0.0.5:5000'] } });
    assert.equal(await deleteKindCluster(stateDir), name);
    assert.equal(engine.has(name), false);
    assert.equal(existsSync(stateDir), false);
    assert.equal(await deleteKindCluster(stateDir), undefined);
  });

  it('is known to be missing where somebody else has deleted it', async (t) => {
    const { engine, stateDir, name } = await setUp(t);
    await startKindCluster({ stateDir, name });
    engine.spoil('docker', '[ "$1" = ps ] && exit 0');
    assert.equal((await findKindCluster(stateDir))?.status, 'missing');
    assert.equal(await deleteKindCluster(stateDir), name);
  });

  it('takes images that the engine has, and says which cannot be pulled', async (t) => {
    const { engine, stateDir, name } = await setUp(t);
    await startKindCluster({ stateDir, name });
    engine.addImage('operator:dev');
    await loadImages(stateDir, ['operator:dev']);
    assert.ok(engine.calls.includes('kind load docker-image --name lab operator:dev'));
    await assert.rejects(loadImages(stateDir, ['nowhere:v1']), /docker pull nowhere:v1 failed: pull access denied/);
  });

  it('says that no engine answers, and offers the local cluster', async (t) => {
    const { engine, stateDir, name } = await setUp(t);
    engine.spoil('docker', 'echo "Cannot connect to the Docker daemon" >&2; exit 1');
    await assert.rejects(startKindCluster({ stateDir, name }), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'environment');
      assert.match(error.message, /docker: Cannot connect to the Docker daemon; podman: .*--cluster local/);
      return true;
    });
    assert.equal(existsSync(stateDir), false);
  });
});
