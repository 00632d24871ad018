/**
 * Our verdicts beside those of BMO and an API server, over generated hosts. `METAL3_TESTBED_HOST_ORACLE` names a program
 * that knows theirs: for each line `{"release": "v0.13.2", "host": {…}}` it writes a line `{"ok": true}` or
 * `{"ok": false, "error": "…"}`.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { hostProblems } from '../../../../lib/kinds/bare-metal-host/host-rules';
import type { BareMetalHostManifest } from '../../../../lib/kinds/bare-metal-host/manifests';
import { hostileHost, type HostileHost } from '../../../support/hostile-hosts';

const oracle = process.env['METAL3_TESTBED_HOST_ORACLE'];
const HOSTS = Number(process.env['METAL3_TESTBED_DESCRIPTIONS'] ?? 1_000);
const SEED = Number(process.env['METAL3_TESTBED_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** What is refused here and taken there, each for the reason that `hostProblems` gives. */
const STRICTER = [/: unknown field/, /: must not be null/, /has a user name, which is not allowed/];

interface Verdict {
  readonly ok: boolean;
  readonly error?: string;
}

describe('any host, however hostile', () => {
  it('is taken, or refused in words of moderate length', () => {
    fc.assert(
      fc.property(hostileHost, fc.constantFrom('v0.9.3', 'v0.13.2', 'v0.14.0-rc.0'), (host, release) => {
        const problems = hostProblems(host as unknown as BareMetalHostManifest, release);
        for (const problem of problems) assert.ok(problem.length > 10 && problem.length < 700, problem);
      }),
      { numRuns: 500 },
    );
  });
});

describe('hosts, judged as by the Bare Metal Operator and the API server', () => {
  for (const release of ['v0.13.2', 'v0.14.0-rc.0']) {
    const skip = oracle === undefined ? 'METAL3_TESTBED_HOST_ORACLE names no program' : false;
    it(`of ${release}`, { skip }, (t) => {
      const hosts = fc.sample(hostileHost, { numRuns: HOSTS, seed: SEED });
      const theirs = ask(release, hosts);
      const count = { taken: 0, refused: 0, stricter: 0 };
      const differences: string[] = [];
      for (const [i, host] of hosts.entries()) {
        const problems = hostProblems(host as unknown as BareMetalHostManifest, release);
        const verdict = theirs[i]!;
        if (verdict.ok === (problems.length === 0)) count[verdict.ok ? 'taken' : 'refused']++;
        else if (verdict.ok && problems.every((problem) => STRICTER.some((reason) => reason.test(problem))))
          count.stricter++;
        else
          differences.push(
            `${JSON.stringify(host).slice(0, 1_000)}\n  here: ${problems.join('; ') || 'taken'}\n  there: ${verdict.error ?? 'taken'}`,
          );
      }
      t.diagnostic(`${release}: ${JSON.stringify(count)}, ${differences.length} differences, seed ${SEED}`);
      assert.equal(differences.length, 0, differences.slice(0, 20).join('\n'));
      assert.ok(count.taken > HOSTS / 10 && count.refused > HOSTS / 10, 'both happen');
    });
  }
});

function ask(release: string, hosts: readonly HostileHost[]): readonly Verdict[] {
  const input = hosts.map((host) => `${JSON.stringify({ release, host })}\n`).join('');
  const { stdout, status } = spawnSync(oracle ?? '', { input, encoding: 'utf8', maxBuffer: 2 ** 30, shell: true });
  assert.equal(status, 0, 'the oracle ends well');
  const verdicts = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Verdict);
  assert.equal(verdicts.length, hosts.length);
  return verdicts;
}
