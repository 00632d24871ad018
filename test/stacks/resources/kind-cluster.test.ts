import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { unknownValue } from '@pulumi/pulumi/runtime';
import { kindCluster } from '../../../stacks/resources/kind-cluster-operations';
import { serveOneNode } from '../../src/cluster/kind/api-server';
import { FakeEngine } from '../../src/cluster/kind/fake-engine';
import { tempDir } from '../../support/temp-dir';

/** A machine of its own, with stand-ins for Docker and kind. */
async function setUp(t: TestContext) {
  const dir = tempDir(t);
  const engine = new FakeEngine(dir);
  engine.serveAt(await serveOneNode(t));
  const before = process.env;
  process.env = { ...engine.env, METAL3_TESTBED_KIND: '', KIND_EXPERIMENTAL_PROVIDER: '', XDG_STATE_HOME: dir };
  t.after(() => (process.env = before));
  const inputs = { name: 'lab', owner: 'project/dev/cluster' };
  const stateDir = join(dir, 'metal3-testbed', 'pulumi', inputs.owner);
  const count = (call: string) => engine.calls.filter((each) => each.startsWith(call)).length;
  return { engine, inputs, stateDir, count };
}

const NO_CHANGES = { changes: false, replaces: [], deleteBeforeReplace: true };

describe('KindCluster, with stand-ins for Docker and kind', () => {
  it('is made, found unchanged, read and deleted', async (t) => {
    const { engine, inputs, stateDir } = await setUp(t);
    const { id, outs } = await kindCluster.create(inputs);
    assert.equal(id, 'lab');
    assert.match(outs?.kubeconfig ?? '', /kind-lab/);
    assert.deepEqual(await kindCluster.diff(id, outs!, inputs), NO_CHANGES);
    assert.deepEqual(await kindCluster.read(id, outs), { id, props: outs });
    await kindCluster.delete(id, outs!);
    assert.equal(engine.has('lab'), false);
    assert.equal(existsSync(join(stateDir, '..', '..', '..')), false);
  });

  it('has its images loaded, more of them later, and none again for one that is taken off', async (t) => {
    const { engine, inputs, count } = await setUp(t);
    for (const image of ['a:1', 'b:2']) engine.addImage(image);
    const { id, outs } = await kindCluster.create({ ...inputs, loadImages: ['a:1'] });
    const more = { ...inputs, loadImages: ['a:1', 'b:2'] };
    assert.deepEqual(await kindCluster.diff(id, outs!, more), { ...NO_CHANGES, changes: true });
    const updated = await kindCluster.update(id, outs!, more);
    assert.ok(engine.calls.includes('kind load docker-image --name lab a:1 b:2'));
    assert.equal((await kindCluster.diff(id, updated.outs!, more)).changes, false);
    assert.equal(count('kind create'), 1);
  });

  it('is another cluster where kind cannot change it', async (t) => {
    const { inputs } = await setUp(t);
    const { id, outs } = await kindCluster.create(inputs);
    for (const [key, value] of [
      ...([
        ['name', 'other'],
        ['nodeImage', 'node:v2'],
        ['workers', 2],
      ] as const),
      ...([
        ['ports', [{ hostPort: 80, nodePort: 80 }]],
        ['registryMirrors', { 'quay.io': ['http://a'] }],
      ] as const),
    ]) {
      const { changes, replaces } = await kindCluster.diff(id, outs!, { ...inputs, [key]: value });
      assert.deepEqual({ changes, replaces }, { changes: true, replaces: [key] });
    }
  });

  it('is made anew where somebody has deleted it, with or without a refresh', async (t) => {
    const { engine, inputs, count } = await setUp(t);
    const { id, outs } = await kindCluster.create(inputs);
    engine.forget('lab');
    assert.deepEqual(await kindCluster.read(id, outs), { id: '' });
    assert.deepEqual(await kindCluster.diff(id, outs!, inputs), { ...NO_CHANGES, changes: true, replaces: ['name'] });
    await kindCluster.delete(id, outs!);
    await kindCluster.create(inputs);
    assert.equal(count('kind create'), 2);
  });

  it('is started where its nodes have stopped', async (t) => {
    const { engine, inputs, count } = await setUp(t);
    const { id, outs } = await kindCluster.create(inputs);
    engine.addNode('lab', 'lab-control-plane', 'exited');
    assert.deepEqual(await kindCluster.diff(id, outs!, inputs), { ...NO_CHANGES, changes: true });
    await kindCluster.update(id, outs!, inputs);
    assert.ok(engine.calls.includes('docker start lab-control-plane'));
    assert.equal(count('kind create'), 1);
  });

  it('takes over a cluster that exists only when asked, and only one that is as described', async (t) => {
    const { engine, inputs, count } = await setUp(t);
    engine.addNode('lab', 'lab-control-plane', 'running');
    await assert.rejects(kindCluster.create(inputs), /a kind cluster 'lab' exists that was not made from/);
    const asked = { ...inputs, adopt: true };
    await assert.rejects(
      kindCluster.create({ ...asked, nodeImage: 'node:v2', workers: 1, ports: [{ hostPort: 80, nodePort: 80 }] }),
      /'lab' cannot be adopted: it has 0 workers, not 1; it was made from node:v1, not node:v2; its ports and mirrors/,
    );
    const { id, outs } = await kindCluster.create({ ...asked, nodeImage: 'node:v1' });
    assert.match(outs?.kubeconfig ?? '', /kind-lab/);
    assert.equal(count('kind create'), 0);
    await kindCluster.delete(id, outs!);
    assert.equal(engine.has('lab'), false);
  });

  it('goes on with what an interrupted run of the same resource has made, and with no other’s', async (t) => {
    const { inputs, count } = await setUp(t);
    await kindCluster.create(inputs);
    await kindCluster.create(inputs);
    assert.equal(count('kind create'), 1);
    await assert.rejects(kindCluster.create({ ...inputs, owner: 'project/other/cluster' }), /exists that was not made/);
  });

  it('is recorded where it is there and an image is not, so that the next run goes on', async (t) => {
    const { engine, inputs } = await setUp(t);
    const asked = { ...inputs, loadImages: ['gone:1'] };
    const failure = await kindCluster.create(asked).then(
      () => assert.fail('an image that is nowhere was loaded'),
      (error: Error & { id?: string; properties?: object; reasons?: string[] }) => error,
    );
    assert.equal(failure.id, 'lab');
    assert.match(failure.reasons?.[0] ?? '', /docker pull gone:1 failed: pull access denied/);
    const properties = failure.properties as Awaited<ReturnType<typeof kindCluster.create>>['outs'];
    assert.match(properties?.kubeconfig ?? '', /kind-lab/);
    // The engine waits for ever for a property that is there and undefined.
    assert.ok(!Object.values(properties ?? {}).includes(undefined));
    engine.addImage('gone:1');
    await kindCluster.update('lab', properties!, asked);
    assert.ok(engine.calls.includes('kind load docker-image --name lab gone:1'));
  });

  it('is recorded as nothing where kind makes none', async (t) => {
    const { engine, inputs } = await setUp(t);
    engine.spoil('kind', 'if [ "$1 $2" = "create cluster" ]; then echo "ERROR: no room" >&2; exit 1; fi');
    await assert.rejects(kindCluster.create(inputs), (error: Error & { id?: string }) => {
      assert.match(error.message, /no room/);
      return error.id === undefined;
    });
  });

  it('refuses what kind would not take before anything is made, unless it is not known yet', async () => {
    const owner = 'project/dev/cluster';
    const named = async (inputs: object) =>
      (await kindCluster.check({} as never, { owner, ...inputs } as never)).failures;
    assert.match(
      (await named({ name: 'No Name' }))?.[0]?.reason ?? '',
      /'No Name' is not a valid name for a kind cluster/,
    );
    for (const [inputs, message] of [
      [{ timeoutSeconds: 0 }, /timeoutSeconds: must be at least 1; given 0/],
      [{ workrs: 1 }, /workrs: unknown field; did you mean 'workers'/],
      [{ loadImages: 'a:1' }, /loadImages: must be a list; given 'a:1'/],
      [{ ports: [{ hostPrt: 80 }] }, /ports\[0\]\.hostPrt: unknown field; did you mean 'hostPort'/],
      [{ name: 42, workers: unknownValue }, /name: must be a string; given 42/],
    ] as const)
      assert.match((await named(inputs))?.[0]?.reason ?? '', message);
    assert.deepEqual(await named({ workers: unknownValue }), []);
    const renamed = await kindCluster.check({ owner } as never, { owner: 'project/dev/other' } as never);
    assert.equal(renamed.inputs?.owner, owner);
    assert.deepEqual(await kindCluster.check({} as never, { owner } as never), {
      inputs: { owner, name: 'metal3-testbed' },
      failures: [],
    });
  });
});
