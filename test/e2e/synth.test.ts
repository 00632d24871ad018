/** What `cdk8s synth` writes, applied by the script beside it to a real kube-apiserver: one run from an empty cluster. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startLocalCluster, stopLocalCluster } from '../../src/cluster/local/local-cluster';
import { isOnPath, root, runProgram } from '../support/cli';

const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-synth-'));
const stateDir = join(dir, 'state');

// Nothing runs pods here, so that nothing would answer webhooks.
const DESCRIPTION = `installCertManager: false
operators: [{ webhook: false }]
hostSets: [{ count: 30, namespace: lab, hostsPerNamespace: 10 }]
`;

describe('a synthesized testbed, on a real kube-apiserver', { timeout: 300_000 }, () => {
  let kubeconfig = '';
  before(async () => {
    ({ kubeconfig } = (await startLocalCluster({ stateDir })).connection);
  });
  after(async () => {
    await stopLocalCluster(stateDir, { delete: true });
    rmSync(dir, { recursive: true, force: true });
  });

  it('is applied by its script in one run, CRDs before hosts, and a second run changes nothing', async (t) => {
    if (!(await isOnPath('kubectl'))) return t.skip('there is no kubectl on PATH');
    writeFileSync(join(dir, 'testbed.yaml'), DESCRIPTION);
    const app = join(root, 'build', 'src', 'app.js');
    const synth = await runProgram(process.execPath, [app], { cwd: dir, env: { CDK8S_OUTDIR: 'dist' } });
    assert.equal(synth.code, 0, synth.stderr);
    const apply = () => runProgram(join(dir, 'dist', 'apply.sh'), ['--kubeconfig', kubeconfig]);
    const hosts = async () => {
      const args = [
        '--kubeconfig',
        kubeconfig,
        'get',
        'baremetalhosts',
        '-A',
        '-o',
        'jsonpath={.items[*].metadata.uid}',
      ];
      return (await runProgram('kubectl', args)).stdout.split(' ').sort();
    };
    const first = await apply();
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /baremetalhosts\.metal3\.io condition met/);
    assert.doesNotMatch(first.stderr, /trying again|error/i);
    const made = await hosts();
    assert.equal(made.length, 30);
    const second = await apply();
    assert.equal(second.code, 0, second.stderr);
    assert.deepEqual(await hosts(), made);
  });
});
