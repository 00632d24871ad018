import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { LocalCluster } from '../../../stacks/resources/local-cluster';
import { localCluster } from '../../../stacks/resources/local-cluster-operations';
import { claimStateFolder } from '../../../src/testbed/state-folder';
import { record } from '../../support/pulumi-recorder';
import { refuses } from '../../support/refuses';
import { rejects } from '../../support/rejects';
import { tempDir } from '../../support/temp-dir';

const OWNER = 'project/dev/cluster';
const inputsOf = (stateDir: string) => ({ stateDir, owner: OWNER });
const outputsOf = (stateDir: string) => ({
  ...inputsOf(stateDir),
  folder: stateDir,
  kubeconfig: 'content',
  hasControllers: true,
});

/** What a control plane leaves that has stopped. */
function stopped(t: TestContext): string {
  const dir = join(tempDir(t), 'lab');
  claimStateFolder(dir);
  const ports = { apiServer: 1, etcd: 2, etcdPeer: 3, controllerManager: 4 };
  writeFileSync(join(dir, 'cluster.json'), JSON.stringify({ kind: 'local', ports }));
  writeFileSync(join(dir, 'kubeconfig'), 'content');
  writeFileSync(join(dir, 'pulumi.json'), JSON.stringify({ owner: OWNER }));
  return dir;
}

describe('LocalCluster', () => {
  it('leaves alone a folder that holds a testbed of somebody else, and says how to use that one', async (t) => {
    const dir = stopped(t);
    const made = localCluster.create({ ...inputsOf(dir), owner: 'project/other/cluster' });
    await rejects(
      made,
      /holds a testbed that this resource has not made: .*cluster 'existing' with its kubeconfig/,
      'invalid-input',
    );
    await localCluster.delete(dir, { ...outputsOf(dir), owner: 'project/other/cluster' });
    assert.ok(existsSync(join(dir, 'cluster.json')));
  });

  it('refuses a folder that holds something else', async (t) => {
    const dir = tempDir(t);
    mkdirSync(join(dir, 'thesis'));
    await rejects(localCluster.create(inputsOf(dir)), /is not empty and holds no testbed \(thesis\)/, 'invalid-input');
  });

  it('is started by an update where it has stopped', async (t) => {
    const dir = stopped(t);
    const { changes, replaces } = await localCluster.diff(dir, outputsOf(dir), inputsOf(dir));
    assert.deepEqual({ changes, replaces }, { changes: true, replaces: [] });
    assert.equal((await localCluster.read(dir, outputsOf(dir))).id, dir);
  });

  it('is made anew where its folder is gone, with or without a refresh', async (t) => {
    const dir = join(tempDir(t), 'gone');
    const { changes, replaces } = await localCluster.diff(dir, outputsOf(dir), inputsOf(dir));
    assert.deepEqual({ changes, replaces }, { changes: true, replaces: ['stateDir'] });
    assert.deepEqual(await localCluster.read(dir, outputsOf(dir)), { id: '' });
    await localCluster.delete(dir, outputsOf(dir));
  });

  it('is another one in another folder', async (t) => {
    const dir = stopped(t);
    const { replaces } = await localCluster.diff(dir, outputsOf(dir), inputsOf(`${dir}-2`));
    assert.deepEqual(replaces, ['stateDir']);
  });

  it('goes with its data when it is deleted', async (t) => {
    const dir = stopped(t);
    await localCluster.delete(dir, outputsOf(dir));
    assert.equal(existsSync(dir), false);
  });

  it('is the same one when the program calls it or its stack otherwise', async () => {
    const renamed = { owner: 'project/dev/other', controllerManager: false };
    assert.deepEqual((await localCluster.check({ owner: OWNER }, renamed)).inputs, {
      ...renamed,
      owner: OWNER,
    });
    assert.deepEqual((await localCluster.check({} as never, renamed)).inputs, renamed);
  });

  it('refuses arguments that are none', async () => {
    const reason = async (inputs: object) =>
      (await localCluster.check({} as never, { owner: OWNER, ...inputs })).failures?.[0]?.reason ?? '';
    assert.match(await reason({ timeoutSeconds: 0 }), /timeoutSeconds: must be at least 1; given 0/);
    assert.match(await reason({ controllerManager: 'no' }), /controllerManager: must be true or false; given 'no'/);
    assert.match(await reason({ statDir: 'x' }), /statDir: unknown field; did you mean 'stateDir'/);
  });

  it('says that it cannot be imported', async () => {
    await record(() => {
      const make = () => new LocalCluster('cluster', {}, { import: 'x' });
      refuses(make, /a LocalCluster cannot be imported: leave out the option import; give it a stateDir of its own/);
    });
  });
});
