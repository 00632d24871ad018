import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { KINDS } from '../../../lib/kinds';
import { prepare } from '../../../src/scenario/run-scenario';
import { COMMENTED_DESCRIPTION } from '../../../src/testbed/commented-description';
import { TEMPLATES } from '../../../src/testbed/starter';
import { readTestbedFile } from '../../../src/testbed/file';
import { completionScript, SHELLS } from '../../../src/cli/completions';
import { EXPLAINED_ERRORS } from '../../../src/explain/errors';
import { explain } from '../../../src/explain/explain';
import { STATE_TEXTS } from '../../../src/explain/states';
import { cli, isOnPath, root, runProgram } from '../../support/cli';
import { silentProgram } from '../../support/silent-program';
import { tempDir } from '../../support/temp-dir';

describe('init', () => {
  it('writes a description that is right, and does not write over one', async (t) => {
    const dir = tempDir(t);
    const { code, stdout } = await cli(['init'], { cwd: dir });
    assert.deepEqual([code, stdout], [0, 'wrote testbed.yaml; bring it up with: metal3-testbed up testbed.yaml\n']);
    const file = join(dir, 'testbed.yaml');
    const { testbed } = prepare(await readTestbedFile(file));
    assert.equal(testbed.fleets[0]?.count, 100);
    const again = await cli(['init'], { cwd: dir });
    assert.equal(again.code, 2);
    assert.match(again.stderr, /^error: testbed\.yaml is there already: name another file/);
    assert.equal(readFileSync(file, 'utf8'), COMMENTED_DESCRIPTION);
    assert.equal((await cli(['init', '-'], { cwd: dir })).stdout, COMMENTED_DESCRIPTION);
  });

  it('has comments that are right once they are none', async (t) => {
    const file = join(tempDir(t), 'testbed.yaml');
    // What begins with a key, a list or an indent is a part of the description; the rest are sentences.
    const text = COMMENTED_DESCRIPTION.replaceAll(/^( *)# (?=(?:\w+:(?: |$)|- | +[\w-]))/gm, '$1');
    assert.ok(text.split('\n').filter((line) => !/^\s*#/.test(line)).length > 20);
    writeFileSync(file, text);
    const { testbed } = prepare(await readTestbedFile(file));
    assert.deepEqual([testbed.clusterSets.length, testbed.operators.length], [1, 1]);
  });
});

describe('init --template', () => {
  for (const template of TEMPLATES)
    it(`writes a project into an empty folder: ${template}`, async (t) => {
      const dir = tempDir(t);
      const { code, stdout, stderr } = await cli(['init', 'my-lab', '--template', template], { cwd: dir });
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^wrote my-lab\/\.gitignore, .*my-lab\/package\.json; README\.md says how to go on\n$/);
      const { name, dependencies } = JSON.parse(readFileSync(join(dir, 'my-lab', 'package.json'), 'utf8')) as {
        name: string;
        dependencies: Record<string, string>;
      };
      assert.equal(name, 'my-lab');
      // What a project asks for is what this package is tested with.
      const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
        version: string;
        devDependencies: Record<string, string>;
      };
      for (const [dependency, range] of Object.entries(dependencies))
        assert.equal(
          range,
          dependency === 'metal3-testbed' ? `^${own.version}` : own.devDependencies[dependency],
          dependency,
        );
      for (const file of readdirSync(join(dir, 'my-lab')))
        assert.doesNotMatch(readFileSync(join(dir, 'my-lab', file), 'utf8'), /\$\{/, file);
      const again = await cli(['init', 'my-lab', '--template', template], { cwd: dir });
      assert.deepEqual([again.code, again.stderr], [2, 'error: my-lab is not an empty folder: name another one\n']);
      const bad = await cli(['init', 'My Lab', '--template', template], { cwd: dir });
      assert.match(bad.stderr, /^error: the folder is called 'My Lab'/);
    });
});

describe('explain', () => {
  const steps = (
    JSON.parse(readFileSync(join(root, 'testbed.schema.json'), 'utf8')) as {
      $defs: { step: { properties: Record<string, object> } };
    }
  ).$defs.step.properties;

  it('knows every step', () => {
    for (const step of Object.keys(steps))
      assert.match(explain(step).join('\n'), new RegExp(`^${step}: a step of scenarios\n {2}\\w`));
  });

  it('knows every state of every kind', () => {
    for (const { kind, looks } of KINDS)
      for (const { name } of looks) {
        assert.ok(STATE_TEXTS[kind]?.[name] !== undefined, `${kind} ${name}`);
        assert.ok(
          explain(name).some((text) => text.startsWith(`${name}: a state of a ${kind}\n`)),
          name,
        );
      }
  });

  it('knows errors by a part of what they say, and by their code', () => {
    for (const [code, { errors }] of Object.entries(EXPLAINED_ERRORS)) {
      assert.match(explain(code).join('\n'), new RegExp(`^${code}: a code of errors`));
      for (const { message, remedy } of errors)
        assert.ok(
          explain(`error: 7 ${message.replaceAll(/\$\{[^}]*\}/g, '60')}: and more`).some((text) =>
            text.includes(remedy),
          ),
          message,
        );
    }
  });

  it('goes down to a key of the description', async () => {
    const { code, stdout } = await cli(['explain', 'hostSets.count']);
    assert.deepEqual([code, stdout.split('\n')[0]], [0, 'hostSets.count: a key of testbed.yaml']);
    assert.match(explain('hostSets')[0]!, /\n {4}count +How many hosts\. Required\.\n/);
  });

  it('says what was meant where it knows nothing', async () => {
    const { code, stderr } = await cli(['explain', 'provison']);
    assert.equal(code, 2);
    assert.match(stderr, /^error: nothing is known of 'provison'; did you mean 'provision'\?/);
  });
});

/**
 * Types lines with a tab at their end into an interactive zsh that has read a file of completions, and prints what the command was
 * then called with.
 */
const TYPE_IN_ZSH = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1=; metal3-testbed() { print -r -- GOT:\\$*: }; source $1; print -r -- RE''ADY"
zpty -r shell said '*READY*'
shift
for line in "$@"; do
  zpty -w -n shell "metal3-testbed $line"$'\\t\\n'
  zpty -r shell said '*GOT:*:*'
  said=\${said##*GOT:}
  print -r -- \${said%%:*}
done
zpty -d shell
`;

describe('completions', () => {
  const main = join(root, 'build', 'src', 'cli', 'main.js');

  /** What bash offers for a line. */
  async function offered(line: string): Promise<readonly string[]> {
    const words = line.split(' ');
    const script = `${completionScript(await silentProgram(), 'bash')}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_metal3_testbed; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr, code } = await runProgram('bash', ['-c', script]);
    assert.deepEqual([code, stderr], [0, '']);
    return stdout.split('\n').filter((word) => word !== '');
  }

  it('of bash are commands, options, and values of options', async (t) => {
    if (!(await isOnPath('bash'))) return t.skip('bash is not on PATH');
    assert.deepEqual(await offered('metal3-testbed st'), ['status']);
    assert.ok((await offered('metal3-testbed up --')).includes('--take-over-hosts'));
    assert.deepEqual(await offered('metal3-testbed up --cluster '), ['local', 'kind', 'existing']);
    assert.deepEqual(await offered('metal3-testbed report --format m'), ['markdown']);
    assert.deepEqual(await offered('metal3-testbed manifests ver'), ['verify']);
    assert.ok((await offered('metal3-testbed manifests add --')).includes('--lock-file'));
    assert.deepEqual(await offered('metal3-testbed help com'), ['compare', 'completion']);
  });

  it('of bash are registered by a shell that reads them as they are said to be read', async (t) => {
    if (!(await isOnPath('bash'))) return t.skip('bash is not on PATH');
    const script = `source <("$0" "$1" completion bash) && complete -p metal3-testbed`;
    const { code, stdout, stderr } = await runProgram('bash', ['--norc', '-c', script, process.execPath, main]);
    assert.deepEqual([code, stdout, stderr], [0, 'complete -o default -F _metal3_testbed metal3-testbed\n', '']);
  });

  /** Lines that can be completed in one way alone, and what becomes of them. */
  const UNIQUE = [
    ['stat', 'status'],
    ['up --clust', 'up --cluster'],
    ['up --cluster k', 'up --cluster kind'],
    ['report --format m', 'report --format markdown'],
    ['manifests ver', 'manifests verify'],
    ['manifests add --lock', 'manifests add --lock-file'],
    ['help mani', 'help manifests'],
    ['--vers', '--version'],
  ] as const;

  it('of fish are what a real one offers, with descriptions', { timeout: 60_000 }, async (t) => {
    if (!(await isOnPath('fish'))) return t.skip('fish is not on PATH');
    const file = join(tempDir(t), 'completions.fish');
    writeFileSync(file, completionScript(await silentProgram(), 'fish'));
    const lines = [...UNIQUE.map(([line]) => line), 'up --cluster '];
    const asked = lines.map((line) => `echo ====; complete -C 'metal3-testbed ${line}'`).join('\n');
    const { code, stdout, stderr } = await runProgram('fish', ['--no-config', '-c', `source ${file}\n${asked}`], {
      // It writes what it remembers there.
      env: { HOME: tempDir(t) },
    });
    assert.deepEqual([code, stderr], [0, '']);
    const offered = stdout
      .split('====\n')
      .slice(1)
      .map((part) => part.split('\n').filter((line) => line !== ''));
    assert.deepEqual(
      offered.map((each) => each.map((line) => line.split('\t')[0])),
      [...UNIQUE.map(([, line]) => [line.split(' ').at(-1)]), ['existing', 'kind', 'local']],
    );
    assert.match(offered[0]![0]!, /^status\t\w/);
  });

  it('of zsh are what a real one completes', { timeout: 60_000 }, async (t) => {
    if (!(await isOnPath('zsh'))) return t.skip('zsh is not on PATH');
    const dir = tempDir(t);
    writeFileSync(join(dir, 'completions.zsh'), completionScript(await silentProgram(), 'zsh'));
    writeFileSync(join(dir, 'type.zsh'), TYPE_IN_ZSH);
    const lines = UNIQUE.map(([line]) => line);
    const { code, stdout, stderr } = await runProgram('zsh', ['-f', 'type.zsh', 'completions.zsh', ...lines], {
      cwd: dir,
      env: { HOME: dir, TERM: 'dumb' },
    });
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(
      stdout.trimEnd().split('\n'),
      UNIQUE.map(([, line]) => line),
    );
  });

  it('of each shell have every command', async () => {
    for (const shell of SHELLS) {
      const { code, stdout } = await cli(['completion', shell]);
      assert.equal(code, 0);
      for (const command of (await silentProgram()).commands)
        assert.match(stdout, new RegExp(`\\b${command.name()}\\b`), `${shell}: ${command.name()}`);
    }
  });

  it('are refused for a shell that is not known', async () => {
    assert.equal((await cli(['completion', 'tcsh'])).code, 2);
  });
});
