import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { TestbedStacks, type TestbedStacksProps } from '../../stacks/automation';
import { script } from '../src/programs/fake-program';
import { tempDir } from '../support/temp-dir';
import { root } from '../support/cli';
import { rejects } from '../support/rejects';

const PASSPHRASE = { PULUMI_CONFIG_PASSPHRASE: 'test' };

/** Nothing of the machine's Pulumi, but what is put there. */
function setUp(t: TestContext) {
  const bin = join(tempDir(t), 'bin');
  const before = process.env;
  process.env = { PATH: `${bin}:/usr/bin:/bin`, HOME: bin };
  t.after(() => (process.env = before));
  const workDir = join(root, 'build', `no-such-${process.pid}`);
  const open = (props: Partial<TestbedStacksProps>) =>
    TestbedStacks.open({ name: 'ci', cluster: { kind: 'kind' }, workDir, ...props });
  return { bin, open, workDir };
}

describe('the stacks of a program', () => {
  it('need pulumi, and say how to get it', async (t) => {
    const { open, workDir } = setUp(t);
    await rejects(open({ env: PASSPHRASE }), /pulumi does not answer .*install its CLI/, 'environment');
    assert.equal(existsSync(workDir), false);
  });

  it('need a passphrase for secrets in the file backend, and none where states are elsewhere', async (t) => {
    const { bin, open, workDir } = setUp(t);
    script(join(bin, 'pulumi'), 'echo v3.300.0');
    await rejects(open({}), /no passphrase is set.*set PULUMI_CONFIG_PASSPHRASE/, 'invalid-input');
    assert.equal(existsSync(workDir), false);
    t.after(() => rmSync(workDir, { recursive: true }));
    await open({ env: { PULUMI_BACKEND_URL: 'https://api.example' } });
  });

  it('need a folder from which the package is found', async (t) => {
    const { open } = setUp(t);
    const workDir = tempDir(t);
    const message = /workDir .* is not inside a program that has metal3-testbed installed/;
    await rejects(open({ workDir, env: PASSPHRASE }), message, 'invalid-input');
  });

  it('have a name that stacks can have', async (t) => {
    const { open } = setUp(t);
    await rejects(open({ name: 'No Name', env: PASSPHRASE }), /name of the environment 'No Name'/, 'invalid-input');
  });
});
