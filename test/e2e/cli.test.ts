import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Build } from '../../src/simulators/builds';
import { parseAllDocuments } from 'yaml';
import { cli, isOnPath, root, runProgram, type CliResult } from '../support/cli';

const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-cli-'));
const stateDir = join(dir, 'state');
const kubeconfig = join(stateDir, 'kubeconfig');
const testbed = (...args: string[]) => cli([...args, '--state-dir', stateDir], { cwd: dir });
const up = (...args: string[]) => testbed('up', '--simulator', 'kwok', ...args);
const kubectl = (args: string[], stdin?: string) =>
  runProgram('kubectl', ['--kubeconfig', kubeconfig, ...args], { ...(stdin !== undefined && { stdin }) });

function succeeds(result: CliResult): CliResult {
  assert.equal(result.code, 0, result.stderr);
  return result;
}

async function statesOf(): Promise<Record<string, number>> {
  const { stdout } = succeeds(await testbed('status', '--json'));
  return (JSON.parse(stdout) as { states: Record<string, number> }).states;
}

const sum = (states: Record<string, number>) => Object.values(states).reduce((a, b) => a + b, 0);

describe('the command line, on a real kube-apiserver', { timeout: 1_500_000 }, () => {
  let hasKubectl = false;
  before(async () => {
    hasKubectl = await isOnPath('kubectl');
  });
  after(async () => {
    await testbed('down', '--delete');
    rmSync(dir, { recursive: true, force: true });
  });

  it("brings the blog's 10 hosts to available, and shows what it does", async () => {
    const { stdout, stderr } = succeeds(await up());
    for (const task of ['control plane', 'platform', 'simulator', 'apply', 'hosts']) {
      assert.match(stderr, new RegExp(`^${task}: done in`, 'm'));
    }
    assert.match(stdout, /^NAME +STATE +CONSUMER +ONLINE +ERROR +AGE$/m);
    for (let i = 1; i <= 10; i++) assert.match(stdout, new RegExp(`^worker-${i} +available +true`, 'm'));
    assert.match(stdout, /10 hosts: 10 available, in [\d.]+ s\nsimulated by kwok v0\.\S+ \(sha256 [0-9a-f]{12}\)/);
  });

  it('tells scripts the same as JSON', async () => {
    const { stdout } = succeeds(await testbed('status', '--json'));
    const { builds, ...said } = JSON.parse(stdout) as { readonly builds: readonly Build[] };
    const kwok = { simulator: 'kwok', kubeconfig, problems: [] };
    const kinds = { BareMetalHost: { objects: 10, states: { available: 10 }, totals: {} } };
    assert.deepEqual(said, { hosts: 10, states: { available: 10 }, kinds, ...kwok });
    assert.deepEqual(
      builds.map(({ name }) => name),
      ['kwok'],
    );
    assert.match(builds[0]?.digest ?? '', /^sha256:[0-9a-f]{64}$/);
    succeeds(await testbed('wait', '--for', 'available', '--count', '10', '--timeout', '10'));
  });

  it('changes nothing when it runs again, and goes on from there when more hosts are asked for', async () => {
    succeeds(await up());
    succeeds(await up('--hosts', '25'));
    assert.deepEqual(await statesOf(), { available: 25 });
  });

  it("provisions a host by the blog's patch", async (t) => {
    if (!hasKubectl) return t.skip('kubectl is not on PATH');
    const image = { url: 'http://example.com/fake.vmdk', checksum: 'made-up', format: 'vmdk' };
    succeeds(await kubectl(['patch', 'bmh', 'worker-1', '--type=merge', '-p', JSON.stringify({ spec: { image } })]));
    succeeds(await testbed('wait', '--for', 'provisioned', '--count', '1', '--timeout', '60'));
    assert.deepEqual(await statesOf(), { available: 24, provisioned: 1 });
  });

  it('keeps its hosts over down and up', async () => {
    const down = succeeds(await testbed('down'));
    assert.match(down.stdout, /stopped; its data stays/);
    const refused = await testbed('status');
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /the control plane in .* does not run .*run 'metal3-testbed up'/);
    succeeds(await up('--hosts', '25'));
    // The image that was patched in is not part of the description, and stays.
    assert.deepEqual(await statesOf(), { available: 24, provisioned: 1 });
  });

  it('leaves a state that up goes on from when it is interrupted', async () => {
    const interrupted = await cli(['up', '--simulator', 'kwok', '--hosts', '400', '--state-dir', stateDir], {
      cwd: dir,
      interruptAt: /^apply: started/m,
    });
    assert.equal(interrupted.code, 130, interrupted.stderr);
    assert.match(
      interrupted.stderr,
      /interrupted: run the same command again to continue, or 'metal3-testbed down' to stop/,
    );
    succeeds(await up('--hosts', '400'));
    assert.equal(sum(await statesOf()), 400);
  });

  it('deletes hosts that the description no longer has', async () => {
    succeeds(await up('--hosts', '30'));
    assert.equal(sum(await statesOf()), 30);
    succeeds(await up('--hosts', '320'));
  });

  it('names the hosts that are still pending, and says where they are', async () => {
    const late = await testbed('wait', '--for', 'provisioned', '--count', '300', '--timeout', '1');
    assert.equal(late.code, 4);
    assert.match(
      late.stderr,
      /1 of 300 hosts are provisioned after 1 s; still pending:\n {2}default(-\d+)?\/worker-\d+: available(; last event .*)?\n[^]* and \d+ more/,
    );
  });

  it('has every synthesized object accepted by strict validation on the server', async (t) => {
    if (!hasKubectl) return t.skip('kubectl is not on PATH');
    const dist = join(dir, 'dist');
    succeeds(await runProgram('npx', ['cdk8s', 'synth', '--output', dist], { env: { CDK8S_CHECK_UPGRADE: 'false' } }));
    const files = readdirSync(dist).sort();
    assert.deepEqual(
      files.map((file) => file.replace(/-c8[0-9a-f]{6}\.k8s\.yaml$/, '')),
      ['testbed-1-cert-manager', 'testbed-2-baremetal-operator', 'testbed-3-hosts'],
    );
    let count = 0;
    for (const file of files) {
      const path = join(dist, file);
      const documents = parseAllDocuments(readFileSync(path, 'utf8')) as unknown[];
      const args = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '--force-conflicts', '-f', path];
      const dryRun = succeeds(await kubectl(args));
      assert.equal(dryRun.stdout.trim().split('\n').length, documents.length);
      count += documents.length;
    }
    assert.ok(count > 90, `only ${count} objects`);
  });

  it("generates what the blog's script does, and again without a change", async (t) => {
    if (!hasKubectl) return t.skip('kubectl is not on PATH');
    const { stdout: yaml } = succeeds(
      await cli(['generate', '--count', '10', '--name', 'blog', '--first-index', '1001']),
    );
    const first = succeeds(await kubectl(['apply', '-f', '-'], yaml));
    assert.equal(first.stdout.match(/ created$/gm)?.length, 20);
    const second = succeeds(await kubectl(['apply', '-f', '-'], yaml));
    assert.equal(second.stdout.match(/ unchanged$/gm)?.length, 20, second.stdout);
  });

  it('simulates failures and delays that the description asks for, and settles with them', async () => {
    const file = join(dir, 'failing.yaml');
    const own = join(dir, 'failing');
    writeFileSync(
      file,
      [
        'hostSets: [{ count: 40, name: shaky, namespace: shaky }]',
        'simulator:',
        '  registeringMilliseconds: [10, 50]',
        '  failures: [{ state: inspecting, share: 0.3, message: the disk hums }]',
      ].join('\n'),
    );
    try {
      succeeds(await cli(['up', file, '--simulator', 'kwok', '--state-dir', own], { cwd: dir }));
      const { stdout } = succeeds(await cli(['status', '--state-dir', own]));
      const failed = stdout.match(/^shaky-\d+ +inspecting .*inspection error/gm) ?? [];
      assert.ok(failed.length > 0 && failed.length < 40, `${failed.length} of 40 failed`);
      const late = await cli(['wait', '--for', 'available', '--timeout', '1', '--state-dir', own]);
      assert.equal(late.code, 4);
      assert.match(late.stderr, /inspection error: the disk hums/);
    } finally {
      await cli(['down', '--delete', '--state-dir', own]);
    }
  });

  it('runs a real Bare Metal Operator in test mode', async (t) => {
    const binary = process.env['METAL3_TESTBED_BMO'];
    if (binary === undefined) return t.skip('METAL3_TESTBED_BMO names no binary of the Bare Metal Operator');
    const own = join(dir, 'bmo');
    try {
      succeeds(await cli(['up', '--hosts', '20', '--bmo-binary', binary, '--state-dir', own], { cwd: dir }));
      const { stdout } = succeeds(await cli(['status', '--json', '--state-dir', own]));
      assert.deepEqual((JSON.parse(stdout) as { states: object }).states, { available: 20 });
    } finally {
      await cli(['down', '--delete', '--state-dir', own]);
    }
  });

  it('applies manifests as a set, says beforehand what it will do, and prunes on request', async () => {
    const hosts = async (count: number) =>
      succeeds(await cli(['generate', '--count', String(count), '--name', 'set', '--namespace', 'default'])).stdout;
    const set = (command: string, yaml: string, ...args: string[]) =>
      cli([command, '-', '--set', 'lab', '--state-dir', stateDir, ...args], { stdin: yaml });
    assert.match(succeeds(await set('apply', await hosts(5))).stdout, /^10 added$/m);
    assert.match(succeeds(await set('apply', await hosts(5))).stdout, /^10 unchanged$/m);
    const fewer = await hosts(3);
    const plan = JSON.parse(succeeds(await set('diff', fewer, '--json')).stdout) as Record<string, unknown>;
    const { added, changed, unchanged, removed } = plan;
    assert.deepEqual({ added, changed, unchanged, removed }, { added: 0, changed: 0, unchanged: 6, removed: 4 });
    assert.match(succeeds(await set('diff', fewer)).stdout, /^SET +KIND +ADDED +CHANGED +REMOVED +UNCHANGED\n/);
    assert.match(
      succeeds(await set('apply', fewer)).stderr,
      /4 objects of the set lab are no longer in the manifests and were kept; pass --prune/,
    );
    assert.equal(succeeds(await set('prune', fewer)).stdout, '4 removed\n');
    const twice = await set('apply', `${fewer}${fewer}`);
    assert.equal(twice.code, 2);
    assert.match(twice.stderr, /Secret default\/set-1-bmc-secret is in the manifests twice: leave one out/);
    const nothing = await set('prune', '');
    assert.equal(nothing.code, 2);
    assert.match(
      nothing.stderr,
      /the manifests have no objects, so every object of the set lab would be deleted: pass --all/,
    );
    const all = await cli(['prune', '--all', '--set', 'lab', '--state-dir', stateDir, '--json']);
    assert.equal((JSON.parse(succeeds(all).stdout) as { removed: number }).removed, 6);
  });

  it('deletes everything, and says so when there is nothing', async () => {
    succeeds(await testbed('down', '--delete'));
    assert.equal(existsSync(stateDir), false);
    assert.match(succeeds(await testbed('down')).stdout, /there is no testbed in .*: nothing to stop/);
    const refused = await testbed('status');
    assert.equal(refused.code, 3);
    assert.match(refused.stderr, /there is no testbed in .*: run 'metal3-testbed up' first/);
  });
});

describe('the command line, before anything is written', () => {
  const nowhere = join(tmpdir(), `metal3-testbed-nowhere-${process.pid}`);
  const refused = async (args: string[], code: number, message: RegExp) => {
    const result = await cli(args);
    assert.equal(result.code, code, result.stderr);
    assert.match(result.stderr, message);
    assert.equal(result.stdout, '');
    assert.equal(existsSync(nowhere), false);
    return result;
  };

  it('refuses bad input with exit code 2 and what to do', async () => {
    await refused(['generate'], 2, /give --count N, --clusters N, or a testbed.yaml/);
    await refused(['generate', '--count', '-1'], 2, /Give a whole number of at least 0/);
    await refused(['generate', '--count', '20000000'], 2, /use a whole number from 0 to 16777214/);
    await refused(['generate', '--count', '1', '--name', 'Upper'], 2, /'Upper' is not a valid DNS label/);
    await refused(['generate', '--count', '1', '--protocol', 'ilo4'], 2, /Allowed choices are/);
    await refused(['up', 'missing.yaml', '--state-dir', nowhere], 2, /missing.yaml cannot be read \(ENOENT\)/);
    await refused(
      ['up', '--simulator', 'kwok', '--bmo-binary', 'x', '--state-dir', nowhere],
      2,
      /leave one of them out/,
    );
    await refused(
      ['wait', '--for', 'availabel', '--state-dir', nowhere],
      2,
      /'availabel' is unknown; did you mean 'available'/,
    );
    await refused(['up', '--hosts', 'ten', '--state-dir', nowhere], 2, /whole number/);
    await refused(['upp'], 2, /unknown command/);
  });

  it('refuses a program that is not there', async () => {
    await refused(
      ['up', '--bmo-binary', join(nowhere, 'no-such-file'), '--state-dir', nowhere],
      2,
      /no-such-file does not exist/,
    );
  });

  it('names every wrong field of a description, and no credential', async () => {
    const file = join(tmpdir(), `metal3-testbed-bad-${process.pid}.yaml`);
    writeFileSync(file, 'hostSets:\n  - cuont: 3\n    credentials: { username: admin, password: [canary-31337] }\n');
    try {
      const { stderr } = await refused(
        ['up', file, '--state-dir', nowhere],
        2,
        /hostSets\[0\].cuont: unknown field; did you mean 'count'/,
      );
      assert.match(stderr, /hostSets\[0\].count: /);
      assert.doesNotMatch(stderr, /canary/);
      writeFileSync(file, 'hostSets:\n  - { count: 1, credentials: { username: a, password: "canary-31337 }\n');
      assert.doesNotMatch((await refused(['generate', file], 2, /is not valid YAML/)).stderr, /canary/);
    } finally {
      rmSync(file);
    }
  });

  it('ends quietly when the reader of a stream has had enough', async () => {
    const script = `"${process.execPath}" "${join(root, 'build/src/cli/main.js')}" generate --count 1000000 | head -n 4`;
    const result = await runProgram('bash', ['-c', script]);
    assert.equal(result.stderr, '');
    assert.match(result.stdout, /^# metal3-testbed generate: begin .*\n---\napiVersion: v1\nkind: Secret\n$/);
  });
});
