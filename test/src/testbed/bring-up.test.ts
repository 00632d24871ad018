import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { TestbedError } from '../../../lib/errors';
import { resolveTestbed } from '../../../lib/testbed/resolve';
import { bringUp } from '../../../src/testbed/bring-up';
import { bareMachine } from '../../support/bare-machine';
import { tempDir } from '../../support/temp-dir';

describe('bringing a testbed up', () => {
  it('names all ways to a manager that cannot be had, before anything is started or built', async (t) => {
    bareMachine(t);
    const stateDir = join(tempDir(t), 'state');
    const testbed = resolveTestbed({ clusterApi: { without: ['ipAddressManager'] }, hostSets: [], operators: [] });
    const tasks: string[] = [];
    const listener = ({ task }: { readonly task: string }) => void tasks.push(task);
    await assert.rejects(bringUp(testbed, { stateDir, listener }), (error: unknown) => {
      assert.ok(error instanceof TestbedError);
      assert.equal(error.code, 'environment');
      for (const way of [
        /^clusterApi: capm3 was not found; tried:\n {2}- PATH: no capm3 in it\n {2}- image: .*cluster-api-provider-metal3\/manifests\/v1\.13\.2/s,
        /set METAL3_TESTBED_CAPM3 to its file, put it on PATH \(build its manager in a clone of https:/,
        /or use a cluster with pods \(--cluster kind\), or leave it out \(clusterApi: \{ without: \[metal3Provider\] \}\)$/,
      ])
        assert.match(error.message, way);
      return true;
    });
    assert.equal(existsSync(stateDir), false);
    // Those that can be built take minutes.
    assert.ok(!tasks.includes('cluster-api-core'), tasks.join(', '));
  });
});
