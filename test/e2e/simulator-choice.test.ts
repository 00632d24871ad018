/** What simulates the hosts of an embedded control plane: the real operator where it is, and never another unasked. */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findProgram } from '../../src/programs/find';
import type { Report } from '../../src/report/report';
import { findSimulators } from '../../src/simulators/process-folders';
import { fakeOperator } from '../src/programs/fake-program';
import { cli, type CliResult } from '../support/cli';
import { atEnd, tempDir } from '../support/temp-dir';

/** Behaves as the operator does, as far as a testbed without hosts can tell. */
const OPERATOR = `
const args = process.argv.slice(2);
const [host, port] = args.find((arg) => arg.startsWith('--health-addr=')).slice('--health-addr='.length).split(':');
require('node:http').createServer((request, response) => response.end('ok')).listen(Number(port), host);
`;

const TWO_RELEASES = `
operators:
  - { namespace: stable, watchedNamespaces: [lab-a] }
  - { namespace: next, version: v0.14.0-rc.0, watchedNamespaces: [lab-b] }
hostSets:
  - { count: 20, name: a, namespace: lab-a }
  - { count: 20, name: b, namespace: lab-b, firstIndex: 1000 }
`;

describe('what simulates the hosts', { timeout: 600_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-choice-'));
  const bin = join(dir, 'bin');
  const operator = join(bin, 'baremetal-operator');
  const state = join(dir, 'state');
  const at = ['--state-dir', state];
  let env: Record<string, string>;
  before(async () => {
    const programs = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kwok'] as const;
    const files: Record<string, string> = {};
    for (const name of programs)
      files[`METAL3_TESTBED_${name.replaceAll('-', '_').toUpperCase()}`] = (await findProgram(name)).file;
    // Nothing else is on this machine, and nothing can be fetched.
    const nowhere = ['quay.io', 'registry.k8s.io', 'gcr.io'].map((name) => `${name}=127.0.0.1:9`).join(',');
    const none = { METAL3_TESTBED_DOWNLOADS: 'http://127.0.0.1:9', METAL3_TESTBED_REGISTRIES: nowhere };
    const cache = { XDG_CACHE_HOME: join(dir, 'cache'), METAL3_TESTBED_BAREMETAL_OPERATOR: '' };
    env = { ...files, ...none, ...cache, PATH: `${bin}:/usr/bin:/bin` };
    const script = join(dir, 'operator.js');
    writeFileSync(script, OPERATOR);
    fakeOperator(operator, 'v0.13', `exec ${process.execPath} ${script} "$@"`);
  });
  after(async () => {
    await cli(['down', '--delete', ...at], { env });
    rmSync(dir, { recursive: true, force: true });
  });

  const up = (...args: string[]) => cli(['up', '--hosts', '0', ...args, ...at], { env });
  const succeeds = ({ code, stdout, stderr }: CliResult): CliResult => {
    assert.equal(code, 0, stdout + stderr);
    return { code, stdout, stderr };
  };
  const pid = () => findSimulators(state)[0]?.simulator?.pid ?? assert.fail('none runs');
  const BMO = /^simulated by the Bare Metal Operator v0\.13\.2 in test mode \(sha256 ([0-9a-f]{12})\)$/m;
  const digestIn = ({ stdout }: CliResult) => BMO.exec(stdout)?.[1] ?? assert.fail(stdout);
  const warnings = ({ stderr }: CliResult) => stderr.split('\n').filter((line) => line.startsWith('warning: '));

  it('is the real operator where it is, which is said with its release and digest', async () => {
    const first = succeeds(await up());
    const status = succeeds(await cli(['status', ...at], { env }));
    assert.equal(digestIn(status), digestIn(first));
    const { stdout } = succeeds(await cli(['status', '--json', ...at], { env }));
    const said = JSON.parse(stdout) as { simulator: string; builds: { version: string; digest: string }[] };
    assert.equal(said.simulator, 'bmo');
    assert.deepEqual(
      said.builds.map(({ version, digest }) => [version, digest.slice(0, 19)]),
      [['v0.13.2', `sha256:${digestIn(first)}`]],
    );
    const running = pid();
    const again = succeeds(await up());
    assert.deepEqual([digestIn(again), pid(), warnings(again)], [digestIn(first), running, []]);
  });

  it('is another build of it only where that is asked for, and that one runs then', async () => {
    const running = pid();
    appendFileSync(operator, '# built anew\n');
    const refused = await up();
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(
      refused.stderr,
      /error: the Bare Metal Operator v0\.13\.2 \(sha256 \w{12}\) is not the build of last time, v0\.13\.2 \(sha256 \w{12}\): pass --simulator bmo/,
    );
    assert.equal(pid(), running);
    const asked = succeeds(await up('--simulator', 'bmo'));
    assert.match(warnings(asked).join('\n'), /^warning: simulator: .* is not the build of last time, [^\n]*$/);
    assert.notEqual(pid(), running);
    assert.deepEqual(warnings(succeeds(await up())), []);
  });

  it('is not replaced by kwok where it is gone, unless that is asked for, and stays kwok then', async () => {
    const running = pid();
    rmSync(operator);
    const refused = await up();
    assert.equal(refused.code, 3, refused.stderr);
    assert.match(refused.stderr, /error: the hosts of this testbed are simulated by the Bare Metal Operator v0\.13\.2/);
    assert.match(refused.stderr, /--simulator kwok changes that/);
    assert.equal(pid(), running);
    const asked = succeeds(await up('--simulator', 'kwok'));
    assert.match(warnings(asked).join('\n'), /^warning: simulator: kwok takes the place of the Bare Metal Operator/);
    const KWOK = /^simulated by kwok v\S+ \(sha256 [0-9a-f]{12}\)$/m;
    assert.match(asked.stdout, KWOK);
    const script = join(dir, 'operator.js');
    fakeOperator(operator, 'v0.13', `exec ${process.execPath} ${script} "$@"`);
    const again = succeeds(await up());
    assert.match(again.stdout, KWOK);
    assert.match(again.stderr, /kwok, as the last time; --simulator bmo takes the real operator/);
    assert.match(succeeds(await cli(['status', ...at], { env })).stdout, KWOK);
  });

  it('is an operator of each release that is described, each from a program of its own', async () => {
    const own = join(dir, 'two');
    const file = join(dir, 'two.yaml');
    writeFileSync(file, TWO_RELEASES.replace(/hostSets:[^]*/, 'hostSets: []\n'));
    const body = `exec ${process.execPath} ${join(dir, 'operator.js')} "$@"`;
    const old = fakeOperator(`${operator}-v0.13.2`, 'v0.13', body);
    const young = fakeOperator(`${operator}-v0.14.0-rc.0`, 'v0.14', body);
    const programs = () => findSimulators(own).map(({ simulator }) => simulator?.program);
    const start = (...args: string[]) => cli(['up', file, ...args, '--state-dir', own], { env });
    try {
      const { stdout } = succeeds(await start());
      assert.match(
        stdout,
        /simulated by the Bare Metal Operators v0\.13\.2 \(sha256 \w{12}\) and v0\.14\.0-rc\.0 \(sha256 \w{12}\)/,
      );
      assert.deepEqual(programs(), [old, young]);
      const elsewhere = fakeOperator(join(dir, 'elsewhere'), 'v0.14', body);
      const given = ['--bmo-binary', `v0.13.2=${old}`, '--bmo-binary', `v0.14.0-rc.0=${elsewhere}`];
      succeeds(await start(...given));
      assert.deepEqual(programs(), [old, elsewhere]);
      const both = await start('--bmo-binary', old, '--bmo-binary', young);
      assert.equal(both.code, 2);
      assert.match(both.stderr, /Give one binary for all operators, or several with a version each/);
    } finally {
      await cli(['down', '--delete', '--state-dir', own], { env });
      for (const each of [old, young]) rmSync(each);
    }
  });

  it('is kwok where no source gives the operator, which is quick and one line', async () => {
    succeeds(await cli(['down', '--delete', ...at], { env }));
    rmSync(operator);
    const { stdout, stderr } = succeeds(await up());
    assert.match(stdout, /^simulated by kwok v/m);
    const said = stderr.split('\n').filter((line) => /Bare Metal Operator/.test(line));
    assert.equal(said.length, 1, stderr);
    assert.match(
      said[0] ?? '',
      /^warning: simulator: kwok simulates the hosts, since the Bare Metal Operator v0\.13\.2 cannot be had: PATH: no baremetal-operator/,
    );
  });
});

const [old, young] = [process.env['METAL3_TESTBED_BMO'], process.env['METAL3_TESTBED_BMO_NEXT']];
const skip =
  old === undefined || young === undefined
    ? 'METAL3_TESTBED_BMO and METAL3_TESTBED_BMO_NEXT name no binaries of two releases of the Bare Metal Operator'
    : false;

describe('two releases of the Bare Metal Operator on one control plane', { skip, timeout: 600_000 }, () => {
  it('each bring their hosts to available, go on where they are, and are measured apart', async (t) => {
    const dir = tempDir(t);
    const state = join(dir, 'state');
    const file = join(dir, 'two.yaml');
    writeFileSync(file, TWO_RELEASES);
    const binaries = [`v0.13.2=${old}`, `v0.14.0-rc.0=${young}`].flatMap((each) => ['--bmo-binary', each]);
    const must = async (...args: string[]) => {
      const { code, stdout, stderr } = await cli([...args, '--state-dir', state], { cwd: dir });
      assert.equal(code, 0, stdout + stderr);
      return stdout + stderr;
    };
    atEnd(t, () => cli(['down', '--delete', '--state-dir', state]));
    const said = await must('up', file, ...binaries);
    assert.match(said, /40 hosts: 40 available/);
    assert.match(
      said,
      /the Bare Metal Operators v0\.13\.2 \(sha256 \w{12}\) and v0\.14\.0-rc\.0 \(sha256 \w{12}\) in test mode/,
    );
    const programs = findSimulators(state).map(({ simulator }) => simulator?.program);
    assert.deepEqual(programs, [old, young]);
    assert.match(await must('up', file, ...binaries), /apply: done in \S+ s, 80 unchanged/);
    const report = join(dir, 'report.json');
    await must('run', file, ...binaries, '--report', report);
    const { environment } = JSON.parse(readFileSync(report, 'utf8')) as Report;
    assert.match(environment.simulator.version, /^v0\.13\.2 \(sha256 \w{12}\), v0\.14\.0-rc\.0 \(sha256 \w{12}\)$/);
    assert.deepEqual(
      environment.operators.map(({ name }) => name),
      ['stable', 'next'],
    );
    assert.match(await must('down', '--delete'), /deleted the testbed/);
    assert.equal(existsSync(state), false);
  });
});
