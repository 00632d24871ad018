import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { releaseNotes } from '../../docs/generate/changelog';
import { isOnPath, root, runProgram } from '../support/cli';

const workflows = join(root, '.github', 'workflows');
const read = (...path: readonly string[]) => readFileSync(join(root, ...path), 'utf8');
const manifest = JSON.parse(read('package.json')) as {
  version: string;
  repository: { url: string };
  homepage: string;
  bugs: { url: string };
  scripts: Record<string, string>;
};

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly 'timeout-minutes': number;
        /** A workflow of this repository, instead of steps. */
        readonly uses?: string;
        readonly steps?: readonly { readonly uses?: string; readonly run?: string }[];
      }
    >
  >;
}

describe('workflows', () => {
  for (const name of readdirSync(workflows)) {
    const text = read('.github', 'workflows', name);
    const { permissions, jobs } = parse(text) as Workflow;

    it(`pin each action by its commit, with the version beside it: ${name}`, () => {
      const uses = [...text.matchAll(/uses: (.*)$/gm)].map(([, use = '']) => use);
      assert.ok(uses.length > 0);
      for (const use of uses)
        // A workflow of this repository is of the same commit.
        if (!use.startsWith('./')) assert.match(use, /^[\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    });

    it(`may only read unless a job says more, and end: ${name}`, () => {
      assert.deepEqual(permissions, { contents: 'read' });
      for (const [job, each] of Object.entries(jobs))
        if (each.uses === undefined) assert.ok(each['timeout-minutes'] > 0, job);
    });

    it(`run scripts that there are: ${name}`, () => {
      const commands = Object.values(jobs).flatMap(({ steps = [] }) =>
        steps.flatMap(({ run = '' }) => run.split('\n')),
      );
      for (const [, script = ''] of commands.join('\n').matchAll(/npm run ([\w:-]+)/g))
        assert.ok(script in manifest.scripts, script);
      for (const [, file = ''] of commands.join('\n').matchAll(/node (build\/[\w/-]+)\.js/g))
        assert.ok(existsSync(join(root, `${file.slice('build/'.length)}.ts`)), file);
    });
  }

  it('have one commit and one version for each action, wherever it is used', () => {
    const pins = readdirSync(workflows).flatMap((name) =>
      [...read('.github', 'workflows', name).matchAll(/uses: ([\w-]+\/[\w-]+)[\w/-]*@(.*)$/gm)].map(
        ([, action = '', pin = '']) => ({ action, pin }),
      ),
    );
    for (const [action, ofAction] of Map.groupBy(pins, (each) => each.action))
      assert.equal(new Set(ofAction.map(({ pin }) => pin)).size, 1, action);
  });

  it('are taken by actionlint, with their shell steps', { timeout: 60_000 }, async (t) => {
    if (!(await isOnPath('actionlint'))) return t.skip('actionlint is not on PATH');
    const { code, stdout } = await runProgram('actionlint', [
      '-no-color',
      ...readdirSync(workflows).map((name) => join(workflows, name)),
    ]);
    assert.deepEqual([code, stdout], [0, '']);
  });

  it('have one for each habit', () => {
    assert.deepEqual(readdirSync(workflows).sort(), [
      'ci.yaml',
      'codeql.yaml',
      'image.yaml',
      'release.yaml',
      'site.yaml',
    ]);
    const { strategy } = (
      parse(read('.github', 'workflows', 'ci.yaml')) as { jobs: { check: { strategy: { matrix: object } } } }
    ).jobs.check;
    assert.deepEqual(strategy.matrix, { os: ['ubuntu-latest', 'macos-latest'], node: [22, 24] });
  });
});

describe('a release', () => {
  const changelog = '# Changelog\n\n## 0.2.0 (2026-12-01)\n\n- New.\n\n## 0.1.0 (unreleased)\n\n- Old.\n';

  it('has the notes that the changelog has of it', () => {
    assert.equal(releaseNotes(changelog, '0.2.0'), '- New.\n');
  });

  it('is none where the changelog does not have it, or has no date of it', () => {
    assert.throws(() => releaseNotes(changelog, '0.3.0'), /no section 0\.3\.0/);
    assert.throws(() => releaseNotes(changelog, '0.1.0'), /unreleased/);
  });

  it('is tested before it is published, tagged once it is, and has what people are told it has', () => {
    const { jobs } = parse(read('.github', 'workflows', 'release.yaml')) as {
      jobs: Record<'image' | 'publish' | 'test', { needs?: string; steps: readonly { run?: string }[] }>;
    };
    assert.deepEqual([jobs.publish.needs, jobs.image.needs], ['test', 'publish']);
    const commands = jobs.publish.steps.flatMap(({ run = [] }) => run);
    const order = ['npm ci', 'release-notes', 'npm sbom', 'npm pack', 'npm publish', 'gh release create'];
    const found = order.map((command) => commands.findIndex((run) => run.includes(command)));
    assert.deepEqual(
      found,
      [...found].sort((a, b) => a - b),
    );
    assert.match(commands[found[4]!]!, /--provenance/);
    for (const asset of ['*.tgz', 'sbom.cdx.json', 'testbed.schema.json', 'report.schema.json'])
      assert.ok(commands[found[5]!]!.includes(asset), asset);
  });

  it('is described by package.json, whose addresses are of one repository', () => {
    const { repository, homepage, bugs } = manifest;
    const web = repository.url.replace(/^git\+/, '').replace(/\.git$/, '');
    assert.equal(bugs.url, `${web}/issues`);
    assert.ok(URL.canParse(homepage));
    assert.ok(read('CHANGELOG.md').includes(`\n## ${manifest.version} `));
  });
});

describe('what the repository asks of people', () => {
  it('is there in the forms that hosts know', () => {
    for (const name of readdirSync(join(root, '.github', 'ISSUE_TEMPLATE')).filter((each) => each !== 'config.yml')) {
      const form = parse(read('.github', 'ISSUE_TEMPLATE', name)) as {
        name: string;
        description: string;
        body: readonly { type: string }[];
      };
      assert.ok(form.name !== '' && form.description !== '' && form.body.length > 0, name);
    }
    const { updates } = parse(read('.github', 'dependabot.yml')) as {
      updates: readonly { 'package-ecosystem': string }[];
    };
    assert.deepEqual(
      updates.map((each) => each['package-ecosystem']),
      ['npm', 'github-actions', 'gomod'],
    );
    for (const file of ['SECURITY.md', '.github/CODEOWNERS', '.github/pull_request_template.md'])
      assert.ok(read(file).length > 100, file);
  });
});
