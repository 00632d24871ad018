import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { down } from '../../../src/testbed/down';
import {
  claimManagementFolder,
  releaseManagementFolder,
  testbedFolders,
} from '../../../src/testbed/management-folders';
import { checkStateFolder, claimStateFolder } from '../../../src/testbed/state-folder';
import { refuses } from '../../support/refuses';
import { tempDir } from '../../support/temp-dir';

describe('the folder of several management clusters', () => {
  it('has a folder for each, and is gone with the last one', async (t) => {
    const dir = join(tempDir(t), 'a', 'lab');
    claimManagementFolder(dir);
    claimManagementFolder(dir);
    assert.deepEqual(testbedFolders(dir), []);
    for (const name of ['west', 'east']) claimStateFolder(join(dir, name));
    mkdirSync(join(dir, 'notes'));
    assert.deepEqual(testbedFolders(dir), [
      { name: 'east', stateDir: join(dir, 'east') },
      { name: 'west', stateDir: join(dir, 'west') },
    ]);
    await down(join(dir, 'east'), { delete: true });
    assert.deepEqual(releaseManagementFolder(dir), []);
    assert.deepEqual(readdirSync(dir).sort(), ['.management-clusters', 'notes', 'west']);
    await down(join(dir, 'west'), { delete: true });
    assert.deepEqual(releaseManagementFolder(dir), ['notes']);
    assert.deepEqual(readdirSync(dir), ['notes']);
  });

  it('leaves nothing where nothing has come of it', (t) => {
    const dir = join(tempDir(t), 'lab');
    claimManagementFolder(dir);
    releaseManagementFolder(dir);
    assert.equal(existsSync(dir), false);
  });

  it('is not one in which testbeds merely are', (t) => {
    const dir = tempDir(t);
    claimStateFolder(join(dir, 'mine'));
    assert.deepEqual(testbedFolders(dir), [{ stateDir: dir }]);
    releaseManagementFolder(dir);
    assert.deepEqual(readdirSync(dir), ['mine']);
  });

  it('is not that of one testbed, nor the other way round', (t) => {
    const [one, several] = [tempDir(t), tempDir(t)];
    claimStateFolder(one);
    refuses(
      () => claimManagementFolder(one),
      /holds one testbed, not several management clusters: run .* or give another/,
    );
    claimManagementFolder(several);
    refuses(() => claimStateFolder(several), /holds several management clusters, and this is one testbed/);
    refuses(() => checkStateFolder(several), /down --delete/);
    assert.deepEqual(readdirSync(several), ['.management-clusters']);
  });

  it('is not one that holds something else', (t) => {
    const dir = tempDir(t);
    writeFileSync(join(dir, 'thesis.tex'), 'precious');
    refuses(() => claimManagementFolder(dir), /is not empty and holds no testbed \(thesis\.tex\)/);
    const link = join(tempDir(t), 'link');
    symlinkSync('nowhere', link);
    refuses(() => claimManagementFolder(link), /dangling link/);
  });
});
