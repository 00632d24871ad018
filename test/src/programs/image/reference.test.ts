import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseChallenges } from '../../../../src/programs/image/challenge';
import { choosePlatform } from '../../../../src/programs/image/manifest';
import { formatReference, isLoopback, parseReference, placeOf } from '../../../../src/programs/image/reference';
import { digestOf } from '../../../support/images';
import { refuses } from '../../../support/refuses';

const DIGEST = digestOf('x');

describe('the name of an image', () => {
  for (const [given, whole] of [
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.29', 'docker.io/library/nginx:1.29'],
    ['metal3/bmo', 'docker.io/metal3/bmo:latest'],
    ['index.docker.io/metal3/bmo', 'docker.io/metal3/bmo:latest'],
    ['docker.io/nginx', 'docker.io/library/nginx:latest'],
    ['Quay.IO/metal3-io/baremetal-operator:v0.13.2', 'quay.io/metal3-io/baremetal-operator:v0.13.2'],
    [`quay.io/a/b@${DIGEST}`, `quay.io/a/b@${DIGEST}`],
    [`quay.io/a/b:v1@${DIGEST}`, `quay.io/a/b:v1@${DIGEST}`],
    ['localhost/a', 'localhost/a:latest'],
    ['localhost:5000/a/b/c:V_1.x', 'localhost:5000/a/b/c:V_1.x'],
    ['[::1]:5000/a', '[::1]:5000/a:latest'],
    ['a.b/c__d.e---f', 'a.b/c__d.e---f:latest'],
    [`x@${digestOf('x', 'sha512')}`, `docker.io/library/x@${digestOf('x', 'sha512')}`],
  ] as const)
    it(`is ${whole} where ${given.slice(0, 60)} is given`, () =>
      assert.equal(formatReference(parseReference(given)), whole));

  for (const [given, message] of [
    ['', /no valid repository/],
    ['a b', /no valid repository/],
    ['quay.io/', /no valid repository/],
    ['quay.io/A', /in lower case/],
    ['quay.io/a/../b', /no valid repository/],
    ['quay.io/a//b', /no valid repository/],
    ['quay.io/a:', /no valid tag/],
    [`quay.io/a:${'x'.repeat(129)}`, /no valid tag/],
    ['quay.io/a:b/c:d@e', /no valid digest/],
    ['quay.io/a@sha256:12', /no valid digest: sha256 has 64/],
    [`quay.io/a@${DIGEST}@${DIGEST}`, /more than one digest/],
    ['quay.io:99999/a', /no valid registry/],
    ['-quay.io/a', /no valid registry/],
    ['https://quay.io/a', /no valid/],
    ['user:pass@quay.io/a', /no valid digest/],
    ['a'.repeat(2000), /longer than any image is named/],
    ['quay.io/\u001b[2J', /image 'quay\.io\/\\u001b\[2J' has no valid repository/],
  ] as const)
    it(`is refused where ${JSON.stringify(given.slice(0, 40))} is given`, () => {
      refuses(() => parseReference(given), message);
    });
});

describe('where an image is asked for', () => {
  const at = (image: string, setting = '') => {
    const { origin, repository, registry } = placeOf(parseReference(image), { METAL3_TESTBED_REGISTRIES: setting });
    return `${origin}/${repository} as ${registry}`;
  };

  it('is its own registry, by plain HTTP on this machine alone', () => {
    assert.equal(at('nginx'), 'https://registry-1.docker.io/library/nginx as docker.io');
    assert.equal(at('quay.io/a/b'), 'https://quay.io/a/b as quay.io');
    assert.equal(at('localhost:5000/a'), 'http://localhost:5000/a as localhost:5000');
    assert.equal(at('127.9.0.1:5000/a'), 'http://127.9.0.1:5000/a as 127.9.0.1:5000');
    assert.equal(at('[::1]:5000/a'), 'http://[::1]:5000/a as [::1]:5000');
    assert.equal(at('192.168.0.1:5000/a'), 'https://192.168.0.1:5000/a as 192.168.0.1:5000');
    for (const host of ['localhost.example', '127.0.0.1.example', '128.0.0.1', 'x127.0.0.1'])
      assert.equal(isLoopback(host), false, host);
  });

  it('is the mirror with the longest prefix, of whole names', () => {
    const setting =
      'quay.io=mirror.example/all, quay.io/metal3-io=127.0.0.1:5000 ,docker.io/library=https://localhost:1/lib/,';
    assert.equal(at('quay.io/a/b', setting), 'https://mirror.example/all/a/b as mirror.example');
    assert.equal(at('quay.io/metal3-io/b', setting), 'http://127.0.0.1:5000/b as 127.0.0.1:5000');
    assert.equal(
      at('quay.io/metal3-io-other/b', setting),
      'https://mirror.example/all/metal3-io-other/b as mirror.example',
    );
    assert.equal(at('nginx', setting), 'https://localhost:1/lib/nginx as localhost:1');
    assert.equal(at('ghcr.io/a/b', setting), 'https://ghcr.io/a/b as ghcr.io');
    assert.equal(at('quay.io/a/b', 'quay.io/a/b=x.example/c'), 'https://x.example/c as x.example');
  });

  it('is refused for a setting that is none', () => {
    for (const [setting, message] of [
      ['quay.io', /has a rule that is not one: write PREFIX=REPLACEMENT/],
      ['quay.io=', /has a rule that is not one/],
      ['=x.example', /has a rule that is not one/],
      ['quay.io=http://mirror.example', /plain HTTP is for loopback only; use https/],
      ['quay.io=Bad_Host', /names no registries/],
      ['quay.io=x.example/UPPER', /names no registries/],
      ['quay.io=ftp://x', /names no registries/],
      ['quay.io/a/b=x.example', /maps quay\.io\/a\/b to x\.example, which is not a valid repository/],
    ] as const)
      refuses(() => at('quay.io/a/b', setting), message);
    assert.doesNotMatch(
      refuses(() => at('quay.io/a', 'quay.io=https://me:SECRET@x.example'), /has an @ in it/),
      /SECRET/,
    );
  });
});

describe('an index', () => {
  const of = (...platforms: string[]) => ({
    type: 'index' as const,
    manifests: platforms.map((platform) => {
      const [os = '', architecture = '', variant] = platform.split('/');
      return { digest: digestOf(platform), size: 1, mediaType: 'x', platform: { os, architecture, variant } };
    }),
  });
  const chosen = (machine: string, ...platforms: string[]) => choosePlatform(of(...platforms), 'x', machine).digest;

  it('has the image whose programs this machine runs', () => {
    assert.equal(chosen('x64', 'linux/amd64/v3', 'linux/arm64', 'linux/amd64'), digestOf('linux/amd64'));
    assert.equal(chosen('x64', 'linux/amd64/v3', 'linux/amd64/v1'), digestOf('linux/amd64/v1'));
    assert.equal(chosen('arm64', 'linux/amd64', 'linux/arm64/v8'), digestOf('linux/arm64/v8'));
    assert.equal(chosen('arm', 'linux/arm/v6', 'linux/arm/v7', 'linux/arm/v8'), digestOf('linux/arm/v7'));
    assert.equal(chosen('s390x', 'linux/s390x', 'linux/amd64'), digestOf('linux/s390x'));
    refuses(
      () => chosen('x64', 'linux/amd64/v3', 'windows/amd64'),
      /no image for linux\/amd64: it has linux\/amd64\/v3, windows\/amd64/,
      'environment',
    );
    refuses(() => chosen('x64'), /it has none/, 'environment');
  });
});

describe('what a server asks for', () => {
  it('is read with several schemes, quotes and commas in them', () => {
    const read = (header: string) =>
      parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);
    assert.deepEqual(read('Bearer realm="https://a/b?c=d,e",Service=x , scope="r:a:pull,push"'), [
      ['bearer', { realm: 'https://a/b?c=d,e', service: 'x', scope: 'r:a:pull,push' }],
    ]);
    assert.deepEqual(read('Negotiate, Basic realm="a \\" b", BEARER realm=x'), [
      ['negotiate', {}],
      ['basic', { realm: 'a " b' }],
      ['bearer', { realm: 'x' }],
    ]);
    assert.deepEqual(read(''), []);
    assert.deepEqual(read('realm="x"'), []);
  });

  it('is read in time whatever it is', () => {
    for (const text of [
      '"'.repeat(16_000),
      'a="\\'.repeat(4000),
      ' ,'.repeat(8000),
      'a '.repeat(8000),
      'a'.repeat(16_000),
    ])
      assert.ok(parseChallenges(text).length <= 8000);
  });
});
