/** Every block of code in what people read is type-checked, parsed or taken by the command that it calls. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { prepare } from '../../src/scenario/run-scenario';
import { managementClusters } from '../../lib/testbed/management-clusters';
import { readTestbedFile } from '../../src/testbed/file';
import { addManifests } from '../../src/upstream/manifests';
import { root, runProgram } from '../support/cli';
import { blocksOf, documentFiles, type Block } from '../support/documents';
import { silentProgram } from '../support/silent-program';
import { tempDir } from '../support/temp-dir';

const BLOCKS = documentFiles().flatMap(blocksOf);
const ofKind = (...kinds: readonly string[]) => BLOCKS.filter(({ info }) => kinds.includes(info));

/** What shell blocks may call beside the package's own command; what of it can be known without running it is looked at. */
const OTHERS = new Set([
  ...[
    'cat',
    'cd',
    'cp',
    'echo',
    'export',
    'for',
    'do',
    'done',
    'mkdir',
    'source',
    'kubectl',
    'clusterctl',
    'pulumi',
    'git',
    'promtool',
    'node',
  ],
  ...['npm', 'npx', 'docker', 'dist/apply.sh', 'image/build', 'python3', 'sudo', 'chromium'],
]);
/** Scripts of the project that a page is about. */
const scriptsOf = (file: string) => {
  const folder = /^templates\/\w+/.exec(file)?.[0] ?? '.';
  const text = readFileSync(join(root, folder, 'package.json'), 'utf8');
  return (JSON.parse(text) as { scripts?: Record<string, string> }).scripts ?? {};
};
/** A variable before a command. */
const SETTING = /^[A-Z_][A-Z0-9_]*=('[^']*'|"[^"]*"|\S*)\s*/;

/** Clusters and hosts that steps which stand alone are for. */
const STEPS_FOR = {
  hostSets: [{ name: 'host', count: 10 }],
  clusterSets: [
    { count: 20, controlPlanes: 1, workers: 1, hosts: { spare: 4 }, healthCheck: {}, kubernetesVersion: 'v1.35.0' },
  ],
};

describe('the blocks of code in documents', { timeout: 120_000 }, () => {
  it('are of a kind that is checked', () => {
    const known = ['sh', 'ts', 'yaml', 'yaml steps', 'yaml workflow', 'json', 'text', 'python'];
    const unknown = BLOCKS.filter(({ info }) => !known.includes(info));
    assert.deepEqual(
      unknown.map(({ at, info }) => `${at}: ${info}`),
      [],
    );
    assert.ok(BLOCKS.length > 40, `${BLOCKS.length} blocks`);
  });

  it('call commands as they are', async () => {
    const program = await silentProgram();
    const problems: string[] = [];
    for (const block of ofKind('sh'))
      for (const line of commandsOf(block))
        problems.push(...(await problemsOf(line, program, scriptsOf(block.at))).map((each) => `${block.at}: ${each}`));
    assert.deepEqual(problems, []);
  });

  // What is compiled with the rest has types that are right.
  it('are programs that are compiled here', () => {
    const folder = join(root, 'test', 'docs', 'snippets');
    const compiled = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    const programs = ofKind('ts');
    assert.deepEqual(
      programs.filter(({ text }) => !compiled.some((each) => each.startsWith(text))).map(({ at }) => at),
      [],
    );
    assert.ok(programs.length >= 4);
  });

  for (const name of ['testbed', 'constructs'])
    it(`are programs that run: ${name}`, async (t) => {
      const dir = tempDir(t);
      const file = join(root, 'build', 'test', 'docs', 'snippets', `${name}.js`);
      const { code, stderr } = await runProgram(process.execPath, [file], { cwd: dir });
      assert.equal(code, 0, stderr);
      assert.ok(readdirSync(join(dir, 'dist')).some((each) => each.endsWith('.k8s.yaml')));
    });

  describe('that are YAML', () => {
    for (const block of ofKind('yaml', 'yaml steps', 'yaml workflow'))
      it(`say what is allowed: ${block.at}`, async (t) => {
        const value = parse(block.text) as Record<string, unknown>;
        if (block.info === 'yaml workflow') return assert.deepEqual(Object.keys(value), ['on', 'jobs']);
        // cdk8s.yaml and Pulumi's own files are checked by the tests that run them.
        if (block.text.startsWith('# cdk8s.yaml') || 'runtime' in value || 'config' in value) return;
        const described = Array.isArray(value) ? inParallel(value) : value;
        const dir = tempDir(t);
        const file = join(dir, `${block.at.replaceAll(/\W/g, '-')}.yaml`);
        writeFileSync(file, JSON.stringify(described));
        // What the description takes from elsewhere is there, as its page says how to have it.
        writeFileSync(join(dir, 'bmc-password'), 'secret');
        process.env['BMC_USER'] = 'admin';
        if (block.text.includes('manifests: bmo-v0.12')) await addOldRelease(dir);
        for (const { props } of managementClusters(await readTestbedFile(file))) prepare(props);
      });
  });

  it('are JSON where they say so', () => {
    for (const { text } of ofKind('json')) JSON.parse(text);
  });
});

/** The release of the page on other releases, as its command would have added it. */
async function addOldRelease(dir: string): Promise<void> {
  const golden = join(root, 'test', 'lib', 'components', 'baremetal-operator', 'golden', 'v0.13.2.yaml');
  await addManifests('bmo-v0.12', golden, { lockFile: join(dir, 'manifests.lock.json') });
}

/** Steps one at a time, since each is an example of its own, in one description. */
function inParallel(steps: readonly object[]): object {
  return { ...STEPS_FOR, scenario: { steps: [...steps] } };
}

/** The commands of a block: heredocs and comments are left out, lines that go on are joined. */
function commandsOf({ text }: Block): readonly string[] {
  return text
    .replaceAll(/<<'?(\w+)'?([^\n]*)\n[^]*?\n\1$/gm, '$2')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .flatMap((line) => line.split(/\s(?:&&|\||;)\s|;\s|;$/))
    .map((command) => command.trim().replace(/^do\s+/, ''))
    .filter((command) => command !== '');
}

async function problemsOf(
  given: string,
  program: Command,
  scripts: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  let command = given;
  while (SETTING.test(command)) command = command.replace(SETTING, '');
  if (command === '') return [];
  const words = wordsOf(command.replace(/\s\d?>>?\s*\S+.*$/, ''));
  const [name = ''] = words;
  const own = ownArguments(words);
  if (own !== undefined) {
    try {
      await program.parseAsync(own, { from: 'user' });
    } catch (error) {
      return [`${command}: ${(error as Error).message}`];
    }
    return [];
  }
  if (name === 'npm' && words[1] === 'run') {
    const script = words.find((word, i) => i > 1 && !word.startsWith('-')) ?? '';
    return script in scripts ? [] : [`${command}: no such script`];
  }
  if (name.startsWith('METAL3') || OTHERS.has(name)) return [];
  return [`${command}: ${name} is not known to this test`];
}

/** What the package's command is given; undefined for other commands. */
function ownArguments(words: readonly string[]): readonly string[] | undefined {
  if (words[0] === 'metal3-testbed') return words.slice(1);
  if (words[0] === 'npx' && words[1] === 'metal3-testbed') return words.slice(2);
  if (words[0] === 'npm' && words[1] === 'run' && words[2] === 'metal3-testbed' && words[3] === '--')
    return words.slice(4);
  return undefined;
}

function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  );
}

describe('the commands of the README', () => {
  it('begin with the one that brings a testbed up, and the one that runs the tests', () => {
    const shell = blocksOf('README.md').filter(({ info }) => info === 'sh');
    assert.deepEqual(
      shell.slice(0, 2).map(({ text }) => text),
      ['npm ci && npm run up\n', 'npm test\n'],
    );
    assert.ok(existsSync(join(root, '.ci', 'run')));
  });

  it('are in a page of less than 8 KB', () => {
    assert.ok(readFileSync(join(root, 'README.md')).length < 8192);
  });
});
