/** What a registry is shown, and what is shown to nobody. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, it } from 'node:test';
import { Connection } from '../../../../src/programs/image/connection';
import { IMAGE_LIMITS } from '../../../../src/programs/image/limits';
import { serve } from '../../../support/fake-registry';
import { image, layer } from '../../../support/images';
import { rejects } from '../../../support/rejects';
import { PATH_IN_IMAGE, PROGRAM, machine } from './machine';

const LAYER = layer([{ name: PATH_IN_IMAGE, content: PROGRAM }]);
const USER = 'user:pa:SECRET';
const BASIC = `Basic ${btoa(USER)}`;

interface TokenRequest {
  readonly method: string;
  readonly query: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** A registry that wants tokens of a server beside it. */
async function withTokens(t: TestContext, answer: (request: TokenRequest) => { status?: number; body?: string }) {
  const its = await machine(t);
  its.registry.add('v0.8.0', image([LAYER]));
  const asked: TokenRequest[] = [];
  const tokens = await serve(t, (request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const url = new URL(request.url ?? '', 'http://x');
      const query = Object.fromEntries(url.searchParams);
      const each = { method: request.method ?? '', query, authorization: request.headers.authorization, body };
      asked.push(each);
      const { status = 200, body: text = '{"token":"TOKEN"}' } = answer(each);
      response.writeHead(status).end(text);
    });
  });
  let valid = 'TOKEN';
  its.registry.hook = ({ authorization, path }, response) => {
    if (authorization === `Bearer ${valid}`) return false;
    const scope = `repository:${/^\/v2\/(.*)\/(?:manifests|blobs)\//.exec(path)?.[1]}:pull`;
    const header = `Bearer realm="${tokens.origin}/token",service="registry, of tests",scope="${scope}"`;
    response.writeHead(401, { 'www-authenticate': header }).end();
    return true;
  };
  return { ...its, asked, valid: (token: string) => (valid = token) };
}

/** Somebody's configuration of Docker. */
function docker(dir: string, config: unknown): { readonly DOCKER_CONFIG: string } {
  const folder = join(dir, 'docker');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  return { DOCKER_CONFIG: folder };
}

describe('a registry that wants a token', () => {
  it('is given one that nobody had to log in for', async (t) => {
    const { taken, asked } = await withTokens(t, () => ({}));
    assert.equal(await taken(), PROGRAM);
    const query = { service: 'registry, of tests', scope: 'repository:kwok/kwok:pull' };
    assert.deepEqual(asked, [{ method: 'GET', query, authorization: undefined, body: '' }]);
  });

  for (const [what, entry] of [
    ['encoded', { auth: btoa(USER) }],
    ['in words', { username: 'user', password: 'pa:SECRET' }],
  ] as const)
    it(`is given one for a user and password, ${what}`, async (t) => {
      const { taken, asked, registry, dir, env } = await withTokens(t, () => ({ body: '{"access_token":"TOKEN"}' }));
      const config = docker(dir, {
        auths: { 'other.example': { auth: btoa('no:body') }, [`http://${registry.host}/v2/`]: entry },
      });
      assert.equal(await taken({ env: { ...env, ...config } }), PROGRAM);
      assert.deepEqual(
        asked.map(({ authorization }) => authorization),
        [BASIC],
      );
      // The registry sees tokens only.
      assert.ok(
        registry.asked.every(({ authorization }) => authorization === undefined || authorization === 'Bearer TOKEN'),
      );
    });

  it('is given one for an identity token, which is posted', async (t) => {
    const { taken, asked, registry, dir, env } = await withTokens(t, () => ({}));
    const config = docker(dir, { auths: { [registry.host]: { auth: btoa('user:'), identitytoken: 'IDENTITY' } } });
    assert.equal(await taken({ env: { ...env, ...config } }), PROGRAM);
    const [{ method, body, authorization } = { method: '', body: '', authorization: '' }] = asked;
    assert.equal(method, 'POST');
    assert.equal(authorization, undefined);
    assert.equal(new URLSearchParams(body).get('refresh_token'), 'IDENTITY');
  });

  it('is given another where the first has come to its end', async (t) => {
    let count = 0;
    const its = await withTokens(t, () => ({ body: `{"token":"T${++count}"}` }));
    its.valid('T1');
    const hook = its.registry.hook;
    its.registry.hook = (asked, response) => {
      if (asked.path.includes('/blobs/')) its.valid('T2');
      return hook(asked, response);
    };
    assert.equal(await its.taken(), PROGRAM);
    assert.equal(count, 2);
  });

  for (const [what, answer, message] of [
    [
      'refuses',
      { status: 401, body: `{"details":"you sent ${BASIC}"}` },
      /\/token gives no token \(401\): the credentials in \S+config\.json for \S+ are refused/,
    ],
    ['answers nonsense', { body: '<html>' }, /\/token answers with no token/],
    ['gives a token that no header takes', { body: '{"token":"a\\r\\nb"}' }, /\/token answers with no token/],
    ['never ends', { body: ' '.repeat(2_000_000) }, /\/token has more than 1048576 bytes/],
    [
      'gives one that the registry does not take',
      { body: '{"token":"WRONG"}' },
      /answered 401: the credentials in \S+config\.json for \S+ are refused/,
    ],
  ] as const)
    it(`is told of where its token server ${what}, without what it was shown`, async (t) => {
      const { take, registry, dir, env, events } = await withTokens(t, () => answer);
      const config = docker(dir, { auths: { [registry.host]: { auth: btoa(USER) } } });
      const error = await rejects(take({ env: { ...env, ...config } }), message, 'environment');
      for (const secret of ['SECRET', btoa(USER), 'WRONG']) {
        assert.ok(!error.includes(secret), error);
        assert.ok(!JSON.stringify(events).includes(secret));
      }
    });

  for (const [what, header, message] of [
    [
      'names a server by plain HTTP elsewhere',
      'Bearer realm="http://192.0.2.1/token"',
      /plain HTTP, which is for registries on this machine only/,
    ],
    ['names no server', 'Bearer service="x"', /names no URL that gives a token/],
    [
      'asks for what is not known',
      'Negotiate',
      /answered 401: it asks for credentials, which 'docker login \S+' writes into \S+config\.json/,
    ],
    ['asks for nothing', '', /answered 401: it asks for credentials/],
  ] as const)
    it(`is told of where it ${what}`, async (t) => {
      const { take, registry } = await machine(t);
      registry.hook = (_, response) => {
        response.writeHead(401, header === '' ? {} : { 'www-authenticate': header }).end();
        return true;
      };
      await rejects(take(), message, 'environment');
    });

  it('does not lead to plain HTTP on this machine where it is elsewhere itself', async (t) => {
    // Over TLS of its own; what counts is that nothing is asked here.
    let count = 0;
    const here = await serve(t, (_, response) => {
      count++;
      response.end();
    });
    const connection = new Connection({}, false, IMAGE_LIMITS);
    await rejects(
      connection.send(new URL(here.origin), { signal: AbortSignal.timeout(5000) }),
      /plain HTTP/,
      'environment',
    );
    await connection.close();
    assert.equal(count, 0);
  });
});

describe('a registry that wants a password', () => {
  it('is shown it, and only once it asks', async (t) => {
    const { taken, registry, dir, env } = await machine(t);
    registry.add('v0.8.0', image([LAYER]));
    registry.hook = ({ authorization }, response) => {
      if (authorization === BASIC) return false;
      response.writeHead(401, { 'www-authenticate': 'Negotiate, Basic realm="a, b"' }).end();
      return true;
    };
    const config = docker(dir, { auths: { [registry.host]: { auth: btoa(`${USER}\0`) } } });
    assert.equal(await taken({ env: { ...env, ...config } }), PROGRAM);
    assert.deepEqual(
      registry.asked.map(({ authorization }) => authorization),
      [undefined, BASIC, BASIC],
    );
  });

  it('is shown a token of its own that somebody has', async (t) => {
    const { taken, registry, dir, env } = await machine(t);
    registry.add('v0.8.0', image([LAYER]));
    const config = docker(dir, { auths: { [registry.host]: { registrytoken: 'OWN' } } });
    assert.equal(await taken({ env: { ...env, ...config } }), PROGRAM);
    assert.equal(registry.asked[0]?.authorization, 'Bearer OWN');
  });

  for (const [what, config, message] of [
    [
      'a helper has',
      { credHelpers: { HOST: 'ecr-login' } },
      /; the credential helper that \S+config\.json names for \S+ is not used, plain auths are/,
    ],
    [
      'a store has',
      { credsStore: 'desktop', auths: { HOST: {} } },
      /; the credential store that \S+config\.json names is not used, plain auths are/,
    ],
    ['cannot be read', '{"auths": {"SECRET"', /; \S+config\.json cannot be read \(it is not valid JSON\)/],
    ['is not a configuration', '[]', /; \S+config\.json is not a configuration of Docker/],
    ['is of another registry', { auths: { 'quay.io': { auth: btoa(USER) } } }, /writes into \S+config\.json$/],
    ['is a name alone', { auths: { HOST: { auth: btoa('user:') } } }, /writes into \S+config\.json$/],
    ['is of no sort', { auths: { HOST: { auth: 7, username: 'a', password: null } } }, /writes into \S+config\.json$/],
  ] as const)
    it(`is not shown what ${what}, which is said in one line`, async (t) => {
      const { take, registry, dir, env } = await machine(t);
      registry.hook = (_, response) => {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
        return true;
      };
      const text = (typeof config === 'string' ? config : JSON.stringify(config)).replaceAll('HOST', registry.host);
      const error = await rejects(take({ env: { ...env, ...docker(dir, text) } }), message, 'environment');
      assert.doesNotMatch(error, /SECRET|\n/);
    });
});
