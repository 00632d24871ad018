/** The image as one of the places where a program is looked for, and what its tag stands for from the first time on. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { platform } from '../../../../src/programs/cache';
import { CATALOG, type ProgramName } from '../../../../src/programs/catalog';
import { findProgram, lookForProgram, type FindProgramOptions } from '../../../../src/programs/find';
import { lockImages, readProgramsLock } from '../../../../src/programs/programs-lock';
import { digestOf, programImage, type Image } from '../../../support/images';
import { refuses } from '../../../support/refuses';
import { rejects } from '../../../support/rejects';
import { fakeOperator, fakeProgram, script } from '../fake-program';
import { IMAGE_ONLY, PATH_IN_IMAGE, PROGRAM, machine } from './machine';

const KWOK = 'registry.k8s.io/kwok/kwok:v0.8.0';
const IMAGE = programImage(PATH_IN_IMAGE, PROGRAM);
/** What another image is by the same tag. */
const MOVED = programImage(PATH_IN_IMAGE, `${PROGRAM}# moved\n`);
const shortOf = ({ manifest }: Image) => manifest.digest.slice(0, 'sha256:'.length + 12);

describe('a program of an image', () => {
  it('is taken where the machine and the cache have none, is found in the cache from then on, and says so', async (t) => {
    const { registry, env, cache } = await machine(t);
    registry.add('v0.8.0', IMAGE);
    const find = () => findProgram('kwok', { env, spec: IMAGE_ONLY });
    const file = join(cache, `image-${IMAGE.manifest.digest.replace(':', '-')}`, 'kwok');
    const image = `${KWOK}@${IMAGE.manifest.digest}`;
    const found = { name: 'kwok', file, version: 'v0.8.0', image, tagged: KWOK } as const;
    assert.deepEqual(await find(), {
      ...found,
      source: 'image',
      why: `image ${KWOK}@${shortOf(IMAGE)}; PATH: no kwok in it`,
    });
    const { length } = registry.asked;
    assert.deepEqual(await find(), {
      ...found,
      source: 'cache',
      why: `cache of image ${KWOK}@${shortOf(IMAGE)}; PATH: no kwok in it`,
    });
    assert.equal(registry.asked.length, length);
  });

  it('comes after PATH and a download, and before a build with Go', async (t) => {
    const { registry, env, dir } = await machine(t);
    registry.add('v0.8.0', IMAGE);
    script(join(dir, 'go', 'go'), 'echo "go version go1.26"; exit 0');
    const offline = { ...env, PATH: `${join(dir, 'go')}:${env.PATH}`, METAL3_TESTBED_DOWNLOADS: 'http://127.0.0.1:1' };
    const events: string[] = [];
    const found = await findProgram('kwok', {
      env: offline,
      listener: (event) => event.type === 'warning' && events.push(event.detail),
    });
    assert.equal(found.source, 'image');
    assert.match(
      found.why,
      /^image registry\.k8s\.io\S+; PATH: no kwok in it; download: http:\S+ cannot be reached: [^\n]*$/,
    );
    assert.match(events.join('\n'), /cannot be reached: .*; taking it out of its image now$/);
    fakeProgram(join(dir, 'bin', 'kwok'), 'v0.7.0');
    const onPath = await findProgram('kwok', { env: { ...offline, PATH: `${join(dir, 'bin')}:${env.PATH}` } });
    assert.equal(onPath.why, 'PATH');
  });

  it('says why there is none, besides what else was tried', async (t) => {
    const { registry, env } = await machine(t);
    const spec = {
      ...IMAGE_ONLY,
      image: { repository: 'registry.k8s.io/kwok/kwok', version: 'v0.8.0', path: '/kwok' },
    };
    const found = await lookForProgram('kwok', { env, spec });
    assert.ok('tried' in found);
    assert.match(found.tried.join('\n'), /^image: http\S+\/manifests\/v0\.8\.0 answered 404: /m);
    registry.add('v0.8.0', programImage('kwok', '#!/bin/sh\nexit 3\n'));
    await rejects(findProgram('kwok', { env, spec }), /image: \S+kwok --version failed/, 'environment');
    registry.add('v0.8.1', programImage('kwok', 'no program'));
    const text = findProgram('kwok', { env, spec, version: 'v0.8.1' });
    await rejects(text, /image: \S+kwok is not a program: neither a binary, nor a script/, 'environment');
  });

  it('is of the version that is asked for, or of an image of its own, which tells the version', async (t) => {
    const { registry, env, dir } = await machine(t);
    const bmo = { ...env, METAL3_TESTBED_REGISTRIES: `quay.io=${registry.host}` };
    const operator = (release: 'v0.13' | 'v0.14') =>
      programImage('baremetal-operator', readFileSync(fakeOperator(join(dir, release), release), 'utf8'));
    registry.add('v0.13.2', operator('v0.13'));
    registry.add('v0.14.0-rc.0', operator('v0.14'));
    registry.add('mine', operator('v0.14'));
    const find = (options: FindProgramOptions) => findProgram('baremetal-operator', { env: bmo, ...options });
    const usual = await find({});
    assert.equal(usual.version, 'v0.13.2');
    assert.ok(usual.flags?.has('test-mode'));
    const newer = await find({ version: 'v0.14.0-rc.0' });
    assert.equal(newer.version, 'v0.14.0-rc.0');
    assert.ok(newer.flags?.has('provisioner'));
    const own = await find({ image: 'quay.io/me/bmo:mine', version: 'v0.14.0-rc.0' });
    assert.equal(own.version, 'unknown');
    assert.equal(own.image, `quay.io/me/bmo:mine@${operator('v0.14').manifest.digest}`);
    await rejects(find({ image: 'quay.io/me/BMO' }), /in lower case/, 'invalid-input');
  });

  it('is passed over where its flags are those of another release, and refused where somebody named it', async (t) => {
    const { registry, env, dir } = await machine(t);
    const path = fakeOperator(join(dir, 'bin', 'baremetal-operator'), 'v0.14');
    registry.add(
      'v0.13.2',
      programImage('baremetal-operator', readFileSync(fakeOperator(join(dir, 'x'), 'v0.13'), 'utf8')),
    );
    const options: FindProgramOptions = {
      env: { ...env, PATH: `${join(dir, 'bin')}:${env.PATH}`, METAL3_TESTBED_REGISTRIES: `quay.io=${registry.host}` },
      unfit: ({ flags }, file) => (flags?.has('test-mode') ? undefined : `${file} is of another release`),
    };
    const found = await findProgram('baremetal-operator', options);
    assert.match(found.why, new RegExp(`^image quay.io\\S+; PATH: ${path} is of another release$`));
    await rejects(
      findProgram('baremetal-operator', { ...options, file: path }),
      /given cannot be used: .* another release/,
      'invalid-input',
    );
  });

  it('is fetched once by two that want it at the same time', async (t) => {
    const { registry, env } = await machine(t);
    registry.add('v0.8.0', IMAGE);
    const files = await Promise.all(
      [1, 2, 3].map(async () => (await findProgram('kwok', { env, spec: IMAGE_ONLY })).file),
    );
    assert.equal(new Set(files).size, 1);
    assert.equal(registry.paths().filter((path) => path.startsWith('blobs/')).length, 1);
  });

  it('is named for each program that a testbed or a cluster needs, with its file in the image', async (t) => {
    const { registry, env } = await machine(t);
    const origins = ['registry.k8s.io', 'gcr.io', 'quay.io'].map((each) => `${each}=${registry.host}`).join(',');
    for (const name of Object.keys(CATALOG) as ProgramName[]) {
      const spec = CATALOG[name];
      if (spec.image === undefined) continue;
      const flags =
        spec.question.type === 'flags' ? spec.question.required.map((flag) => `  --${flag} x`).join('\n') : '';
      const says = `#!/bin/sh\necho "fake etcd, Kubernetes or kwok ${spec.image.version}\n${flags}"\n`;
      registry.add(spec.image.version, programImage(spec.image.path.slice(1), says));
      const { release: _release, goBuild: _build, ...alone } = spec;
      const found = await findProgram(name, { env: { ...env, METAL3_TESTBED_REGISTRIES: origins }, spec: alone });
      assert.equal(found.version, spec.image.version, name);
      assert.match(found.image ?? '', new RegExp(`^${spec.image.repository}:${spec.image.version}@`), name);
    }
  });
});

describe('programs.lock.json', () => {
  it('says what a tag stands for, on every machine: another digest is an error that says how to accept it', async (t) => {
    const { registry, env, dir, kept } = await machine(t);
    const lockFile = join(dir, 'project', 'programs.lock.json');
    mkdirSync(join(dir, 'project'));
    registry.add('v0.8.0', IMAGE);
    const find = (cache: string) =>
      findProgram('kwok', { env: { ...env, XDG_CACHE_HOME: join(dir, cache) }, spec: IMAGE_ONLY, lockFile });
    const { image = '' } = await find('a');
    const [name = '', digest = ''] = image.split('@');
    await lockImages(lockFile, new Map([[name, digest]]), { env });
    assert.deepEqual(JSON.parse(readFileSync(lockFile, 'utf8')), {
      lockVersion: 1,
      images: { [KWOK]: IMAGE.manifest.digest },
    });

    registry.add('v0.8.0', MOVED);
    // What is there goes on as it was.
    assert.equal((await find('a')).image, image);
    const message = await rejects(
      find('b'),
      /^registry\.k8s\.io\/kwok\/kwok:v0\.8\.0 is another image than before: it is sha256:/,
      'invalid-input',
    );
    assert.ok(
      message.includes(
        `${lockFile} has ${IMAGE.manifest.digest}; if that is meant, write ${MOVED.manifest.digest} in its place there`,
      ),
      message,
    );
    assert.equal(
      existsSync(join(dir, 'b', 'metal3-testbed', platform(), `image-${MOVED.manifest.digest.replace(':', '-')}`)),
      false,
    );

    writeFileSync(lockFile, readFileSync(lockFile, 'utf8').replace(IMAGE.manifest.digest, MOVED.manifest.digest));
    assert.equal((await find('b')).image, `${KWOK}@${MOVED.manifest.digest}`);
    // Also where another was in the cache.
    assert.equal((await find('a')).image, `${KWOK}@${MOVED.manifest.digest}`);
    assert.deepEqual(kept(), []);
    const again = await findProgram('kwok', { env: { ...env, XDG_CACHE_HOME: join(dir, 'a') }, spec: IMAGE_ONLY });
    assert.equal(again.image, `${KWOK}@${MOVED.manifest.digest}`);
  });

  it('is not got around by a build with Go or by another source', async (t) => {
    const { registry, env, dir } = await machine(t);
    const lockFile = join(dir, 'programs.lock.json');
    registry.add('v0.8.0', MOVED);
    await lockImages(lockFile, new Map([[KWOK, IMAGE.manifest.digest]]), { env });
    const offline = { ...env, METAL3_TESTBED_DOWNLOADS: 'http://127.0.0.1:1' };
    await rejects(findProgram('kwok', { env: offline, lockFile }), /is another image than before/, 'invalid-input');
  });

  it('is not needed for an image by its digest, which has to be that one', async (t) => {
    const { registry, env } = await machine(t);
    registry.add('v0.8.0', MOVED);
    registry.add('old', IMAGE);
    const pinned = `registry.k8s.io/kwok/kwok:v0.8.0@${IMAGE.manifest.digest}`;
    const found = await findProgram('kwok', { env, spec: IMAGE_ONLY, image: pinned });
    assert.equal(found.image, pinned);
    assert.equal(found.version, 'v0.8.0');
    assert.equal(readFileSync(found.file, 'utf8'), PROGRAM);
    const gone = `registry.k8s.io/kwok/kwok@${digestOf('gone')}`;
    await rejects(findProgram('kwok', { env, spec: IMAGE_ONLY, image: gone }), /answered 404/, 'environment');
  });

  it('keeps what it says when more comes, from several at the same time', async (t) => {
    const { env, dir } = await machine(t);
    const lockFile = join(dir, 'programs.lock.json');
    const images = Array.from({ length: 5 }, (_, i) => [`quay.io/a/b:v${i}`, digestOf(String(i))] as const);
    await Promise.all(images.map((each) => lockImages(lockFile, new Map([each]), { env })));
    await lockImages(lockFile, new Map([['quay.io/a/b:v0', digestOf('moved')]]), { env });
    assert.deepEqual([...readProgramsLock(lockFile)], images);
  });

  it('is told of where it is damaged, and nothing is fetched', async (t) => {
    const { registry, env, dir } = await machine(t);
    registry.add('v0.8.0', IMAGE);
    const lockFile = join(dir, 'programs.lock.json');
    for (const [text, message] of [
      ['{', /is not valid JSON: restore it, or delete it/],
      ['[]', /has no lockVersion 1/],
      ['{"lockVersion":2,"images":{}}', /has no lockVersion 1/],
      ['{"lockVersion":1}', /has no images/],
      ['{"lockVersion":1,"images":{"quay.io/x:y":"latest"}}', /has no valid digest for 'quay\.io\/x:y'/],
    ] as const) {
      writeFileSync(lockFile, text);
      refuses(() => readProgramsLock(lockFile), message);
      await rejects(findProgram('kwok', { env, spec: IMAGE_ONLY, lockFile }), message, 'invalid-input');
    }
    assert.deepEqual(registry.asked, []);
  });
});
