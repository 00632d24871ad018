import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { invalidInput } from '../../../lib/errors';
import { COMMENTED_DESCRIPTION } from '../../testbed/commented-description';
import { TEMPLATES, writeStarter, type Template } from '../../testbed/starter';
import { isStdout, writeUserFile } from '../../util/user-file';
import { addCommand } from '../command-list';
import { DEFAULT_FILE } from '../options';

interface Options {
  readonly template?: Template;
}

export function register(program: Command): void {
  addCommand(program, 'init')
    .argument(
      '[target]',
      `file to write, which must not be there yet, - for stdout (default: ${DEFAULT_FILE}); with --template: an empty folder, or one to make (default: this one)`,
    )
    .addOption(new Option('--template <kind>', 'write a whole project instead').choices(TEMPLATES))
    .action(run);
}

async function run(target: string | undefined, { template }: Options): Promise<void> {
  if (template === undefined) return describe(target ?? DEFAULT_FILE);
  const folder = target ?? '.';
  const files = writeStarter(template, folder);
  process.stdout.write(`wrote ${files.map((file) => join(folder, file)).join(', ')}; README.md says how to go on\n`);
}

async function describe(file: string): Promise<void> {
  const isOnStdout = await isStdout(file);
  if (!isOnStdout && lstatSync(file, { throwIfNoEntry: false }) !== undefined)
    throw invalidInput(`${file} is there already: name another file, or delete it first`);
  await writeUserFile(file, COMMENTED_DESCRIPTION);
  if (!isOnStdout) process.stdout.write(`wrote ${file}; bring it up with: metal3-testbed up ${file}\n`);
}
