import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { run } from '../../../src/process/spawn';
import { addManifests, readManifests, updateManifests, verifyManifests } from '../../../src/upstream/manifests';
import { cli } from '../../support/cli';
import { refuses } from '../../support/refuses';
import { rejects } from '../../support/rejects';
import { script } from '../programs/fake-program';
import { release, server, withoutKustomize, workbench } from './workbench';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const changed = release.replace('v0.3.0', 'v0.3.1');
const names = (objects: readonly { kind: string }[]) => objects.map(({ kind }) => kind);

describe('manifests that are added', () => {
  it('are pinned by the SHA-256 of the content of a URL, and read from the cache alone', async (t) => {
    const { options, locked, cache } = workbench(t);
    const { base, requests, close } = await server(t, (_, response) => response.end(release));
    const source = `${base}/bmo.yaml`;
    const taken = await addManifests('bmo-v0.3', source, options);
    const given = { name: 'bmo-v0.3', source, sha256: sha256(release), objects: 2 };
    assert.deepEqual(taken, { ...given, lockedBefore: undefined, untaggedImage: undefined });
    assert.deepEqual(locked().manifests, { 'bmo-v0.3': { source, sha256: sha256(release) } });
    assert.deepEqual(readdirSync(cache), [`${sha256(release)}.yaml`]);
    close();
    assert.deepEqual(names(readManifests('bmo-v0.3', options)), ['Namespace', 'Deployment']);
    assert.deepEqual(await verifyManifests([], options), [
      { name: 'bmo-v0.3', source, sha256: sha256(release), from: 'cache' },
    ]);
    assert.deepEqual(requests, ['/bmo.yaml']);
  });

  it('come from a file, whose path is kept relative to the lock file', async (t) => {
    const { options, locked, write } = workbench(t);
    await addManifests('bmo', write('vendor/bmo.yaml', release), options);
    assert.equal(locked().manifests['bmo']?.source, join('vendor', 'bmo.yaml'));
    assert.deepEqual(names(readManifests('bmo', options)), ['Namespace', 'Deployment']);
  });

  it('come from a kustomize folder', { skip: withoutKustomize }, async (t) => {
    const { options, dir } = workbench(t, {
      'config/kustomization.yaml': 'namespace: elsewhere\nresources: [bmo.yaml]\n',
      'config/bmo.yaml': release,
    });
    await addManifests('bmo', join(dir, 'config'), options);
    assert.deepEqual(
      readManifests('bmo', options).map(({ metadata }) => metadata.namespace),
      [undefined, 'elsewhere'],
    );
  });

  it('change nothing when they are added again', async (t) => {
    const { options, lockFile, write, files } = workbench(t);
    const file = write('bmo.yaml', release);
    await addManifests('bmo', file, options);
    const [before, filesBefore] = [readFileSync(lockFile, 'utf8'), files()];
    await addManifests('bmo', file, options);
    assert.equal(readFileSync(lockFile, 'utf8'), before);
    assert.deepEqual(files(), filesBefore);
  });

  it('stay both where two are added at once', async (t) => {
    const { options, locked, write } = workbench(t);
    const [a, b] = [write('a.yaml', release), write('b.yaml', changed)];
    await Promise.all([addManifests('b', b, options), addManifests('a', a, options)]);
    assert.deepEqual(Object.keys(locked().manifests), ['a', 'b']);
  });

  it('leave nothing behind where they are refused', async (t) => {
    const bench = workbench(t, {
      'page.yaml': '<!doctype html><p>Not found</p>',
      'empty.yaml': '',
      'list.yaml': '- 1\n',
    });
    const { options, dir, files } = bench;
    const before = files();
    const refusals: readonly (readonly [name: string, source: string, message: RegExp])[] = [
      ['bmo', 'page.yaml', /page\.yaml: document 1 of the manifests is not a Kubernetes object/],
      ['bmo', 'empty.yaml', /empty\.yaml: the manifests have no Kubernetes object/],
      ['bmo', 'list.yaml', /list\.yaml: document 1 of the manifests is not a Kubernetes object/],
      ['bmo', 'none.yaml', /none\.yaml does not exist: give a URL, a YAML file or a kustomize folder/],
      ['bmo', '.', /has no kustomization\.yaml/],
      ['../bmo', 'page.yaml', /'\.\.\/bmo' is not a valid name for manifests/],
      ['__proto__', 'page.yaml', /'__proto__' is not a valid name/],
    ];
    for (const [name, source, message] of refusals) {
      await rejects(addManifests(name, join(dir, source), options), message, 'invalid-input');
    }
    assert.deepEqual(files(), before);
  });

  it('are refused where their file, or that of the lock, is larger than any is, before memory is taken for it', async (t) => {
    const { options, write, lockFile } = workbench(t);
    const file = write('release.yaml', '');
    truncateSync(file, 1_500_000_000);
    const before = process.memoryUsage().rss;
    await rejects(
      addManifests('bmo', file, options),
      /release\.yaml cannot be read \(it has more than 33554432 bytes\)/,
      'environment',
    );
    writeFileSync(lockFile, '');
    truncateSync(lockFile, 1_500_000_000);
    assert.throws(() => readManifests('bmo', options), /lock\.json cannot be read \(it has more than 8388608 bytes\)/);
    rmSync(lockFile);
    execFileSync('mkfifo', [lockFile]);
    assert.throws(() => readManifests('bmo', options), /lock\.json cannot be read \(it is not a file\)/);
    assert.ok(process.memoryUsage().rss - before < 100_000_000);
  });

  it('are refused where the name is taken by another source', async (t) => {
    const { options, write } = workbench(t);
    await addManifests('bmo', write('a.yaml', release), options);
    await rejects(
      addManifests('bmo', write('b.yaml', release), options),
      /exist already, from a\.yaml/,
      'invalid-input',
    );
  });

  it('are refused where the source has changed since, with the command that takes the change', async (t) => {
    const { options, write } = workbench(t);
    const file = write('a.yaml', release);
    await addManifests('bmo', file, options);
    write('a.yaml', changed);
    await rejects(
      addManifests('bmo', file, options),
      /is locked: .*run 'metal3-testbed manifests update bmo --lock-file /,
      'environment',
    );
  });
});

describe('archives', () => {
  it('are refused by name and by content', async (t) => {
    const { options, dir, files } = workbench(t, { 'bmo.tar.gz': 'x', 'bmo.zip': 'x' });
    writeFileSync(join(dir, 'bmo.yaml'), gzipSync(release));
    const before = files();
    for (const name of ['bmo.tar.gz', 'bmo.zip', 'bmo.yaml']) {
      await rejects(addManifests('bmo', join(dir, name), options), /is an archive: unpack it/, 'invalid-input');
    }
    await rejects(addManifests('bmo', 'https://127.0.0.1/bmo.tgz', options), /is an archive/, 'invalid-input');
    assert.deepEqual(files(), before);
  });
});

describe('manifests that are read', () => {
  it('are refused with the command to run where the cache of this machine lacks them', async (t) => {
    const { options, write, cache } = workbench(t);
    await addManifests('bmo', write('a.yaml', release), options);
    rmSync(cache, { recursive: true });
    refuses(
      () => readManifests('bmo', options),
      /^manifests bmo are not in the cache of this machine: run 'metal3-testbed manifests verify bmo --lock-file /,
      'environment',
    );
    assert.deepEqual(
      (await verifyManifests(['bmo'], options)).map(({ from }) => from),
      ['source'],
    );
    assert.equal(readManifests('bmo', options).length, 2);
  });

  it('are refused where they were changed in the cache, until they are read again', async (t) => {
    const { options, write, cache } = workbench(t);
    const { sha256: digest } = await addManifests('bmo', write('a.yaml', release), options);
    writeFileSync(join(cache, `${digest}.yaml`), changed);
    refuses(
      () => readManifests('bmo', options),
      /were changed in the cache: run 'metal3-testbed manifests verify/,
      'environment',
    );
    await verifyManifests([], options);
    assert.equal(readManifests('bmo', options).length, 2);
  });

  it('are refused where they were never added, with what may have been meant', async (t) => {
    const { options, write } = workbench(t);
    await addManifests('bmo-v0.3', write('a.yaml', release), options);
    refuses(() => readManifests('bmo-v03', options), /are not in .*: did you mean 'bmo-v0\.3'\?/);
    refuses(() => readManifests('constructor', options), /run 'metal3-testbed manifests add constructor SOURCE/);
  });

  it('are refused where the lock file is damaged, or its digest would be a path', async (t) => {
    const { options, lockFile } = workbench(t);
    const entry = (name: string, digest: string) =>
      `{"lockVersion":1,"manifests":{${JSON.stringify(name)}:{"source":"a","sha256":${JSON.stringify(digest)}}}}`;
    for (const [text, message] of [
      ['{', /is not valid JSON/],
      ['{"lockVersion":2,"manifests":{}}', /has no lockVersion 1/],
      ['{"lockVersion":1}', /has no manifests/],
      [entry('bmo', '../../../secret'), /has no SHA-256 for bmo/],
      [entry('../bmo', 'a'.repeat(64)), /has a name that is not valid/],
    ] as const) {
      writeFileSync(lockFile, text);
      refuses(() => readManifests('bmo', options), message);
      await rejects(updateManifests([], options), message, 'invalid-input');
      assert.equal(readFileSync(lockFile, 'utf8'), text);
    }
  });
});

describe('manifests that are updated', () => {
  it('are pinned to what their source gives now, those named alone', async (t) => {
    const { options, locked, write } = workbench(t);
    for (const name of ['a', 'b']) await addManifests(name, write(`${name}.yaml`, release), options);
    for (const name of ['a', 'b']) write(`${name}.yaml`, changed);
    const [updated, ...more] = await updateManifests(['a'], options);
    assert.deepEqual([updated?.lockedBefore, updated?.sha256, more], [sha256(release), sha256(changed), []]);
    assert.deepEqual(
      [locked().manifests['a']?.sha256, locked().manifests['b']?.sha256],
      [sha256(changed), sha256(release)],
    );
  });

  it('stay as they were, all of them, where one source fails', async (t) => {
    const { options, lockFile, write, dir } = workbench(t);
    for (const name of ['a', 'b']) await addManifests(name, write(`${name}.yaml`, release), options);
    const before = readFileSync(lockFile, 'utf8');
    write('a.yaml', changed);
    rmSync(join(dir, 'b.yaml'));
    await rejects(updateManifests([], options), /b\.yaml does not exist/, 'invalid-input');
    assert.equal(readFileSync(lockFile, 'utf8'), before);
  });
});

describe('manifests that are verified', () => {
  it('are refused where the source gives something else than what is locked', async (t) => {
    const { options, write, cache } = workbench(t);
    await addManifests('bmo', write('a.yaml', release), options);
    rmSync(cache, { recursive: true });
    write('a.yaml', changed);
    await rejects(
      verifyManifests([], options),
      new RegExp(`have SHA-256 ${sha256(changed)} .* ${sha256(release)} is locked`),
      'environment',
    );
    refuses(() => readManifests('bmo', options), /are not in the cache/, 'environment');
  });
});

describe('a mirror', () => {
  const url = 'https://releases.example/bmo/v0.3.0/bmo.yaml';

  it('is read in place of the URL, which stays the one that is locked', async (t) => {
    const { options, locked } = workbench(t);
    const { base, requests } = await server(t, (_, response) => response.end(release));
    const env = {
      ...options.env,
      METAL3_TESTBED_MIRRORS: `https://other.example=${base}/no, https://releases.example=${base}/mirror/`,
    };
    await addManifests('bmo', url, { ...options, env });
    assert.deepEqual(requests, ['/mirror/bmo/v0.3.0/bmo.yaml']);
    assert.equal(locked().manifests['bmo']?.source, url);
  });

  it('may be a folder, for machines without a network', async (t) => {
    const { options, dir } = workbench(t, { 'air-gapped/bmo/v0.3.0/bmo.yaml': release });
    const env = { ...options.env, METAL3_TESTBED_MIRRORS: `https://releases.example/=${join(dir, 'air-gapped')}` };
    assert.equal((await addManifests('bmo', url, { ...options, env })).sha256, sha256(release));
    await rejects(
      addManifests('b', `${url}.other`, { ...options, env }),
      /air-gapped.* does not exist, to which METAL3_TESTBED_MIRRORS maps https:/,
      'environment',
    );
  });

  it('is not a mirror of a host whose name only begins like it', async (t) => {
    const { options, dir } = workbench(t, { 'air-gapped/bmo.yaml': release });
    const env = { ...options.env, METAL3_TESTBED_MIRRORS: `https://releases.example=${join(dir, 'air-gapped')}` };
    await rejects(
      addManifests('bmo', 'https://releases.example.invalid/bmo.yaml', { ...options, env }),
      /cannot be fetched/,
      'environment',
    );
  });

  it('lets no URL and no link lead out of its folder', async (t) => {
    const { options, dir } = workbench(t, { 'secret.yaml': release, 'air-gapped/kept.yaml': release });
    symlinkSync(join(dir, 'secret.yaml'), join(dir, 'air-gapped', 'link.yaml'));
    const env = { ...options.env, METAL3_TESTBED_MIRRORS: `https://releases.example/=${join(dir, 'air-gapped')}` };
    for (const path of [
      '%2e%2e%2fsecret.yaml',
      '..%2fsecret.yaml',
      'a%2f..%2f..%2fsecret.yaml',
      'x%00.yaml',
      '%ff.yaml',
      'kept.yaml?v=1',
      'link.yaml',
    ]) {
      await rejects(
        addManifests('bmo', `https://releases.example/${path}`, { ...options, env }),
        /names no file in|link out of/,
        'invalid-input',
      );
    }
  });

  it('is refused where the setting is none', async (t) => {
    const { options } = workbench(t);
    for (const setting of ['https://a.example', 'a=b', 'https://a.example=http://b.example']) {
      const env = { ...options.env, METAL3_TESTBED_MIRRORS: setting };
      await rejects(
        addManifests('bmo', url, { ...options, env }),
        /METAL3_TESTBED_MIRRORS|is not a valid URL|is not fetched/,
        'invalid-input',
      );
    }
  });
});

describe('kustomize', () => {
  const files = { 'config/kustomization.yaml': 'resources: [bmo.yaml]\n', 'config/bmo.yaml': release };

  it('is asked for by name where neither program is there', async (t) => {
    const { options, dir } = workbench(t, files);
    const env = { ...options.env, PATH: join(dir, 'nothing') };
    await rejects(
      addManifests('bmo', join(dir, 'config'), { ...options, env }),
      /needs kustomize, and neither kustomize nor kubectl is on PATH: install one/,
      'environment',
    );
  });

  it('is taken before kubectl where both are there', async (t) => {
    const { options, dir, locked } = workbench(t, files);
    script(join(dir, 'bin', 'kustomize'), `echo "# $1"; cat "$2/bmo.yaml"`);
    await addManifests('bmo', join(dir, 'config'), {
      ...options,
      env: { ...options.env, PATH: `${join(dir, 'bin')}:/usr/bin:/bin` },
    });
    assert.equal(locked().manifests['bmo']?.sha256, sha256(`# build\n${release}`));
  });

  it('is ended where what it makes has no end', async (t) => {
    const { options, dir } = workbench(t, files);
    script(join(dir, 'bin', 'kustomize'), 'exec yes');
    await rejects(
      addManifests('bmo', join(dir, 'config'), {
        ...options,
        env: { ...options.env, PATH: `${join(dir, 'bin')}:/usr/bin:/bin` },
        limits: { maxBytes: 1_000_000 },
      }),
      /kustomize makes more than 1000000 bytes of .*config: split it/,
      'environment',
    );
  });

  it('says in its own words what is wrong with a folder', { skip: withoutKustomize }, async (t) => {
    const { options, dir } = workbench(t, { 'config/kustomization.yaml': 'resources: [../../outside.yaml]\n' });
    await rejects(
      addManifests('bmo', join(dir, 'config'), options),
      /(kubectl|kustomize) refuses .*config: .*outside\.yaml/,
      'invalid-input',
    );
  });
});

describe('a testbed with manifests', () => {
  const app = join(__dirname, '..', '..', '..', 'src', 'app.js');

  it('is synthesized from the cache with the network gone, and says what to run without the cache', async (t) => {
    const { dir, env, options, cache } = workbench(t, {
      'testbed.yaml': 'operators: [{ version: v0.3.0, manifests: bmo-v0.3, webhook: false }]\n',
    });
    const { base, requests, close } = await server(t, (_, response) => response.end(release));
    await addManifests('bmo-v0.3', `${base}/bmo.yaml`, options);
    close();
    const synth = () =>
      run(process.execPath, [app], { cwd: dir, env: { ...process.env, ...env, CDK8S_OUTDIR: join(dir, 'dist') } });
    const made = await synth();
    assert.equal(made.code, 0, made.stderr);
    const operatorFile = readdirSync(join(dir, 'dist')).find((file) =>
      file.startsWith('testbed-2-baremetal-operator-'),
    );
    const operator = readFileSync(join(dir, 'dist', operatorFile ?? ''), 'utf8');
    assert.match(
      operator,
      /- args:\n\s+- --test-mode\n\s+- --webhook-port=0\n\s+env:\n\s+- name: BMO_CONCURRENCY\n\s+value: .*\n\s+image: bmo:v0\.3\.0\n\s+name: manager/,
    );
    assert.equal(requests.length, 1);
    rmSync(cache, { recursive: true });
    mkdirSync(cache);
    const refused = await synth();
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /^error: manifests bmo-v0\.3 are not in the cache of this machine: run 'metal3-testbed manifests verify bmo-v0\.3'\n$/,
    );
  });
});

describe('manifests whose operator has an image without a tag', () => {
  it('are pinned as they are, and it is said which tag it gets', async (t) => {
    const { write, lockFile, cache, env } = workbench(t);
    const untagged = release.replace('bmo:v0.3.0', 'quay.io/metal3-io/bmo');
    const source = write('release-v0.9.3.yaml', untagged);
    const args = (verb: string, ...more: string[]) =>
      cli(['manifests', verb, 'bmo', ...more, '--lock-file', lockFile], { env: env as Record<string, string> });
    const added = await args('add', source);
    assert.equal(added.code, 0, added.stderr);
    const note =
      /^note: bmo has the image quay\.io\/metal3-io\/bmo without a tag: .* such as quay\.io\/metal3-io\/bmo:v0\.9\.3 for operators: \[\{ version: v0\.9\.3, manifests: bmo \}\]/m;
    assert.match(added.stderr.replace(/\n +/g, ' '), note);
    const [kept] = readdirSync(cache);
    assert.equal(readFileSync(join(cache, kept ?? ''), 'utf8'), untagged);
    assert.match((await args('update')).stderr.replace(/\n +/g, ' '), note);
    write('release-v0.9.3.yaml', release);
    assert.doesNotMatch((await args('update')).stderr, /note:/);
  });
});
