/** Several management clusters of one description, each an embedded control plane with hosts that kwok simulates. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { check } from '../../lib/crd';
import type { ScenarioStep } from '../../lib/scenario/steps';
import type { TestbedDescription } from '../../lib/testbed/management-clusters';
import { metricValue } from '../../src/report/metrics';
import { reportSchema, type Report } from '../../src/report/report';
import { cli } from '../support/cli';
import { quickStages } from '../support/quick-stages';

const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-several-'));
const stateDir = join(dir, 'state');
const at = ['--state-dir', stateDir];

/** East has the common hosts and scenario, west its own. */
function describeLab(...west: readonly ScenarioStep[]): string {
  const lab: TestbedDescription = {
    hostSets: [{ count: 4, namespace: 'lab' }],
    simulator: quickStages,
    scenario: { steps: [{ enroll: {} }], timeoutSeconds: 120 },
    managementClusters: [
      { name: 'east' },
      { name: 'west', hostSets: [{ count: 6, namespace: 'lab' }], scenario: { steps: west, timeoutSeconds: 120 } },
    ],
  };
  const file = join(dir, 'lab.yaml');
  writeFileSync(file, JSON.stringify(lab));
  return file;
}

const hostsOf = (stdout: string) =>
  (
    JSON.parse(stdout) as { managementClusters: { name: string; hosts: number; states: Record<string, number> }[] }
  ).managementClusters.map(({ name, hosts, states }) => [name, hosts, states['available']]);

const stepsOf = ({ steps }: Report) => steps.map(({ name, done, objects }) => [name, done, objects]);

describe('several management clusters of one description', { timeout: 600_000 }, () => {
  after(async () => {
    await cli(['down', '--delete', ...at]);
    rmSync(dir, { recursive: true, force: true });
  });

  it('come up side by side; one that cannot is named and ends none of the others, and the next time it does', async () => {
    const args = ['up', describeLab({ enroll: {} }), '--simulator', 'kwok', ...at];
    const west = join(stateDir, 'west');
    mkdirSync(west, { recursive: true });
    // As an earlier run has left it, and somebody has put something there since.
    writeFileSync(join(stateDir, '.management-clusters'), '{}');
    writeFileSync(join(west, 'thesis.tex'), 'precious');
    const refused = await cli(args);
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(refused.stderr, /^error: west: state folder \S+ is not empty and holds no testbed \(thesis\.tex\)/m);
    assert.match(refused.stdout, /^== east ==\n[^=]*4 hosts: 4 available/);
    assert.equal(readFileSync(join(west, 'thesis.tex'), 'utf8'), 'precious');
    rmSync(west, { recursive: true });
    const both = await cli(args);
    assert.equal(both.code, 0, both.stderr);
    assert.match(both.stderr, /^east: apply: done in .* 8 unchanged/m);
    assert.match(both.stderr, /^west: apply: done in .* 12 added/m);
    assert.match(both.stdout, /^== west ==\n[^=]*6 hosts: 6 available/m);
    for (const name of ['east', 'west'])
      assert.ok(both.stdout.includes(`  export KUBECONFIG=${join(stateDir, name, 'kubeconfig')}\n`), both.stdout);
    assert.deepEqual(hostsOf((await cli(['status', '--json', ...at])).stdout), [
      ['east', 4, 4],
      ['west', 6, 6],
    ]);
    const waited = await cli(['wait', '--for', 'available', '--share', '100%', ...at]);
    assert.equal(waited.stdout, 'east: 4 hosts: 4 available\nwest: 6 hosts: 6 available\n', waited.stderr);
  });

  it('are driven side by side, in one report, which has what was measured of all where one fails', async () => {
    const report = join(dir, 'report.json');
    const steps: readonly ScenarioStep[] = [{ enroll: {} }, { provision: {}, name: 'use' }];
    const args = (file: string) => ['run', file, '--simulator', 'kwok', '--report', report, ...at];
    const read = () => JSON.parse(readFileSync(report, 'utf8')) as Report;
    const fine = await cli(args(describeLab(...steps)));
    assert.equal(fine.code, 0, fine.stderr);
    assert.deepEqual(check(reportSchema, read(), ''), []);
    assert.deepEqual(stepsOf(read()), [
      ['east: enroll', 4, 4],
      ['west: enroll', 6, 6],
      ['west: use', 6, 6],
    ]);
    assert.deepEqual(
      read().environment.clusters.map(({ name }) => name),
      ['east', 'west'],
    );
    for (const cluster of ['east', 'west'])
      assert.ok((metricValue(read(), 'api_server_cpu_seconds', { cluster }) ?? 0) > 0, cluster);

    const failing: ScenarioStep = { failHosts: { failures: [{ state: 'inspecting', share: 1 }] } };
    const failed = await cli(args(describeLab(failing, { enroll: {}, timeoutSeconds: 3 })));
    assert.equal(failed.code, 4, failed.stderr);
    assert.match(failed.stderr, /^error: west: step enroll: none of its 6 hosts reached the wanted state/m);
    assert.deepEqual(stepsOf(read()), [
      ['east: enroll', 4, 4],
      ['west: failHosts', 0, 0],
      ['west: enroll', 0, 6],
    ]);
  });

  it('are told apart by whatever takes one', async () => {
    const none = await cli(['prune', '--all', ...at]);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /has the management clusters east, west, and this takes one: name it with --management-/);
    const generated = await cli(['generate', join(dir, 'lab.yaml'), '--management-cluster', 'west']);
    assert.equal(generated.stdout.match(/^kind: BareMetalHost$/gm)?.length, 6, generated.stderr);
    const applied = await cli(['apply', '--management-cluster', 'east', ...at], {
      stdin: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'lab' } }),
    });
    assert.match(applied.stdout, /^1 added/, applied.stderr);
  });

  it('end one by one, or all at once, and leave nothing', async () => {
    const one = await cli(['down', '--delete', '--management-cluster', 'east', ...at]);
    assert.equal(one.stdout, `east: deleted the testbed in ${join(stateDir, 'east')}\n`, one.stderr);
    assert.deepEqual(
      hostsOf((await cli(['status', '--json', ...at])).stdout).map(([name]) => name),
      ['west'],
    );
    const stopped = await cli(['down', ...at]);
    assert.match(stopped.stdout, /^west: stopped; its data stays in /, stopped.stderr);
    const status = await cli(['status', ...at]);
    assert.equal(status.code, 3);
    assert.match(status.stderr, /^error: west: the control plane in \S+ does not run/m);
    const deleted = await cli(['down', '--delete', ...at]);
    assert.equal(deleted.code, 0, deleted.stderr);
    assert.equal(existsSync(stateDir), false);
    assert.match((await cli(['down', ...at])).stdout, /^there is no testbed in /);
  });
});
