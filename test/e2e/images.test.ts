/** Programs out of images of a real registry, which are pushed there over its API. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CATALOG, type ProgramSpec } from '../../src/programs/catalog';
import { findProgram, lookForProgram, type FindProgramOptions } from '../../src/programs/find';
import { fakeOperator } from '../src/programs/fake-program';
import { cli, runProgram } from '../support/cli';
import { HERE, digestOf, image, index, layer, programImage, push, type Flavour, type Packing } from '../support/images';
import { startRegistry, whyNoRegistry, type RealRegistry } from '../support/registry';
import { rejects } from '../support/rejects';

/** Behaves as the operator does, as far as a testbed without hosts can tell. */
const OPERATOR = `
const args = process.argv.slice(2);
const [host, port] = args.find((arg) => arg.startsWith('--health-addr=')).slice('--health-addr='.length).split(':');
require('node:http').createServer((request, response) => response.end('ok')).listen(Number(port), host);
`;
const PROGRAM = '#!/bin/sh\necho "fake kwok v0.8.0"\n';
const PATH_IN_IMAGE = 'usr/local/bin/kwok';
/** kwok, from an image alone. */
const { release: _release, goBuild: _build, ...KWOK } = CATALOG.kwok;
const ALONE: ProgramSpec = KWOK;

describe('a real registry', { timeout: 300_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'metal3-testbed-images-'));
  let why: string | undefined;
  let registry: RealRegistry | undefined;
  before(async () => {
    why = await whyNoRegistry();
    if (why === undefined) registry = await startRegistry(join(dir, 'registry'));
  });
  after(async () => {
    await registry?.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  let caches = 0;
  /** Looks in an empty cache. */
  const find = (options: FindProgramOptions & { readonly at?: RealRegistry } = {}) => {
    const { host } = options.at ?? registry ?? assert.fail('there is no registry');
    const settings = {
      METAL3_TESTBED_REGISTRIES: `registry.k8s.io=${host}`,
      XDG_CACHE_HOME: join(dir, `cache-${caches++}`),
    };
    return findProgram('kwok', {
      spec: ALONE,
      ...options,
      env: { HOME: dir, PATH: '/usr/bin:/bin', ...settings, ...options.env },
    });
  };
  const originOf = () => registry?.origin ?? '';

  it('gives the program for this machine of an index, in each packing and of both kinds', async (t) => {
    if (why !== undefined) return t.skip(why);
    for (const flavour of ['oci', 'docker'] satisfies Flavour[])
      for (const packing of ['none', 'gzip', 'zstd'] satisfies Packing[]) {
        const of = (content: string) =>
          image(
            [
              layer([{ name: 'etc/os-release', content: 'x' }], packing, flavour),
              layer([{ name: PATH_IN_IMAGE, content }], packing, flavour),
            ],
            flavour,
          );
        const tag = `${flavour}-${packing}`;
        const several = index(
          [
            ['linux/s390x', of('other')],
            [HERE, of(`${PROGRAM}# ${tag}\n`)],
          ],
          flavour,
        );
        await push(originOf(), 'kwok/kwok', several, tag);
        const found = await find({ version: tag });
        assert.equal(found.image, `registry.k8s.io/kwok/kwok:${tag}@${several.manifest.digest}`);
        assert.equal(readFileSync(found.file, 'utf8'), `${PROGRAM}# ${tag}\n`);
        const pinned = await find({ image: `registry.k8s.io/kwok/kwok@${several.manifest.digest}` });
        assert.equal(readFileSync(pinned.file, 'utf8'), `${PROGRAM}# ${tag}\n`);
      }
  });

  it('says what there is none of', async (t) => {
    if (why !== undefined) return t.skip(why);
    await rejects(
      find({ version: 'nowhere' }),
      /image: \S+\/manifests\/nowhere answered 404: the image does not exist/,
      'environment',
    );
    await rejects(find({ image: `registry.k8s.io/kwok/kwok@${digestOf('gone')}` }), /answered 404/, 'environment');
  });

  it('is noticed to have another image by a tag, which was pushed meanwhile', async (t) => {
    if (why !== undefined) return t.skip(why);
    const first = programImage(PATH_IN_IMAGE, PROGRAM);
    await push(originOf(), 'kwok/kwok', first, 'moves');
    const lockFile = join(dir, 'moves.lock.json');
    const found = await find({ version: 'moves' });
    writeFileSync(
      lockFile,
      JSON.stringify({ lockVersion: 1, images: { 'registry.k8s.io/kwok/kwok:moves': found.image?.split('@')[1] } }),
    );
    assert.equal((await find({ version: 'moves', lockFile })).image, found.image);
    const second = programImage(PATH_IN_IMAGE, `${PROGRAM}#\n`);
    await push(originOf(), 'kwok/kwok', second, 'moves');
    const message = await rejects(
      find({ version: 'moves', lockFile }),
      /kwok:moves is another image than before/,
      'invalid-input',
    );
    assert.ok(message.includes(`write ${second.manifest.digest} in its place`), message);
  });

  it("that wants a password is shown the one of Docker's configuration", async (t) => {
    if (why !== undefined) return t.skip(why);
    // What htpasswd writes for testuser and testpassword.
    const users = join(dir, 'htpasswd');
    writeFileSync(users, 'testuser:$2b$05$NMgg9oAJs8wZkx/7F8JBD.AvfiFH/.8Dsak8nMnXXHN89hLRl8i7.\n');
    const closed = await startRegistry(join(dir, 'closed'), `auth: { htpasswd: { realm: tests, path: ${users} } }\n`);
    try {
      mkdirSync(join(dir, 'docker'), { recursive: true });
      const login = { auths: { [closed.host]: { auth: btoa('testuser:testpassword') } } };
      writeFileSync(join(dir, 'docker', 'config.json'), JSON.stringify(login));
      const env = { METAL3_TESTBED_REGISTRIES: `registry.k8s.io=${closed.host}`, DOCKER_CONFIG: join(dir, 'docker') };
      await rejects(find({ at: closed }), /answered 401: it asks for credentials, which 'docker login/, 'environment');
      const pushed = programImage(PATH_IN_IMAGE, PROGRAM);
      await push(closed.origin, 'kwok/kwok', pushed, 'v0.8.0', `Basic ${btoa('testuser:testpassword')}`);
      assert.equal(
        (await find({ at: closed, env })).image,
        `registry.k8s.io/kwok/kwok:v0.8.0@${pushed.manifest.digest}`,
      );
    } finally {
      await closed.stop();
    }
  });

  it('is asked once for what is in the cache then', async (t) => {
    if (why !== undefined) return t.skip(why);
    const own = await startRegistry(join(dir, 'own'));
    try {
      await push(own.origin, 'kwok/kwok', programImage(PATH_IN_IMAGE, PROGRAM), 'v0.8.0');
      const env = { METAL3_TESTBED_REGISTRIES: `registry.k8s.io=${own.host}`, XDG_CACHE_HOME: join(dir, 'own-cache') };
      const first = await find({ env });
      await own.stop();
      assert.deepEqual({ ...(await find({ env })), source: '', why: '' }, { ...first, source: '', why: '' });
      const digest = createHash('sha256').update(readFileSync(first.file)).digest('hex');
      assert.equal(digest, digestOf(PROGRAM).slice('sha256:'.length));
    } finally {
      await own.stop();
    }
  });

  it('gives `up` its operator, which is written down with its digest and is not another one unasked', async (t) => {
    if (why !== undefined) return t.skip(why);
    const script = join(dir, 'operator.js');
    writeFileSync(script, OPERATOR);
    const operator = (mark: string) =>
      programImage(
        'baremetal-operator',
        readFileSync(
          fakeOperator(join(dir, 'operator'), 'v0.13', `exec ${process.execPath} ${script} "$@" # ${mark}`),
          'utf8',
        ),
      );
    const [first, second] = [operator('first'), operator('second')];
    await push(originOf(), 'metal3-io/baremetal-operator', first, 'v0.13.2');
    const [state, project] = [join(dir, 'state'), join(dir, 'programs.lock.json')];
    const at = ['--state-dir', state];
    const env: Record<string, string> = {
      METAL3_TESTBED_BAREMETAL_OPERATOR: '',
      METAL3_TESTBED_REGISTRIES: `quay.io=${registry?.host}`,
      XDG_CACHE_HOME: join(dir, 'up-cache'),
      PATH: '/usr/bin:/bin',
    };
    for (const name of ['etcd', 'kube-apiserver'] as const)
      env[CATALOG[name].variable] = (await findProgram(name)).file;
    const up = async (...args: string[]) =>
      cli(['up', '--hosts', '0', '--without-controller-manager', ...args], { env });
    const image = 'quay.io/metal3-io/baremetal-operator:v0.13.2';
    const lockOf = (file: string) =>
      (JSON.parse(readFileSync(file, 'utf8')) as { images: Record<string, string> }).images;
    try {
      const started = await up(...at);
      assert.equal(started.code, 0, started.stderr);
      const short = first.manifest.digest.slice('sha256:'.length, 'sha256:'.length + 12);
      const said = `simulated by the Bare Metal Operator v0.13.2 in test mode (image sha256 ${short})`;
      assert.ok(started.stdout.includes(said), started.stdout);
      assert.deepEqual(lockOf(join(state, 'programs.lock.json')), { [image]: first.manifest.digest });
      assert.equal((await up('--lock', project, ...at)).code, 0);
      assert.deepEqual(lockOf(project), { [image]: first.manifest.digest });

      // Another machine, to which the project's lock file has come.
      await push(originOf(), 'metal3-io/baremetal-operator', second, 'v0.13.2');
      env['XDG_CACHE_HOME'] = join(dir, 'up-cache-2');
      for (const args of [at, ['--lock', project, '--state-dir', join(dir, 'state-2')]]) {
        const moved = await up(...args);
        assert.equal(moved.code, 2, moved.stderr);
        assert.match(
          moved.stderr.replace(/\s+/g, ' '),
          /v0\.13\.2 is another image than before: .* write sha256:\w+ in its place there/,
        );
      }
      assert.equal(existsSync(join(dir, 'state-2')), false);
    } finally {
      await cli(['down', '--delete', ...at], { env });
    }
    assert.equal(existsSync(state), false);
  });

  it('gives `up` a real operator, on a machine without kwok, Go and a container engine', async (t) => {
    const binary = process.env['METAL3_TESTBED_BMO'];
    if (why !== undefined || binary === undefined) return t.skip(why ?? 'METAL3_TESTBED_BMO names no operator');
    const pushed = index([
      ['linux/s390x', programImage('baremetal-operator', 'other')],
      [HERE, image([layer([{ name: 'baremetal-operator', content: readFileSync(binary) }])])],
    ]);
    await push(originOf(), 'metal3-io/baremetal-operator', pushed, 'v0.13.2');
    const bin = join(dir, 'bin');
    mkdirSync(bin);
    for (const name of ['sh', 'flock', 'cat'])
      symlinkSync((await runProgram('sh', ['-c', `command -v ${name}`])).stdout.trim(), join(bin, name));
    const env: Record<string, string> = {
      METAL3_TESTBED_BAREMETAL_OPERATOR: '',
      METAL3_TESTBED_KWOK: '',
      XDG_CACHE_HOME: join(dir, 'real-cache'),
      METAL3_TESTBED_DOWNLOADS: 'http://127.0.0.1:9',
      METAL3_TESTBED_REGISTRIES: `quay.io=${registry?.host}`,
      PATH: bin,
    };
    for (const name of ['etcd', 'kube-apiserver', 'kube-controller-manager'] as const) {
      const found = await lookForProgram(name, { fetch: false });
      if ('program' in found) env[CATALOG[name].variable] = found.program.file;
    }
    const at = ['--state-dir', join(dir, 'real')];
    try {
      const { code, stdout, stderr } = await cli(['up', '--hosts', '20', ...at], { env });
      assert.equal(code, 0, stderr);
      const short = pushed.manifest.digest.slice('sha256:'.length, 'sha256:'.length + 12);
      assert.match(stdout, /^20 hosts: 20 available/m);
      assert.ok(
        stdout.includes(`simulated by the Bare Metal Operator v0.13.2 in test mode (image sha256 ${short})`),
        stdout,
      );
    } finally {
      await cli(['down', '--delete', ...at], { env });
    }
  });
});
