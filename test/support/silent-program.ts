import { Command } from 'commander';
import { COMMAND_LIST, type CommandName } from '../../src/cli/command-list';
import { MODULES } from '../../src/cli/command-modules';

/** The command line whose actions do nothing, to see whether it takes what is given. @param names @default - all commands */
export async function silentProgram(names = Object.keys(COMMAND_LIST) as CommandName[]): Promise<Command> {
  const program = new Command('metal3-testbed').exitOverride();
  for (const name of names) (await MODULES[name]()).register(program);
  program.commands.forEach(silence);
  return program;
}

function silence(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  command.action(() => undefined);
  command.commands.forEach(silence);
}
