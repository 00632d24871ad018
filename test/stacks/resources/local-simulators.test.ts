import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { localSimulators } from '../../../stacks/resources/local-simulators-operations';
import { tempDir } from '../../support/temp-dir';

const outputsOf = (folder: string) => ({ folder, simulator: 'kwok' as const, version: 'v0.8.0' });

/** A folder with a control plane that has stopped. */
function cluster(t: TestContext): string {
  const dir = tempDir(t);
  writeFileSync(
    join(dir, 'cluster.json'),
    JSON.stringify({ kind: 'local', ports: { apiServer: 1, etcd: 2, etcdPeer: 3 } }),
  );
  return dir;
}

describe('LocalSimulators', () => {
  it('are started again where they have ended', async (t) => {
    const folder = cluster(t);
    assert.equal((await localSimulators.diff('', outputsOf(folder), { folder })).changes, true);
    mkdirSync(join(folder, 'simulators', '1'), { recursive: true });
    assert.equal((await localSimulators.diff('', outputsOf(folder), { folder })).changes, true);
  });

  it('are left as they are where there is no cluster any more', async (t) => {
    const folder = join(tempDir(t), 'gone');
    assert.equal((await localSimulators.diff('', outputsOf(folder), { folder })).changes, false);
    assert.deepEqual(await localSimulators.read('', outputsOf(folder)), { id: '' });
    await localSimulators.delete('', outputsOf(folder));
  });

  it('are others for another cluster, and change with what is asked for', async (t) => {
    const folder = join(tempDir(t), 'gone');
    const { replaces } = await localSimulators.diff('', outputsOf(folder), { folder: `${folder}-2` });
    assert.deepEqual(replaces, ['folder']);
    assert.equal((await localSimulators.diff('', outputsOf(folder), { folder, kind: 'bmo' })).changes, true);
    const operators = [{ concurrency: 7 }];
    assert.equal((await localSimulators.diff('', outputsOf(folder), { folder, operators })).changes, true);
  });
});
