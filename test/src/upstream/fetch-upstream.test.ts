/** What `npm run upstream` does, with releases of a server and a repository on this machine. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { isOnPath } from '../../support/cli';
import { fetchUpstream } from '../../support/fetch-upstream';
import { UPSTREAM_SOURCES, type UpstreamSource } from '../../support/upstream-sources';
import { parseManifests } from '../../../src/upstream/parse';
import { release, server, withoutKustomize, workbench } from './workbench';

/** As a provider of Cluster API is released: with variables that clusterctl fills in. */
const COMPONENTS = `apiVersion: v1
kind: ConfigMap
metadata:
  name: provider
  labels: { cluster.x-k8s.io/provider: infrastructure-metal3 }
data:
  address: "\${DIAGNOSTICS_ADDRESS:=:8443}"
`;
const COMPONENTS_URL = 'https://github.com/example/provider/releases/download/v1.0.0/components.yaml';

/** A repository as an operator's, with a tag, and settings by which git takes it for one elsewhere. */
function taggedRepository(write: (name: string, content: string) => string, dir: string) {
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', join(dir, 'repository'), ...args], { encoding: 'utf8' }).trim();
  write('repository/config/kustomization.yaml', 'namespace: bmo\nresources: [operator.yaml]\n');
  write('repository/config/operator.yaml', release.replace('bmo:v0.3.0', 'quay.io/example/operator'));
  git('init', '--quiet');
  git('add', '.');
  const commit = () =>
    git('-c', 'user.name=test', '-c', 'user.email=test@example.com', 'commit', '--quiet', '--allow-empty', '-m', 'x');
  commit();
  git('tag', 'v0.3.0');
  const first = git('rev-parse', 'HEAD');
  return {
    first,
    moveTag() {
      commit();
      git('tag', '--force', 'v0.3.0');
      return git('rev-parse', 'HEAD');
    },
    env: {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `url.file://${join(dir, 'repository')}.insteadOf`,
      GIT_CONFIG_VALUE_0: 'https://github.com/example/operator',
    },
  };
}

/** Releases, and a folder to put them into. */
async function setUp(t: TestContext) {
  const { dir, write, env } = workbench(t);
  const answers: Record<string, string> = { [new URL(COMPONENTS_URL).pathname]: COMPONENTS };
  const { base } = await server(t, (request, response) => {
    const answer = answers[request.url ?? ''];
    response.writeHead(answer === undefined ? 404 : 200).end(answer);
  });
  const repository = (await isOnPath('git')) ? taggedRepository(write, dir) : undefined;
  const written: string[] = [];
  const fetch = (...sources: readonly UpstreamSource[]) =>
    fetchUpstream({
      sources,
      folder: join(dir, 'upstream'),
      lockFile: join(dir, 'upstream.lock.json'),
      env: {
        ...env,
        ...repository?.env,
        METAL3_TESTBED_MIRRORS: `https://github.com/=${base}/`,
      },
      onWritten: (file, objects) => written.push(`${file}: ${objects}`),
    });
  return { dir, answers, repository, written, fetch };
}

const PROVIDER: UpstreamSource = { name: 'provider', file: 'provider/v1.0.0.yaml', from: { url: COMPONENTS_URL } };
const operator = (commit: string): UpstreamSource => ({
  name: 'operator',
  file: 'operator/v0.3.0.yaml',
  from: { repository: 'https://github.com/example/operator', tag: 'v0.3.0', commit, folder: 'config' },
  image: { name: 'quay.io/example/operator', tag: 'v0.3.0' },
});

describe('the releases that are compared with', { timeout: 60_000 }, () => {
  it('are fetched from their own addresses, rendered, and pinned', async (t) => {
    const { dir, answers, written, fetch } = await setUp(t);
    await fetch(PROVIDER);
    assert.deepEqual(written, ['provider/v1.0.0.yaml: 1']);
    const [object] = parseManifests(readFileSync(join(dir, 'upstream', PROVIDER.file)), 'provider');
    assert.deepEqual(object?.['data'], { address: ':8443' });
    answers[new URL(COMPONENTS_URL).pathname] = `${COMPONENTS}  more: x\n`;
    await assert.rejects(fetch(PROVIDER), /manifests provider have SHA-256 \w+ at .*, and \w+ is locked/);
  });

  it('are taken from the commit of their tag where a release has no manifest', async (t) => {
    if (withoutKustomize !== false) return t.skip(withoutKustomize);
    const { dir, repository, written, fetch } = await setUp(t);
    if (repository === undefined) return t.skip('git is not on PATH');
    await fetch(operator(repository.first));
    assert.deepEqual(written, ['operator/v0.3.0.yaml: 2']);
    assert.match(
      readFileSync(join(dir, 'upstream', 'operator/v0.3.0.yaml'), 'utf8'),
      /quay\.io\/example\/operator:v0\.3\.0/,
    );
    const moved = repository.moveTag();
    await assert.rejects(
      fetch(operator(repository.first)),
      new RegExp(`is the commit ${moved} now, not ${repository.first}`),
    );
  });

  it('have addresses of releases, and commits', () => {
    for (const { from } of UPSTREAM_SOURCES)
      if ('url' in from)
        assert.match(from.url, /^https:\/\/github\.com\/[\w-]+\/[\w-]+\/releases\/download\/v[\d.]+\/[\w-]+\.yaml$/);
      else assert.match(from.commit, /^[0-9a-f]{40}$/);
  });
});
