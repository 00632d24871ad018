import { lstatSync } from 'node:fs';
import type { Command } from 'commander';
import { invalidInput } from '../../../lib/errors';
import { COMMENTED_DESCRIPTION } from '../../testbed/commented-description';
import { isStdout, writeUserFile } from '../../util/user-file';
import { addCommand } from '../command-list';
import { DEFAULT_FILE } from '../options';

export function register(program: Command): void {
  addCommand(program, 'init')
    .argument(
      '[testbed.yaml]',
      `file to write, which must not be there yet; - for stdout (default: ${DEFAULT_FILE})`,
      DEFAULT_FILE,
    )
    .action(run);
}

async function run(file: string): Promise<void> {
  const isOnStdout = await isStdout(file);
  if (!isOnStdout && lstatSync(file, { throwIfNoEntry: false }) !== undefined)
    throw invalidInput(`${file} is there already: name another file, or delete it first`);
  await writeUserFile(file, COMMENTED_DESCRIPTION);
  if (!isOnStdout) process.stdout.write(`wrote ${file}; bring it up with: metal3-testbed up ${file}\n`);
}
