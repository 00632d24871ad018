import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestbedError } from '../../../lib/errors';
import { releasesWith } from '../../../lib/components/baremetal-operator';
import { resolveTestbed, type TestbedProps } from '../../../lib/testbed/resolve';
import { installationOf } from '../../../src/install/installation';
import { changeOfBuild, describeSimulator, type Build, type SimulatorBuilds } from '../../../src/simulators/builds';
import { chooseSimulators, type ChosenSimulators } from '../../../src/simulators/choose';
import type { TestbedEvent } from '../../../src/util/events';
import { findProgram } from '../../../src/programs/find';
import { cli } from '../../support/cli';
import { fakeOperator, fakeProgram, script } from '../programs/fake-program';
import { bareMachine as machine } from '../../support/bare-machine';
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
    const old = fakeOperator(join(dir, 'old'), 'v0.13');
    const young = fakeOperator(join(dir, 'young'), 'v0.14');
    const choose = async (bmoBinary: string | Record<string, string>, ...operators: Operators) =>
      (await chosen({ operators }, { bmoBinary })).map(({ digest }) => digest);
    const digestOf = (file: string) => `sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}`;
    assert.deepEqual(await choose(old, {}), [digestOf(old)]);
    assert.deepEqual(await choose(young, { version: 'v0.14.0-rc.0' }), [digestOf(young)]);
    await rejects(
      choose(young, {}),
      /^operators\[0\]\.version: set it to v0\.14\.0-rc\.0, or give a binary of v0\.13\.2: .*young has no flag --test-mode, so that it is a release from v0\.14 on; given v0\.13\.2$/,
    );
    const both = [
      { watchedNamespaces: ['a'], namespace: 'a' },
      { version: 'v0.14.0-rc.0', watchedNamespaces: ['b'], namespace: 'b' },
    ] as const;
    await rejects(
      choose(old, ...both),
      /^operators\[1\]\.version: set it to v0\.13\.2, or give a binary of v0\.14\.0-rc\.0: .*old has no flag --hostclaims, --provisioner, so that it is a release from v0\.7 on and before v0\.14;/,
    );
    await rejects(
      choose(old, { extraArgs: ['--of-my-fork=1'] }),
      /^operators\[0\]: .*old has no flag --of-my-fork: leave/,
    );
    // Each has its own.
    assert.deepEqual(await choose({ 'v0.13.2': old, 'v0.14.0-rc.0': young }, ...both), [
      digestOf(old),
      digestOf(young),
    ]);
    await rejects(
      choose({ 'v0.12.0': old }, ...both),
      /--bmo-binary v0\.12\.0=.*: no operator .* described: v0\.13\.2, v0\.14\.0-rc\.0/,
    );
  });

  it('is found by its name on PATH where there are several', async (t) => {
    const { bin } = machine(t);
    fakeOperator(join(bin, 'baremetal-operator'), 'v0.13');
    fakeOperator(join(bin, 'baremetal-operator-v0.14.0-rc.0'), 'v0.14');
    const operators: Operators = [
      { watchedNamespaces: ['a'], namespace: 'a' },
      { version: 'v0.14.0-rc.0', watchedNamespaces: ['b'], namespace: 'b' },
    ];
    const builds = await chosen({ operators });
    assert.deepEqual(
      builds.map(({ name, version }) => [name, version]),
      [
        ['a', 'v0.13.2'],
        ['b', 'v0.14.0-rc.0'],
      ],
    );
    assert.equal(new Set(builds.map(({ digest }) => digest)).size, 2);
  });
});

type Operators = NonNullable<TestbedProps['operators']>;

async function choose(
  props: TestbedProps,
  options: Parameters<typeof chooseSimulators>[0]['options'] = {},
  before?: SimulatorBuilds,
): Promise<ChosenSimulators> {
  const testbed = resolveTestbed({ ...props, hostSets: [] });
  return chooseSimulators({ testbed, installation: installationOf(testbed), options, before });
}

async function chosen(...args: Parameters<typeof choose>): Promise<readonly Build[]> {
  return (await (await choose(...args)).prepare()).builds;
}

async function rejects(promise: Promise<unknown>, message: RegExp, code = 'invalid-input'): Promise<void> {
  await assert.rejects(promise, (error: TestbedError) => {
    assert.match(error.message, message);
    assert.equal(error.code, code);
    return true;
  });
}

describe('what simulates the hosts', () => {
  const heard = () => {
    const said: string[] = [];
    const listener = (event: TestbedEvent) => {
      if (event.task === 'simulator' && event.detail !== undefined) said.push(event.detail);
    };
    return { said, listener };
  };

  it('is the real operator where it is, and kwok where it is not, which is said in one line', async (t) => {
    const { bin } = machine(t);
    fakeProgram(join(bin, 'kwok'), '0.8.0');
    const { said, listener } = heard();
    assert.equal((await choose({}, { listener })).kind, 'kwok');
    assert.match(
      said.join('\n'),
      /^kwok simulates the hosts, since the Bare Metal Operator v0\.13\.2 cannot be had: PATH: no baremetal-operator in it.*$/,
    );
    fakeOperator(join(bin, 'baremetal-operator'), 'v0.13');
    assert.equal((await choose({}, { listener })).kind, 'bmo');
    assert.equal((await choose({}, { simulator: 'kwok', listener })).kind, 'kwok');
    assert.equal((await choose({ operators: [] }, { listener })).kind, 'kwok');
    assert.equal(said.length, 1);
  });

  it('is an error where the operator that is there is of another release', async (t) => {
    const { bin } = machine(t);
    fakeProgram(join(bin, 'kwok'), '0.8.0');
    fakeOperator(join(bin, 'baremetal-operator'), 'v0.14');
    await rejects(choose({}), /^operators\[0\]\.version: set it to v0\.14\.0-rc\.0, or give a binary of v0\.13\.2/);
    assert.equal((await choose({}, { simulator: 'kwok' })).kind, 'kwok');
  });

  it('stays what it was the last time, and changes where that is asked for, aloud', async (t) => {
    const { bin } = machine(t);
    fakeProgram(join(bin, 'kwok'), '0.8.0');
    const operator = fakeOperator(join(bin, 'baremetal-operator'), 'v0.13');
    const build = { name: 'kwok', version: 'v0.8.0', digest: `sha256:${'a'.repeat(64)}` };
    const kwok = { simulator: 'kwok', builds: [build] } as const;
    const bmo = { simulator: 'bmo', builds: [{ ...build, version: 'v0.13.2' }] } as const;
    const { said, listener } = heard();
    const kept = await choose({}, { listener }, kwok);
    await kept.prepare();
    assert.equal(kept.kind, 'kwok');
    assert.deepEqual(said.splice(0), ['kwok, as the last time; --simulator bmo takes the real operator']);
    assert.equal((await choose({}, { listener }, bmo)).kind, 'bmo');
    assert.deepEqual(said, []);

    assert.equal((await choose({}, { listener, simulator: 'bmo' }, kwok)).kind, 'bmo');
    assert.equal((await choose({}, { listener, bmoBinary: operator }, kwok)).kind, 'bmo');
    assert.equal((await choose({}, { listener, simulator: 'kwok' }, bmo)).kind, 'kwok');
    const until = 'which simulated the hosts of this testbed until now';
    assert.deepEqual(said, [
      ...Array<string>(2).fill(
        `the Bare Metal Operator takes the place of kwok v0.8.0 (sha256 aaaaaaaaaaaa), ${until}`,
      ),
      `kwok takes the place of the Bare Metal Operator v0.13.2 in test mode (sha256 aaaaaaaaaaaa), ${until}`,
    ]);

    rmSync(operator);
    await rejects(
      choose({}, {}, bmo),
      /^the hosts of this testbed are simulated by the Bare Metal Operator v0\.13\.2 in test mode \(sha256 a{12}\); --simulator kwok changes that: baremetal-operator was not found/,
      'environment',
    );
    await rejects(choose({}, { simulator: 'bmo' }), /^baremetal-operator was not found; tried:/, 'environment');
  });
});

describe('a build', () => {
  const build = { name: 'a', version: 'v0.13.2', digest: `sha256:${'1'.repeat(64)}` };
  const image = `quay.io/metal3-io/baremetal-operator:v0.13.2@sha256:${'2'.repeat(64)}`;
  const bmo = (...builds: Build[]): SimulatorBuilds => ({ simulator: 'bmo', builds });

  it('is told by its release and its digest, short', () => {
    const say = describeSimulator;
    assert.equal(say(bmo(build)), 'the Bare Metal Operator v0.13.2 in test mode (sha256 111111111111)');
    assert.equal(
      say(bmo({ ...build, image })),
      'the Bare Metal Operator v0.13.2 in test mode (image sha256 222222222222)',
    );
    assert.equal(say(bmo(build, { ...build, name: 'b' })), say(bmo(build)));
    assert.equal(
      say(bmo(build, { name: 'b', version: 'v0.14.0', image: 'me/bmo:dev' })),
      'the Bare Metal Operators v0.13.2 (sha256 111111111111) and v0.14.0 (image me/bmo:dev) in test mode',
    );
    assert.equal(say({ simulator: 'kwok', builds: [build] }), 'kwok v0.13.2 (sha256 111111111111)');
    assert.equal(say({ simulator: 'kwok', builds: [] }), 'kwok');
    assert.equal(say(bmo()), 'the Bare Metal Operator in test mode');
  });

  it('is another one where its file is, and the description is the same', () => {
    const other = { ...build, digest: `sha256:${'3'.repeat(64)}` };
    assert.equal(
      changeOfBuild(bmo(build), bmo(other)),
      'the Bare Metal Operator v0.13.2 (sha256 333333333333) is not the build of last time, v0.13.2 (sha256 111111111111)',
    );
    for (const now of [
      bmo(build),
      bmo({ ...other, version: 'v0.14.0' }),
      bmo({ ...other, name: 'b' }),
      { simulator: 'kwok', builds: [other] } as const,
    ])
      assert.equal(changeOfBuild(bmo(build), now), undefined);
    assert.equal(changeOfBuild(bmo(), bmo(build)), undefined);
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
      // What Node.js keeps of our own code is not what this is about.
      NODE_COMPILE_CACHE: at('compiled'),
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
