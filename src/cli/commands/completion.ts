import { Argument, type Command } from 'commander';
import { addCommand } from '../command-list';
import { completionScript, SHELLS, type Shell } from '../completions';

export function register(program: Command): void {
  addCommand(program, 'completion')
    .addArgument(new Argument('<shell>', 'whose completions are printed').choices(SHELLS))
    .action(run);
}

/** The command line has all commands by now: for this one, all are loaded. */
function run(shell: Shell, _: object, { parent }: Command): void {
  process.stdout.write(completionScript(parent!, shell));
}
