/** Several runs of `up` on one testbed, one after the other and at once. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { cli } from '../support/cli';

describe('up beside up', { timeout: 300_000 }, () => {
  let stateDir: string;
  before(() => {
    stateDir = join(mkdtempSync(join(tmpdir(), 'metal3-testbed-ups-')), 'state');
  });
  after(async () => {
    await cli(['down', '--delete', '--state-dir', stateDir]);
    rmSync(join(stateDir, '..'), { recursive: true, force: true });
  });

  const up = (hosts: number) =>
    cli(['up', '--simulator', 'kwok', '--hosts', String(hosts), '--timeout', '60', '--state-dir', stateDir]);

  it('says unchanged where nothing has changed, though the simulator has changed the hosts', async () => {
    const first = await up(8);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, /apply: done in .* 1\d added/);
    const second = await up(8);
    assert.equal(second.code, 0, second.stderr);
    assert.doesNotMatch(second.stderr, /\d (added|changed|removed)/);
    assert.match(second.stderr, /platform: done in [^\n]* \d+ unchanged/);
    assert.match(second.stderr, /apply: done in [^\n]* 1\d unchanged/);
  });

  it('lets each have its hosts before the other takes them away', async () => {
    for (const counts of [
      [8, 12],
      [12, 8],
    ]) {
      const results = await Promise.all(counts.map(up));
      for (const { code, stderr } of results) assert.equal(code, 0, stderr);
      const { stdout } = await cli(['status', '--json', '--state-dir', stateDir]);
      const { hosts, states } = JSON.parse(stdout) as { hosts: number; states: Record<string, number> };
      assert.ok(counts.includes(hosts), stdout);
      assert.equal(states['available'], hosts);
    }
  });
});
