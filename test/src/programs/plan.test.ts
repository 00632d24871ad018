import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { planPrograms, type PlannedProgram } from '../../../src/programs/plan';
import { lockImages } from '../../../src/programs/programs-lock';
import { cli } from '../../support/cli';
import { digestOf } from '../../support/images';
import { tempDir } from '../../support/temp-dir';
import { fakeProgram, script } from './fake-program';

const sources = (planned: readonly PlannedProgram[], name: string) =>
  planned.filter((each) => each.name === name).map(({ places }) => places.map(({ source }) => source));

describe('where programs would be taken from', { skip: process.platform !== 'linux' }, () => {
  it('is looked at in order, and nothing is fetched or written', async (t) => {
    const dir = tempDir(t);
    const etcd = fakeProgram(join(dir, 'bin', 'etcd'), '3.6.1');
    const old = fakeProgram(join(dir, 'bin', 'kwok'), 'v0.1.0');
    script(join(dir, 'bin', 'go'), 'echo go version go9.9.9');
    const env = {
      HOME: dir,
      PATH: join(dir, 'bin'),
      METAL3_TESTBED_KIND: join(dir, 'nothing'),
      // Whoever is asked refuses.
      METAL3_TESTBED_REGISTRIES: 'quay.io=127.0.0.1:1',
    };
    const lockFile = join(dir, 'programs.lock.json');
    const digest = digestOf('x');
    await lockImages(lockFile, new Map([['quay.io/metal3-io/baremetal-operator:v0.13.2', digest]]), {
      env: { HOME: join(dir, 'other') },
    });
    const operators = [{ version: 'v0.13.2' }, { version: 'v0.14.0', image: 'me/bmo:dev' }];
    const planned = await planPrograms({ env, lockFile, operators });

    const of = (name: string) => planned.filter((each) => each.name === name);
    assert.deepEqual(of('etcd')[0]?.places, [{ source: 'PATH', version: 'v3.6.1', where: etcd }]);
    assert.deepEqual(sources(planned, 'kube-apiserver'), [['download', 'image', 'go build']]);
    assert.deepEqual(sources(planned, 'kwok'), [['download', 'image', 'go build']]);
    assert.deepEqual(of('kwok')[0]?.problems, [`PATH: ${old} is version 0.1.0; 0.7 or newer is needed`]);
    assert.deepEqual(
      of('baremetal-operator').map(({ places }) => places),
      [
        [
          {
            source: 'image',
            version: 'v0.13.2',
            where: `quay.io/metal3-io/baremetal-operator:v0.13.2@${digest} at 127.0.0.1:1`,
          },
        ],
        [{ source: 'image', version: 'unknown', where: 'docker.io/me/bmo:dev' }],
      ],
    );
    assert.deepEqual(sources(planned, 'capm3'), [['image']]);
    assert.deepEqual(of('kind')[0]?.places, []);
    assert.match(of('kind')[0]?.problems[0] ?? '', /METAL3_TESTBED_KIND cannot be used: .* does not exist/);
    assert.equal(existsSync(join(dir, '.cache')), false);
  });

  it('is a table that a terminal of 80 columns shows whole, whatever is in it', async (t) => {
    const dir = tempDir(t);
    const long = join(dir, 'a-folder'.repeat(12), 'b'.repeat(90));
    fakeProgram(join(long, 'etcd'), '3.6.1');
    const bin = join(dir, 'bin');
    script(join(bin, 'go'), 'echo go version go9.9.9');
    const described = 'operators: [{ version: v0.14.0-rc.0 }]\nclusterApi: { core: { image: my/capi:dev } }\n';
    writeFileSync(join(dir, 'testbed.yaml'), described);
    const run = (...args: string[]) =>
      cli(['doctor', '--programs', '--state-dir', join(dir, 'state'), ...args], {
        cwd: dir,
        env: {
          HOME: dir,
          XDG_CACHE_HOME: join(dir, 'cache'),
          PATH: `${long}:${bin}:/usr/bin:/bin`,
          METAL3_TESTBED_REGISTRIES: '',
          // Whatever the tests are run with.
          METAL3_TESTBED_ETCD: '',
          METAL3_TESTBED_BAREMETAL_OPERATOR: '',
          METAL3_TESTBED_CLUSTER_API_CORE: '',
          METAL3_TESTBED_KUBEADM_BOOTSTRAP: '',
          KUBEBUILDER_ASSETS: '',
        },
      });
    const { stdout, stderr, code } = await run();
    assert.equal(code, 0, stderr);
    const lines = stdout.trimEnd().split('\n');
    assert.ok(
      lines.every((line) => line.length <= 80),
      stdout,
    );
    assert.match(lines[0] ?? '', /^PROGRAM +FROM +WHERE$/);
    assert.match(
      stdout,
      /^baremetal-operator +image +quay\.io\/metal3-io\/baremetal-operator:\n +v0\.14\.0-rc\.0\n +or kwok +which simulates the hosts then$/m,
    );
    // Nothing of it is lost where it is broken.
    assert.ok(stdout.replace(/\s+/g, '').includes(join(long, 'etcd')), stdout);
    const planned = JSON.parse((await run('--json')).stdout) as PlannedProgram[];
    assert.deepEqual(sources(planned, 'etcd'), [['PATH']]);
    const core = planned.find(({ name }) => name === 'cluster-api-core')?.places.map(({ where }) => where);
    // Modules of the built-in release are not what a fork is built from.
    assert.deepEqual(core, ['docker.io/my/capi:dev']);
    assert.deepEqual(sources(planned, 'kubeadm-bootstrap'), [['image', 'go build']]);
    for (const left of ['state', 'cache']) assert.equal(existsSync(join(dir, left)), false);
    const damaged = join(dir, 'programs.lock.json');
    writeFileSync(damaged, '{');
    const told = await run('--lock', damaged);
    assert.match(
      told.stdout.replace(/\s+/g, ' '),
      /baremetal-operator nowhere .*programs\.lock\.json is not valid JSON/,
    );
  });
});
