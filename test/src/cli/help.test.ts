import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Command } from 'commander';
import { COMMAND_LIST, type CommandName, type ListedCommand } from '../../../src/cli/command-list';
import { cli, root, runProgram } from '../../support/cli';
import { silentProgram } from '../../support/silent-program';
import { tempDir } from '../../support/temp-dir';

const NAMES = Object.keys(COMMAND_LIST) as CommandName[];

/** Says at the end, on stderr, which modules were loaded. */
const SAY_LOADED = `process.on('exit', () => process.stderr.write(JSON.stringify(Object.keys(require.cache))))`;

describe('the help', () => {
  for (const args of [['--help'], ['help'], ['--version'], ['nosuch']])
    it(`loads no command, and no library but that of the command line: ${args.join(' ')}`, async (t) => {
      const hook = join(tempDir(t), 'hook.cjs');
      writeFileSync(hook, SAY_LOADED);
      const { stderr } = await runProgram(process.execPath, [
        ...['--require', hook],
        ...[join(root, 'build', 'src', 'cli', 'main.js'), ...args],
      ]);
      const loaded = JSON.parse(stderr.slice(stderr.indexOf('["'))) as string[];
      const ours = loaded.filter((file) => file !== hook).map((file) => file.slice(root.length + 1));
      assert.deepEqual(
        ours.filter(
          (file) => !/^(build\/src\/(cli|util|programs|process|testbed|simulators)|build\/lib\/\w+\.js)/.test(file),
        ),
        ['node_modules/commander/index.js'],
      );
      assert.ok(ours.length < 40, `${ours.length} modules`);
      assert.deepEqual(
        ours.filter((file) => /cli\/commands\/|lib\/kinds|testbed\/(up|file|bring)/.test(file)),
        [],
      );
    });

  it('lists every command with the arguments that its module gives it', async () => {
    const { stdout } = await cli(['--help']);
    for (const name of NAMES) {
      const [command] = (await silentProgram([name])).commands;
      const term = new Command().createHelp().subcommandTerm(command!);
      assert.ok(stdout.includes(`  ${term} `), term);
    }
  });

  it('has examples of every command, which it takes', async () => {
    const program = await silentProgram();
    for (const name of NAMES) {
      const { examples = [] }: ListedCommand = COMMAND_LIST[name];
      assert.ok(examples.length > 0, name);
      let help = '';
      const command = program.commands.find((each) => each.name() === name)!;
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      for (const example of examples) {
        assert.ok(help.includes(`  metal3-testbed ${example}\n`), example);
        for (const part of example.split('|')) {
          const words = part
            .replace(/>.*/, '')
            .trim()
            .replace(/^metal3-testbed /, '')
            .split(/\s+/);
          if (words[0] === 'kubectl') continue;
          await program.parseAsync(words, { from: 'user' });
        }
      }
    }
  });
});
