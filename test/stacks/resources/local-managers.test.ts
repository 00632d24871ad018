import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { localManagers } from '../../../stacks/resources/local-managers-operations';
import { rejects } from '../../support/rejects';
import { tempDir } from '../../support/temp-dir';

const clusterApi = {};
const outputsOf = (folder: string) => ({
  ...{ folder, clusterApi },
  ...{ managers: { 'cluster-api': 'v1.13.4', 'metal3-provider': 'v1.13.2' }, processes: ['cluster-api'] },
});

describe('LocalManagers', () => {
  it('are started again where they have ended', async (t) => {
    const folder = tempDir(t);
    writeFileSync(
      join(folder, 'cluster.json'),
      JSON.stringify({ kind: 'local', ports: { apiServer: 1, etcd: 2, etcdPeer: 3 } }),
    );
    assert.equal((await localManagers.diff('', outputsOf(folder), { folder, clusterApi })).changes, true);
  });

  it('are left as they are where there is no cluster any more, and are forgotten with it', async (t) => {
    const folder = join(tempDir(t), 'gone');
    assert.equal((await localManagers.diff('', outputsOf(folder), { folder, clusterApi })).changes, false);
    assert.deepEqual(await localManagers.read('', outputsOf(folder)), { id: '' });
    await localManagers.delete('', outputsOf(folder));
  });

  it('are others for another cluster, and change with what is described', async (t) => {
    const folder = join(tempDir(t), 'gone');
    const { replaces } = await localManagers.diff('', outputsOf(folder), { folder: `${folder}-2`, clusterApi });
    assert.deepEqual(replaces, ['folder']);
    const described = { core: { featureGates: { ClusterTopology: true } } };
    assert.equal((await localManagers.diff('', outputsOf(folder), { folder, clusterApi: described })).changes, true);
  });

  it('are refused without one that clusters may have, before anything is looked for', async (t) => {
    const folder = tempDir(t);
    await rejects(
      localManagers.update('', outputsOf(folder), { folder, clusterApi: { without: ['metal3Provider'] } }),
      /the platform has metal3-provider, which the description leaves out: describe it as before, or run 'pulumi destroy'/,
      'invalid-input',
    );
  });
});
