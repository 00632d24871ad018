/** The short forms of `npm run test:faults`: each fault once, with few hosts. */
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import {
  clusterProcessKilled,
  connectionsReset,
  processInterrupted,
  processKilled,
  storageFull,
  throttled,
} from '../faults/scenarios/apply';
import { clockMoved, watchCut, watchExpired } from '../faults/scenarios/observe';
import { applyBesidePrune, holderKilled, holderStopped, twoDescriptions } from '../faults/scenarios/writers';
import { Lab } from '../faults/support/lab';

describe('apply and observe, when things break', { timeout: 600_000 }, () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.start();
  });
  after(() => lab.stop());

  const scenario = (name: string, run: (t: TestContext) => Promise<string>) => {
    it(name, async (t) => {
      t.diagnostic(await run(t));
    });
  };

  // So many hosts that the fault strikes in the middle, on a fast machine too.
  scenario('converges when connections are reset at random', () => connectionsReset(lab, 200));
  scenario('continues after SIGKILL', () => processKilled(lab, 400, 1));
  scenario('ends soon, in as much memory, when it is interrupted', () => processInterrupted(lab, 1_000, 3));
  scenario('gets through a storm of 429s without a failure', () => throttled(lab, 300, 1_500));
  scenario('loses no transition when its watch is cut and etcd is compacted', () => watchCut(lab, 10, 3));
  scenario('loses and invents no transition when its watch has expired', () => watchExpired(lab, 5));
  scenario('leaves one of two descriptions whole that are applied to one set at once', () => twoDescriptions(lab, 2));
  scenario('leaves what one after the other leaves where apply and prune meet', () => applyBesidePrune(lab, 1));
  scenario('does not wait long for a writer that was killed', () => holderKilled(lab, 1));
  scenario('lets a writer that was stopped and overtaken write nothing more', () => holderStopped(lab, 1));
  scenario('measures durations by a clock that nobody moves', (t) => clockMoved(t, lab));
  scenario('converges when etcd is killed and restarted', () => clusterProcessKilled(lab, 'etcd', 800));
  scenario('converges when the API server is killed and restarted', () =>
    clusterProcessKilled(lab, 'kube-apiserver', 800),
  );
});

describe('full storage', { timeout: 300_000 }, () => {
  it('is a clear error, and nothing is reported as done', async (t) => {
    const lab = await Lab.start({ etcdArguments: [`--quota-backend-bytes=${8 * 1024 ** 2}`] });
    try {
      t.diagnostic(await storageFull(lab, 300));
    } finally {
      await lab.stop();
    }
  });
});
