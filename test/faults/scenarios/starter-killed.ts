/** Commands that are killed while they start or stop a background process. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { CLUSTER_API, clusterApiSpec } from '../../../lib/components/cluster-api/spec';
import { until } from '../../../src/util/until';
import { fakeOperator } from '../../src/programs/fake-program';
import { cli, type CliResult } from '../../support/cli';
import { standInManager } from '../../support/stand-in-manager';
import { KILL_POSITIONS, type KillPosition } from '../support/kill-starter';

/** A program that behaves as the operator does, as far as a testbed without hosts can tell. */
const OPERATOR = `
const { createServer } = require('node:http');
const args = process.argv.slice(2);
const [host, port] = (args.find((arg) => arg.startsWith('--health-addr=')) ?? '').slice('--health-addr='.length).split(':');
createServer((request, response) => response.end('ok')).listen(Number(port), host);
`;

/** What the kernel calls programs that are scripts. */
const EXE: Partial<Record<Program, string>> = { operator: 'node' };

export type Program = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kwok' | 'manager' | 'operator';

/** A manager of Cluster API alone, and no hosts. */
const DESCRIPTION = `
clusterApi: { without: [kubeadmBootstrap, kubeadmControlPlane, ipAddressManager, metal3Provider] }
hostSets: []
`;

/** A testbed whose commands can be killed. */
class Bench {
  private readonly dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-killed-'));
  private readonly state = join(this.dir, 'state');
  private readonly up: readonly string[];
  private readonly env: Readonly<Record<string, string>>;
  /** Of its pid file. */
  private readonly name: string;

  constructor(readonly program: Program) {
    const names: Partial<Record<Program, string>> = { kwok: 'simulator', operator: 'simulator', manager: CLUSTER_API };
    this.name = names[program] ?? program;
    const script = join(this.dir, 'operator.js');
    writeFileSync(script, OPERATOR);
    const operator = fakeOperator(join(this.dir, 'operator'), 'v0.13', `exec ${process.execPath} ${script} "$@"`);
    const simulator = program === 'operator' ? ['--bmo-binary', operator] : ['--simulator', 'kwok'];
    const description = join(this.dir, 'testbed.yaml');
    writeFileSync(description, DESCRIPTION);
    const described = program === 'manager' ? [description] : ['--hosts', '0'];
    this.up = ['up', ...described, ...simulator, '--state-dir', this.state];
    this.env = { METAL3_TESTBED_CLUSTER_API_CORE: standInManager(this.dir, clusterApiSpec) };
  }

  async start(): Promise<void> {
    succeeded(await cli(this.up, { env: this.env }));
    this.assertEachOnce('at first');
  }

  /** Kills `up` in the middle of starting the program, which has ended before. */
  async killStart(position: KillPosition): Promise<void> {
    for (const pid of this.processes(this.program)) process.kill(pid, 'SIGKILL');
    assert.ok(await until(() => this.processes(this.program).length === 0, { deadlineMs: 10_000, everyMs: 5 }));
    await this.killed(this.up, position);
  }

  /** Kills `down` in the middle of stopping the first program. */
  async killStop(): Promise<void> {
    await this.killed(['down', '--state-dir', this.state], 'stopping');
  }

  async goOn(what: string): Promise<void> {
    succeeded(await cli(this.up, { env: this.env }));
    this.assertEachOnce(what);
  }

  async delete(what: string): Promise<void> {
    succeeded(await cli(['down', '--delete', '--state-dir', this.state]));
    assert.deepEqual(this.processes(), [], `${what}: down --delete left processes`);
    assert.ok(!readdirSync(this.dir).includes('state'), `${what}: down --delete left the folder`);
  }

  stop(): void {
    for (const pid of this.processes()) process.kill(pid, 'SIGKILL');
    rmSync(this.dir, { recursive: true, force: true });
  }

  private async killed(args: readonly string[], position: KillPosition): Promise<void> {
    const env = {
      ...this.env,
      KILL_NAME: this.name,
      KILL_AT: position,
      NODE_OPTIONS: `--require ${JSON.stringify(require.resolve('../support/kill-starter'))}`,
    };
    const { code, stderr } = await cli(args, { env });
    assert.equal(code, null, `${args[0]} was to be killed at ${position} and was not:\n${stderr}`);
  }

  private assertEachOnce(what: string): void {
    const simulator = this.program === 'operator' ? 'operator' : 'kwok';
    for (const program of ['etcd', 'kube-apiserver', 'kube-controller-manager', simulator] as const)
      assert.equal(this.processes(program).length, 1, `${what}: ${program} does not run once`);
    if (this.program === 'manager')
      assert.equal(this.processes('manager').length, 1, `${what}: the manager does not run once`);
    // Beside kwok runs what looks at the Secrets of its hosts.
    const expected = (simulator === 'kwok' ? 5 : 4) + (this.program === 'manager' ? 1 : 0);
    assert.equal(this.processes().length, expected, `${what}: not all runs once, or more does than should`);
  }

  /** Those that work in the state folder, by what the kernel says and not by any record or mark of ours. */
  private processes(program?: Program): number[] {
    return readdirSync('/proc').flatMap((entry) => {
      if (!/^\d+$/.test(entry)) return [];
      try {
        if (!readlinkSync(`/proc/${entry}/cwd`).startsWith(this.state)) return [];
        const exe = basename(readlinkSync(`/proc/${entry}/exe`));
        const isManager = readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes('--webhook-cert-dir');
        const isIt =
          program === undefined || (program === 'manager' ? isManager : exe.startsWith(EXE[program] ?? program));
        return isIt ? [Number(entry)] : [];
      } catch {
        return [];
      }
    });
  }
}

function succeeded({ code, stdout, stderr }: CliResult): void {
  assert.equal(code, 0, stdout + stderr);
}

/**
 * Kills the command that starts a program, at each moment in turn; `up` then finds what was started or starts it, once, and
 * every few times `down --delete` is what comes next instead. Of `down`, one kill in each round.
 *
 * @param first the position of the first kill
 */
export async function starterKilled(program: Program, kills: number, first = 0): Promise<string> {
  const bench = new Bench(program);
  const positions = [...KILL_POSITIONS, 'stopping'] as const;
  try {
    await bench.start();
    let deletions = 0;
    for (let kill = 0; kill < kills; kill++) {
      const position = positions[(first + kill) % positions.length] ?? 'intent';
      const what = `${program}, kill ${kill + 1}, at ${position}`;
      if (position === 'stopping') await bench.killStop();
      else await bench.killStart(position);
      // With another position in each round.
      if ((kill + Math.floor(kill / positions.length)) % 4 === 3) {
        await bench.delete(what);
        deletions++;
      }
      await bench.goOn(what);
    }
    await bench.delete('at last');
    return `${program}: ${kills} kills, ${deletions + 1} times down --delete: 0 orphans, 0 doubles`;
  } finally {
    bench.stop();
  }
}
