/** What is in an image, and what it may not do. */
import assert from 'node:assert/strict';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, it } from 'node:test';
import {
  HERE,
  digestOf,
  image,
  index,
  layer,
  member,
  paxHeader,
  tar,
  type Flavour,
  type Packing,
} from '../../../support/images';
import { rejects } from '../../../support/rejects';
import { PATH_IN_IMAGE, PROGRAM, machine } from './machine';

const KWOK = { name: PATH_IN_IMAGE, content: PROGRAM };
const OTHER = { name: 'etc/passwd', content: 'root\n' };
const link = (name: string, target: string) => ({ name, type: '2', target });
const hardLink = (name: string, target: string) => ({ name, type: '1', target });

describe('a program in an image', () => {
  for (const flavour of ['oci', 'docker'] satisfies Flavour[])
    for (const packing of ['none', 'gzip', 'zstd'] satisfies Packing[])
      it(`is taken out of a layer of ${flavour} packed with ${packing}`, async (t) => {
        const { registry, take, taken, modeOf, kept } = await machine(t);
        const bottom = layer([OTHER], packing, flavour);
        registry.add('v0.8.0', image([bottom, layer([{ ...KWOK, mode: 0o4711 }, OTHER], packing, flavour)], flavour));
        assert.equal(await taken(), PROGRAM);
        const found = await take();
        assert.equal(modeOf(found?.file ?? ''), 0o755);
        assert.equal(found?.version, 'v0.8.0');
        assert.match(found.image, /^registry\.k8s\.io\/kwok\/kwok:v0\.8\.0@sha256:[0-9a-f]{64}$/);
        assert.equal(kept().length, 1);
        // Of the layers only the one that has it.
        assert.equal(registry.paths().includes(`blobs/${bottom.digest}`), false);
      });

  it('is that of this machine, of an index for several, with what belongs to none', async (t) => {
    const { registry, taken } = await machine(t);
    const of = (content: string) => image([layer([{ ...KWOK, content }])]);
    const attestation = image([layer([{ ...KWOK, content: 'attestation' }])]);
    for (const flavour of ['oci', 'docker'] satisfies Flavour[]) {
      const right = of(`${PROGRAM}# ${flavour}\n`);
      const several = index(
        [
          ['unknown/unknown', attestation],
          ['windows/amd64', of('windows')],
          ['linux/riscv64', of('riscv64')],
          [HERE, right],
          ['linux/s390x', of('s390x')],
        ],
        flavour,
      );
      registry.add('v0.8.0', several);
      assert.equal(
        await taken({ image: `registry.k8s.io/kwok/kwok@${several.manifest.digest}` }),
        `${PROGRAM}# ${flavour}\n`,
      );
    }
  });

  it('is found through an index of an index, and through one that says no platform', async (t) => {
    const { registry, taken } = await machine(t);
    registry.add('v0.8.0', index([[HERE, index([[undefined, image([layer([KWOK])])]])]]));
    assert.equal(await taken(), PROGRAM);
  });

  it('is missed in words that say for what there are images', async (t) => {
    const { registry, take, kept } = await machine(t);
    const empty = image([layer([OTHER])]);
    registry.add(
      'v0.8.0',
      index([
        ['linux/s390x', empty],
        ['linux/arm/v7', empty],
        ['unknown/unknown', empty],
      ]),
    );
    await rejects(
      take(),
      /kwok:v0\.8\.0 has no image for linux\/\w+: it has linux\/s390x, linux\/arm\/v7$/,
      'environment',
    );
    registry.add('v0.8.0', image([layer([OTHER]), layer([link('usr', 'opt')])]));
    await rejects(take(), /\/usr\/local\/bin\/kwok leads to opt, which is not in it/, 'environment');
    registry.add('v0.8.0', image([layer([OTHER])]));
    await rejects(take(), /v0\.8\.0: \/usr\/local\/bin\/kwok is not in it$/, 'environment');
    assert.deepEqual(kept(), []);
  });

  for (const [what, layers] of [
    ['a symbolic link beside it', [[link(PATH_IN_IMAGE, 'kwok-v0.8'), { ...KWOK, name: 'usr/local/bin/kwok-v0.8' }]]],
    [
      'a symbolic link from the root on',
      [[link(PATH_IN_IMAGE, '/opt/kwok')], [{ ...KWOK, name: 'opt/kwok' }]].reverse(),
    ],
    [
      'a symbolic link through folders above',
      [[link(PATH_IN_IMAGE, '../../../opt/kwok'), { ...KWOK, name: './opt/kwok' }]],
    ],
    ['a folder that is a link', [[{ ...KWOK, name: 'opt/bin/kwok' }], [link('usr/local', '../opt')]]],
    ['links to links', [[link('usr', 'a'), link('a', 'b'), link('b', './c/'), { ...KWOK, name: 'c/local/bin/kwok' }]]],
    ['a hard link', [[{ ...KWOK, name: 'first' }, hardLink(PATH_IN_IMAGE, 'first')]]],
    ['a hard link into a layer below', [[{ ...KWOK, name: 'a/first' }], [hardLink(PATH_IN_IMAGE, './a/first')]]],
    ['a hard link to a symbolic link', [[{ ...KWOK, name: 'x' }, link('y', 'x'), hardLink(PATH_IN_IMAGE, 'y')]]],
    [
      'a long name',
      [
        [
          link(PATH_IN_IMAGE, `/${'long/'.repeat(18)}kwok`),
          paxHeader({ path: `${'long/'.repeat(18)}kwok` }),
          { ...KWOK, name: 'short' },
        ],
      ],
    ],
    ['a second entry of its name', [[{ ...KWOK, content: 'old' }, KWOK]]],
    ['a name from the root on', [[{ ...KWOK, name: `/${PATH_IN_IMAGE}` }]]],
    ['a layer above others that have it', [[{ ...KWOK, content: 'old' }], [KWOK], [OTHER]]],
    ['a folder that was taken away and made again', [[{ ...KWOK, content: 'old' }], [{ name: 'usr/.wh.local' }, KWOK]]],
  ] as const)
    it(`is found by ${what}`, async (t) => {
      const { registry, taken } = await machine(t);
      registry.add('v0.8.0', image(layers.map((each) => layer(each))));
      assert.equal(await taken(), PROGRAM);
    });

  for (const [what, layers, message] of [
    ['a layer above took it away', [[KWOK], [{ name: 'usr/local/bin/.wh.kwok' }]], /is not in it/],
    ['a layer above took its folder away', [[KWOK], [{ name: 'usr/.wh.local' }]], /is not in it/],
    [
      'a layer above began its folder anew',
      [[KWOK], [{ name: 'usr/local/.wh..wh..opq' }, { name: 'usr/local/lib/x' }]],
      /is not in it/,
    ],
    ['a layer above began the image anew', [[KWOK], [{ name: '.wh..wh..opq' }]], /is not in it/],
    [
      'a link leads out of the image',
      [[link(PATH_IN_IMAGE, '../../../../../../bin/true')]],
      /is a link out of the image, which is not followed/,
    ],
    ['a folder is a link out of the image', [[link('usr', '../../usr')]], /is a link out of the image/],
    [
      'a link from the root on means the machine',
      [[link(PATH_IN_IMAGE, '/bin/true')]],
      /leads to bin, which is not in it/,
    ],
    [
      'links lead in a circle',
      [[link(PATH_IN_IMAGE, 'a'), link('usr/local/bin/a', 'kwok')]],
      /links that lead in a circle/,
    ],
    ['a hard link leads to itself', [[hardLink(PATH_IN_IMAGE, PATH_IN_IMAGE)]], /links that lead in a circle/],
    [
      'a hard link leads out of the image',
      [[hardLink(PATH_IN_IMAGE, '../../bin/true')]],
      /'\.\.\/\.\.\/bin\/true', which would lead out of the image/,
    ],
    [
      'a link has no end',
      [[paxHeader({ linkpath: 'a/'.repeat(5000) }), link(PATH_IN_IMAGE, 'x')]],
      /leads to a name that is longer than any/,
    ],
    ['it is a folder', [[{ name: PATH_IN_IMAGE, type: '5' }]], /is a folder/],
    ['it is a device', [[{ name: PATH_IN_IMAGE, type: '3' }]], /is not a file/],
    [
      'a folder of it is a file',
      [[{ name: 'usr/local', content: 'x' }]],
      /leads through usr\/local, which is not a folder/,
    ],
    [
      'a name leads out of the image',
      [[KWOK, { name: '../../../etc/cron.d/x', content: 'x' }]],
      /has the name '\.\.\/\.\.\/\.\.\/etc\/cron\.d\/x', which would lead out/,
    ],
    ['a name leads out on its way', [[KWOK, { name: 'usr/../../x' }]], /which would lead out of the image/],
    [
      'a long name leads out of the image',
      [[KWOK, paxHeader({ path: '../x' }), { name: 'fine' }]],
      /which would lead out/,
    ],
  ] as const)
    it(`is refused where ${what}`, async (t) => {
      const { registry, take, kept } = await machine(t);
      registry.add('v0.8.0', image(layers.map((each) => layer(each))));
      await rejects(take(), message, 'environment');
      assert.deepEqual(kept(), []);
    });

  const zeros = Buffer.alloc(8 * 1024 * 1024);
  for (const [what, bytes, limits, message] of [
    [
      'unpacks to more than any program, by gzip',
      gzipSync(Buffer.concat([...member({ name: 'x', size: zeros.length }), zeros])),
      { unpackedBytes: 4_000_000 },
      /unpacks to more than 4000000 bytes/,
    ],
    [
      'unpacks to more than any program, by zstd',
      zstdCompressSync(Buffer.concat([...member({ name: 'x', size: zeros.length }), zeros])),
      { unpackedBytes: 4_000_000 },
      /unpacks to more than 4000000 bytes/,
    ],
    [
      'says a size that no file has',
      gzipSync(Buffer.concat(member({ name: PATH_IN_IMAGE, size: 0o77777777777 }))),
      {},
      /cannot be read: .*Truncated input|ends in the middle/,
    ],
    [
      'has a program that is too large',
      gzipSync(tar([{ name: PATH_IN_IMAGE, content: zeros.subarray(0, 9000) }])),
      { programBytes: 8000 },
      /has a program of 9000 bytes, and at most 8000 are taken/,
    ],
    [
      'has names without end',
      gzipSync(tar(Array.from({ length: 2000 }, (_, i) => ({ name: `f${i}` })))),
      { nameCharacters: 100_000 },
      /more names in it than any image/,
    ],
    [
      'has a path of folders without end',
      gzipSync(tar([paxHeader({ path: 'a/'.repeat(100_000) }), { name: 'x' }])),
      {},
      /more names in it than any image/,
    ],
    [
      'has attributes without end',
      gzipSync(tar([paxHeader({ comment: 'c'.repeat(1_100_000) }), { name: 'x' }])),
      {},
      /has a name or attributes of 11\d{5} bytes/,
    ],
    ['is packed twice', gzipSync(gzipSync(tar([KWOK]))), {}, /is packed more than once/],
    [
      'is not a tar',
      gzipSync(Buffer.from('nothing of the kind'.repeat(100))),
      {},
      /cannot be read: .*(checksum|invalid)/i,
    ],
    [
      'ends in its middle',
      gzipSync(tar([{ ...KWOK, content: PROGRAM.repeat(100) }])).subarray(0, 60),
      {},
      /cannot be read: unexpected end of file/,
    ],
    ['is not what its first bytes say', Buffer.from('1f8b0000000000', 'hex'), {}, /cannot be read: /],
    ['is empty', Buffer.alloc(0), {}, /cannot be read: |is not in it/],
  ] as const)
    it(`is refused where its layer ${what}`, async (t) => {
      const { registry, take, kept } = await machine(t);
      registry.add(
        'v0.8.0',
        image([{ bytes, digest: digestOf(bytes), mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' }]),
      );
      await rejects(take({ limits }), message, 'environment');
      assert.deepEqual(kept(), []);
    });

  it('is taken where zeros without end follow the end of the tar', async (t) => {
    const { registry, taken } = await machine(t);
    registry.add('v0.8.0', image([layer(Buffer.concat([tar([KWOK]), zeros]))]));
    // A parser that kept them would be asked for more than this.
    assert.equal(await taken({ limits: { unpackedBytes: 4_000_000 } }), PROGRAM);
  });

  for (const [what, content, message] of [
    ['is not JSON', '<html>', /manifest of \S+ is not valid JSON/],
    ['is a list', '[]', /is not one/],
    ['is of the old kind', '{"schemaVersion":1,"fsLayers":[]}', /schemaVersion 1, and 2 is read/],
    [
      'is an index and an image at once',
      '{"schemaVersion":2,"manifests":[],"layers":[]}',
      /an index and an image at once/,
    ],
    ['names nothing', '{"schemaVersion":2}', /names neither images nor layers/],
    [
      'has a digest that is none',
      '{"schemaVersion":2,"layers":[{"digest":"sha256:../../x","size":1,"mediaType":"a"}]}',
      /without a digest, size or type/,
    ],
    [
      'has a size that is none',
      `{"schemaVersion":2,"layers":[{"digest":"${digestOf('')}","size":-1,"mediaType":"a"}]}`,
      /without a digest, size or type/,
    ],
    ['has more layers than any', `{"schemaVersion":2,"layers":[${Array(1001).fill('0').join()}]}`, /has 1001 parts/],
    [
      'has layers of another kind',
      `{"schemaVersion":2,"layers":[{"digest":"${digestOf('')}","size":0,"mediaType":"application/vnd.in-toto+json"}]}`,
      /a layer of type application\/vnd\.in-toto\+json, which is not read/,
    ],
    ['is an index of itself without end', undefined, /index of indexes, more than 3 deep/],
  ] as const)
    it(`is refused where the manifest ${what}`, async (t) => {
      const { registry, take, kept } = await machine(t);
      let wrong = image([layer([KWOK])]);
      if (content === undefined) for (let i = 0; i < 5; i++) wrong = index([[HERE, wrong]]);
      else {
        const bytes = Buffer.from(content);
        wrong = { manifest: { bytes, digest: digestOf(bytes), mediaType: 'application/json' }, blobs: [], images: [] };
      }
      registry.add('v0.8.0', wrong);
      await rejects(take(), message, 'environment');
      assert.deepEqual(kept(), []);
    });
});
