import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { resolveTestbed } from '../../../lib/testbed/resolve';
import { bringUp } from '../../../src/testbed/bring-up';
import { tempDir } from '../../support/temp-dir';

describe('bringing a testbed up', () => {
  it('refuses Cluster API on the embedded control plane, before anything is started', async (t) => {
    const stateDir = join(tempDir(t), 'state');
    const testbed = resolveTestbed({ clusterApi: {}, hostSets: [] });
    await assert.rejects(bringUp(testbed, { stateDir, cluster: { kind: 'local' } }), {
      code: 'invalid-input',
      message: /^clusterApi: cluster-api, .* run in pods, and the embedded control plane has none: use kind or/,
    });
    assert.equal(existsSync(stateDir), false);
  });
});
