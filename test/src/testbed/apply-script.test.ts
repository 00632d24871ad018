import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { root, runProgram } from '../../support/cli';
import { script } from '../programs/fake-program';
import { tempDir } from '../../support/temp-dir';

/** Of the charts' paths, by which cdk8s names their files. */
const withoutHashes = (text: string) => text.replaceAll(/-c8[0-9a-f]{6}(?=\.k8s)/g, '');

describe('the script beside synthesized files', () => {
  /** Synthesizes as `cdk8s synth` does. */
  async function synth(cwd: string, description?: string) {
    rmSync(join(cwd, 'dist'), { recursive: true, force: true });
    if (description !== undefined) writeFileSync(join(cwd, 'testbed.yaml'), description);
    const app = join(root, 'build', 'src', 'app.js');
    const result = await runProgram(process.execPath, [app], { cwd, env: { CDK8S_OUTDIR: 'dist' } });
    assert.equal(result.code, 0, result.stderr);
    assert.equal(result.stdout, '');
    return result.stderr;
  }

  it('applies each file once what it needs is there, and again where a webhook does not answer yet', async (t) => {
    const dir = tempDir(t);
    const said = await synth(dir);
    const calls = join(dir, 'calls');
    // Refuses the second file twice.
    script(
      join(dir, 'bin', 'kubectl'),
      `echo "$*" >> ${calls}\ncase "$*" in *-2-*) [ "$(grep -c -e -2- ${calls})" -gt 2 ];; esac`,
    );
    script(join(dir, 'bin', 'sleep'), 'exit 0');
    const file = join(dir, 'dist', 'apply.sh');
    assert.equal(statSync(file).mode & 0o777, 0o755);
    const env = { PATH: `${join(dir, 'bin')}:${process.env['PATH']}` };
    const ended = await runProgram(file, ['--context', 'a b'], { cwd: root, env });
    assert.equal(ended.code, 0, ended.stderr);
    const expected = [
      'apply --server-side -f testbed-1-cert-manager.k8s.yaml',
      'wait --for=condition=Established --timeout=300s crd --all',
      'wait --for=condition=Available --timeout=300s deployment -n cert-manager --all',
      ...Array.from({ length: 3 }, () => 'apply --server-side -f testbed-2-baremetal-operator.k8s.yaml'),
      'wait --for=condition=Established --timeout=300s crd --all',
      'wait --for=condition=Available --timeout=300s deployment -n baremetal-operator-system --all',
      'apply --server-side -f testbed-3-hosts.k8s.yaml',
    ];
    assert.deepEqual(
      withoutHashes(readFileSync(calls, 'utf8')).trimEnd().split('\n'),
      expected.map((call) => `--context a b ${call}`),
    );
    // The same commands are told, for those who go step by step.
    const told = [...withoutHashes(said).matchAll(/^ {2}kubectl (.*)$/gm)].map(([, call]) =>
      call?.replace('-f dist/', '-f '),
    );
    assert.deepEqual(told, [...new Set(expected.slice(0, 4)), ...expected.slice(6)]);
    assert.match(said, /^dist\/apply\.sh applies it in one run/m);
  });

  it('ends with the first refusal that is not for want of a webhook, and gives up on one that goes on', async (t) => {
    const dir = tempDir(t);
    await synth(dir);
    const calls = join(dir, 'calls');
    script(join(dir, 'bin', 'sleep'), 'exit 0');
    const env = { PATH: `${join(dir, 'bin')}:${process.env['PATH']}` };
    const callsOf = async (refused: string) => {
      rmSync(calls, { force: true });
      script(join(dir, 'bin', 'kubectl'), `echo "$*" >> ${calls}\ncase "$*" in *${refused}*) exit 1;; esac`);
      const ended = await runProgram(join(dir, 'dist', 'apply.sh'), [], { env });
      assert.notEqual(ended.code, 0);
      return readFileSync(calls, 'utf8').trimEnd().split('\n').length;
    };
    assert.equal(await callsOf('-1-'), 1);
    assert.equal(await callsOf('Established'), 2);
    assert.equal(await callsOf('-2-'), 3 + 12);
  });

  it('waits for nothing where there is nothing to wait for', async (t) => {
    const dir = tempDir(t);
    const said = await synth(
      dir,
      'installCertManager: false\noperators: []\nhostSets: [{ count: 1, namespace: lab }]\n',
    );
    assert.deepEqual(
      [...withoutHashes(said).matchAll(/^ {2}(kubectl .*)$/gm)].map(([, call]) => call),
      [
        'kubectl apply --server-side -f dist/testbed-0-namespaces.k8s.yaml',
        'kubectl apply --server-side -f dist/testbed-3-hosts.k8s.yaml',
      ],
    );
  });
});
