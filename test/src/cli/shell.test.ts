import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { KINDS } from '../../../lib/kinds';
import { prepare } from '../../../src/scenario/run-scenario';
import { COMMENTED_DESCRIPTION } from '../../../src/testbed/commented-description';
import { TEMPLATES } from '../../../src/testbed/starter';
import { readTestbedFile } from '../../../src/testbed/file';
import { completionScript } from '../../../src/cli/completions';
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
      assert.match(
        stdout,
        /^wrote my-lab\/.*my-lab\/\.gitignore, .*my-lab\/package\.json; README\.md says how to go on\n$/,
      );
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

describe('completions', () => {
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

  for (const shell of ['zsh', 'fish'] as const)
    it(`of ${shell} are taken by it, and have every command`, async (t) => {
      const { code, stdout } = await cli(['completion', shell]);
      assert.equal(code, 0);
      for (const { name } of (await silentProgram()).commands.map((each) => ({ name: each.name() })))
        assert.match(stdout, new RegExp(`\\b${name}\\b`));
      if (!(await isOnPath(shell))) return t.skip(`${shell} is not on PATH`);
      const checked = await runProgram(shell, ['-n'], { stdin: stdout });
      assert.deepEqual([checked.code, checked.stderr], [0, '']);
    });

  it('are refused for a shell that is not known', async () => {
    assert.equal((await cli(['completion', 'tcsh'])).code, 2);
  });
});
