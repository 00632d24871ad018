/** `npm run test:faults`: everything that may break, at length. The short form of each is in test/e2e. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import {
  clusterProcessKilled,
  connectionsReset,
  diskFull,
  processInterrupted,
  processKilled,
  storageFull,
  throttled,
} from './scenarios/apply';
import { lockContended } from './scenarios/lock';
import { clockMoved, watchCut, watchExpired } from './scenarios/observe';
import { starterKilled } from './scenarios/starter-killed';
import { applyBesidePrune, holderKilled, holderStopped, twoDescriptions } from './scenarios/writers';
import { Lab } from './support/lab';

describe('faults', { timeout: 3_600_000 }, () => {
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

  scenario('converges when the API server is killed and restarted', () =>
    clusterProcessKilled(lab, 'kube-apiserver', 200),
  );
  scenario('converges when etcd is killed and restarted', () => clusterProcessKilled(lab, 'etcd', 200));
  scenario('continues after SIGKILL at random moments', () => processKilled(lab, 500, 8));
  scenario('converges when connections are reset at random', () => connectionsReset(lab, 500));
  scenario('ends soon, in as much memory, when it is interrupted', () => processInterrupted(lab, 1_000, 20));
  scenario('gets through a storm of 429s without a failure', () => throttled(lab, 1_500, 5_000, 5_000));
  scenario('loses no transition when its watch is cut and etcd is compacted', () => watchCut(lab, 50, 12));
  scenario('loses and invents no transition when its watch has expired', () => watchExpired(lab, 50));
  scenario('leaves one of two descriptions whole that are applied to one set at once', () => twoDescriptions(lab, 20));
  scenario('leaves what one after the other leaves where apply and prune meet', () => applyBesidePrune(lab, 10));
  scenario('does not wait long for a writer that was killed', () => holderKilled(lab, 10));
  scenario('lets a writer that was stopped and overtaken write nothing more', () => holderStopped(lab, 4));
  scenario('measures durations by a clock that nobody moves', (t) => clockMoved(t, lab));
});

/** Each with the short form of it in test/e2e/process-faults.test.ts. */
describe('processes', { timeout: 5_400_000 }, () => {
  it('of which twelve at a time want one lock, and die in it', async (t) => t.diagnostic(await lockContended(200)));
  for (const program of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kwok', 'operator', 'manager'] as const)
    it(`are found again where those that start them are killed: ${program}`, async (t) =>
      t.diagnostic(await starterKilled(program, 100)));
});

describe('full storage', { timeout: 600_000 }, () => {
  it('is a clear error, and nothing is reported as done', async (t) => {
    const lab = await Lab.start({ etcdArguments: [`--quota-backend-bytes=${24 * 1024 ** 2}`] });
    try {
      t.diagnostic(await storageFull(lab, 1_000));
    } finally {
      await lab.stop();
    }
  });

  it('of the disk is a clear error too, and the next run goes on', async (t) => {
    if (process.getuid?.() !== 0) return t.skip('only root may mount a small file system');
    const disk = mkdtempSync(join(tmpdir(), 'metal3-testbed-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', disk]);
    try {
      const lab = await Lab.start({}, join(disk, 'state'));
      try {
        t.diagnostic(await diskFull(lab, 500));
      } finally {
        await lab.stop();
      }
    } finally {
      execFileSync('umount', ['--lazy', disk]);
      rmSync(disk, { recursive: true });
    }
  });
});
