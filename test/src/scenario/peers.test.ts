import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveScenario } from '../../../lib/scenario/resolve-scenario';
import { resolveTestbed } from '../../../lib/testbed/resolve';
import { Peers, type Peer } from '../../../src/scenario/peers';
import type { ScenarioRun } from '../../../src/scenario/scenario-run';

function peer(name: string, count: number, to?: string, sets: readonly object[] = [{ name: 'c', count }]): Peer {
  const testbed = resolveTestbed({ hostSets: [], clusterSets: sets as never });
  const { clusterSets } = testbed;
  const steps = to === undefined ? [{ rest: { seconds: 1 } }] : [{ move: { to } }];
  return { name, testbed, scenario: resolveScenario({ steps }, { clusterSets }) };
}

describe('descriptions that are run side by side', () => {
  it('are refused where one moves clusters to nobody', () => {
    const at = /scenario\.steps\[0\]\.move\.to: /.source;
    const cases: readonly (readonly [string, readonly Peer[]])[] = [
      [`${at}'b' is not one of the management clusters of this run, which are a: describe it`, [peer('a', 1, 'b')]],
      [`${at}'a' is this management cluster itself`, [peer('a', 1, 'a')]],
      [`${at}'b' has nobody who takes care of clusters`, [peer('a', 1, 'b'), peer('b', 0, undefined, [])]],
      [`${at}'b' has a cluster c-1/c-1 of its own`, [peer('a', 1, 'b'), peer('b', 2)]],
    ];
    for (const [message, peers] of cases) assert.throws(() => new Peers(peers).check('a'), new RegExp(message));
    const fine = new Peers([peer('a', 1, 'b'), peer('b', 0)]);
    for (const name of ['a', 'b']) fine.check(name);
  });

  it('wait for each other: for one to be up, and for those who move to it', async () => {
    const peers = new Peers([peer('a', 1, 'b'), peer('b', 0)]);
    const run = {} as ScenarioRun;
    let isOver = false;
    const over = peers.untilUnneeded('b').then(() => (isOver = true));
    await peers.untilUnneeded('a');
    peers.arrive('b', run);
    assert.equal(await peers.arrived('b'), run);
    assert.equal(isOver, false);
    peers.leave('a');
    await over;
  });

  it('do not wait for one that has failed', async () => {
    const peers = new Peers([peer('a', 1, 'b'), peer('b', 0)]);
    peers.leave('b');
    await assert.rejects(peers.arrived('b'), /management cluster b, to which clusters are moved, did not come up/);
    peers.leave('a');
    await peers.untilUnneeded('b');
  });
});
