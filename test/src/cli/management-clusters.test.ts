import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { cli, root, runProgram } from '../../support/cli';
import { tempDir } from '../../support/temp-dir';

const LAB = `hostSets: [{ count: 2, namespace: lab }]
managementClusters:
  - name: east
  - name: west
    hostSets: [{ count: 3, namespace: lab }]
`;

const MOVING = `clusterSets: [{ count: 1, name: c }]
managementClusters:
  - name: east
  - name: west
    scenario:
      steps:
        - move: { to: north }
`;

describe('a description of several management clusters', () => {
  it('is refused as a whole before anything is there', async (t) => {
    const [dir, stateDir] = [tempDir(t), join(tempDir(t), 'state')];
    const file = join(dir, 'lab.yaml');
    writeFileSync(file, MOVING);
    const run = await cli(['run', file, '--state-dir', stateDir]);
    assert.equal(run.code, 2);
    assert.ok(
      run.stderr.startsWith(
        `error: west: ${file}:7: managementClusters[1].scenario.steps[0].move.to: 'north' is not one of the management clusters of this run, which are east, west: `,
      ),
      run.stderr,
    );
    assert.equal(existsSync(stateDir), false);
    writeFileSync(file, LAB.replace('count: 3', 'count: 3, hostsPerNamespace: 0'));
    const up = await cli(['up', file, '--state-dir', stateDir]);
    assert.equal(up.code, 2);
    assert.ok(up.stderr.includes(`${file}:5: managementClusters[1].hostSets[0]`), up.stderr);
    assert.equal(existsSync(stateDir), false);
  });

  it('is written cluster by cluster, where one says which, and settings are found for one at a time', async (t) => {
    const file = join(tempDir(t), 'lab.yaml');
    writeFileSync(file, LAB);
    const hosts = async (...args: readonly string[]) => {
      const { stdout, stderr } = await cli(['generate', file, ...args]);
      return stderr || stdout.match(/^kind: BareMetalHost$/gm)?.length;
    };
    assert.equal(await hosts('--management-cluster', 'east'), 2);
    assert.equal(await hosts('--management-cluster', 'west'), 3);
    assert.match(String(await hosts()), /has the management clusters east, west, and this takes one: name it with/);
    const tuned = await cli(['tune', file, '--no-write']);
    assert.equal(tuned.code, 2);
    assert.match(tuned.stderr, /describes managementClusters, and one testbed is tuned at a time/);
  });

  it('has programs, each of them', async (t) => {
    const dir = tempDir(t);
    const file = join(dir, 'lab.yaml');
    writeFileSync(file, LAB);
    const { stdout, stderr } = await cli(['doctor', '--programs', file, '--json', '--state-dir', join(dir, 'state')]);
    const { managementClusters } = JSON.parse(stdout) as { managementClusters: { name: string; programs: object[] }[] };
    assert.deepEqual(
      managementClusters.map(({ name, programs }) => [name, programs.length > 0]),
      [
        ['east', true],
        ['west', true],
      ],
      stderr,
    );
  });

  it('is explained with what each may say', async () => {
    const { stdout } = await cli(['explain', 'managementClusters.hostSets.count']);
    assert.match(stdout, /^managementClusters\.hostSets\.count: a key of testbed\.yaml\n {2}How many hosts/);
  });

  it('is synthesized cluster by cluster, each with its script', async (t) => {
    const dir = tempDir(t);
    writeFileSync(join(dir, 'testbed.yaml'), LAB);
    const app = join(root, 'build', 'src', 'app.js');
    const synth = await runProgram(process.execPath, [app], { cwd: dir, env: { CDK8S_OUTDIR: 'dist' } });
    assert.equal(synth.code, 0, synth.stderr);
    assert.deepEqual(readdirSync(join(dir, 'dist')), ['east', 'west']);
    for (const [name, count] of [
      ['east', 2],
      ['west', 3],
    ] as const) {
      const files = readdirSync(join(dir, 'dist', name));
      assert.ok(files.includes('apply.sh'), files.join());
      const text = files.map((each) => readFileSync(join(dir, 'dist', name, each), 'utf8')).join('');
      assert.equal(text.match(/^kind: BareMetalHost$/gm)?.length, count, name);
    }
  });
});
