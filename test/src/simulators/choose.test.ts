import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { releasesWith } from '../../../lib/components/baremetal-operator';
import { resolveTestbed, type TestbedProps } from '../../../lib/testbed/resolve';
import { operatorCommands } from '../../../src/simulators/choose';
import { findProgram } from '../../../src/programs/find';
import { cli } from '../../support/cli';
import { refuses } from '../../support/refuses';
import { fakeOperator, fakeProgram, script } from '../programs/fake-program';
import { tempDir } from '../../support/temp-dir';

describe('the release of an operator', () => {
  const flags = async (file: string) => (await findProgram('baremetal-operator', { file })).flags!;

  it('is known as far as its flags tell', async (t) => {
    const dir = tempDir(t);
    const old = await flags(fakeOperator(join(dir, 'old'), 'v0.13'));
    const young = await flags(fakeOperator(join(dir, 'young'), 'v0.14'));
    assert.deepEqual(releasesWith(old), { from: 'v0.7', until: 'v0.14' });
    assert.deepEqual(releasesWith(young), { from: 'v0.14' });
    assert.deepEqual(releasesWith(new Set(['namespace', 'test-mode', 'dev', 'health-addr'])), undefined);
    assert.deepEqual(releasesWith(new Set([...old, 'provisioner'])), undefined);
  });

  it('has to fit the description: both ways it says which version does', async (t) => {
    const dir = tempDir(t);
    const old = await findProgram('baremetal-operator', { file: fakeOperator(join(dir, 'old'), 'v0.13') });
    const young = await findProgram('baremetal-operator', { file: fakeOperator(join(dir, 'young'), 'v0.14') });
    const commands = (program: typeof old, ...operators: NonNullable<TestbedProps['operators']>) =>
      operatorCommands(resolveTestbed({ operators, hostSets: [] }), program);
    assert.equal(commands(old, {}).length, 1);
    assert.equal(commands(young, { version: 'v0.14.0-rc.0' }).length, 1);
    refuses(
      () => commands(young, {}),
      /^operators\[0\]\.version: set it to v0\.14\.0-rc\.0, or give a binary of v0\.13\.2: .*young has no flag --test-mode, so that it is a release from v0\.14 on; given v0\.13\.2$/,
    );
    refuses(
      () =>
        commands(
          old,
          { watchedNamespaces: ['a'], namespace: 'a' },
          { version: 'v0.14.0-rc.0', watchedNamespaces: ['b'], namespace: 'b' },
        ),
      /^operators\[1\]\.version: set it to v0\.13\.2, or give a binary of v0\.14\.0-rc\.0: .*old has no flag --hostclaims, --provisioner, so that it is a release from v0\.7 on and before v0\.14;/,
    );
    refuses(
      () => commands(old, { extraArgs: ['--of-my-fork=1'] }),
      /^operators\[0\]: .*old has no flag --of-my-fork: leave/,
    );
  });
});

describe('up, with a program that will not do', () => {
  it('ends before anything is fetched, built, made or started', async (t) => {
    const dir = tempDir(t);
    const at = (...parts: string[]) => join(dir, ...parts);
    mkdirSync(at('work', 'bin'), { recursive: true });
    // Whatever is run besides would be found here first, and tell.
    const tell = `echo "$0 $*" >> ${at('ran')}; exit 1`;
    for (const name of ['etcd', 'kube-apiserver', 'kwok', 'go']) script(at('path', name), tell);
    script(at('work', 'bin', 'young'), 'exit 0');
    fakeOperator(at('work', 'bin', 'young'), 'v0.14', tell);
    writeFileSync(at('work', 'text'), 'hello\n', { mode: 0o755 });
    fakeProgram(at('work', 'old-etcd'), '3.4.1');
    const env = {
      HOME: dir,
      PATH: `${at('path')}:/usr/bin:/bin`,
      XDG_CACHE_HOME: at('cache'),
      METAL3_TESTBED_DOWNLOADS: 'http://127.0.0.1:9',
    };
    const refused = async (message: RegExp, args: readonly string[], more: Record<string, string> = {}) => {
      const ended = await cli(['up', '--state-dir', at('state'), ...args], {
        cwd: at('work'),
        env: { ...env, ...more },
      });
      assert.equal(ended.code, 2, ended.stderr);
      assert.match(ended.stderr, message);
      assert.doesNotMatch(ended.stderr, /downloading|building|control plane/);
      for (const made of ['state', 'cache', 'ran']) assert.ok(!existsSync(at(made)), `${made}: ${ended.stderr}`);
    };
    await refused(/operators\[0\]\.version: set it to v0\.14\.0-rc\.0/, ['--bmo-binary', './bin/young']);
    await refused(/work\/text is not a program/, ['--bmo-binary', 'text']);
    await refused(/\/bin\/true is not the program/, ['--bmo-binary', '/bin/true']);
    const kwok = ['--simulator', 'kwok'];
    await refused(/METAL3_TESTBED_KWOK cannot be used: .*work\/nothing does not exist/, kwok, {
      METAL3_TESTBED_KWOK: './nothing',
    });
    await refused(/METAL3_TESTBED_ETCD cannot be used: .* is version 3\.4\.1/, kwok, {
      METAL3_TESTBED_ETCD: 'old-etcd',
    });
    await refused(/METAL3_TESTBED_KUBE_APISERVER cannot be used: .*bin is a folder/, kwok, {
      METAL3_TESTBED_KUBE_APISERVER: 'bin',
    });
  });
});
