import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { claimPorts } from '../../../src/managers/ports';
import { atEnd, tempDir } from '../../support/temp-dir';

const PROCESSES = [
  { name: 'cluster-api', hasWebhooks: true },
  { name: 'workload-api', hasWebhooks: false },
];

describe('the ports of processes', () => {
  it('are all different, below those of workload clusters, and the same the next time', async (t) => {
    const dir = tempDir(t);
    const first = await claimPorts(dir, PROCESSES);
    const { health, metrics, webhook } = first.get('cluster-api')!;
    const other = first.get('workload-api')!;
    assert.equal(other.webhook, undefined);
    const all = [health, metrics, webhook ?? 0, other.health, other.metrics];
    assert.equal(new Set(all).size, 5);
    for (const port of all) assert.ok(port >= 10_000 && port < 20_000, String(port));
    assert.deepEqual(plain(await claimPorts(dir, PROCESSES)), plain(first));
    // One more process gets its own.
    const more = await claimPorts(dir, [...PROCESSES, { name: 'metal3-provider', hasWebhooks: true }]);
    assert.deepEqual(more.get('cluster-api'), first.get('cluster-api'));
    assert.equal(more.size, 3);
  });

  it('are the same for commands that ask at the same time', async (t) => {
    const dir = tempDir(t);
    const all = await Promise.all([1, 2, 3].map(() => claimPorts(dir, PROCESSES)));
    for (const each of all) assert.deepEqual(plain(each), plain(all[0]!));
  });

  it('give way where somebody else listens there by now, on one address of this machine or on every one', async (t) => {
    const dir = tempDir(t);
    const first = await claimPorts(dir, PROCESSES);
    const before = first.get('cluster-api')!;
    await listen(t, before.health, '127.0.0.1');
    await listen(t, before.webhook!, '127.0.0.2');
    const { health, metrics, webhook } = (await claimPorts(dir, PROCESSES)).get('cluster-api')!;
    assert.notEqual(health, before.health);
    assert.notEqual(webhook, before.webhook);
    assert.equal(metrics, before.metrics);
  });

  it('are chosen anew where what was written down is illegible', async (t) => {
    const dir = tempDir(t);
    await claimPorts(dir, PROCESSES);
    const file = join(dir, 'processes', 'ports.json');
    for (const damaged of ['{', '[]', '{"cluster-api":{"health":0,"metrics":"x"}}', '{"cluster-api":null}']) {
      writeFileSync(file, damaged);
      const claimed = await claimPorts(dir, PROCESSES);
      assert.equal(claimed.size, 2);
      assert.deepEqual(plain(claimed), JSON.parse(readFileSync(file, 'utf8')));
    }
  });
});

function plain(claimed: ReadonlyMap<string, object>): object {
  return JSON.parse(JSON.stringify(Object.fromEntries(claimed))) as object;
}

async function listen(t: TestContext, port: number, host: string): Promise<void> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  atEnd(t, () => new Promise<void>((done) => server.close(() => done())));
}
