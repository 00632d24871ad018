#!/usr/bin/env node
import '../util/require-node';
import './compile-cache';
import { Command, CommanderError } from 'commander';
import { addListedCommand, COMMAND_LIST, exampleText, type CommandName } from './command-list';
import { MODULES } from './command-modules';
import { EXIT_CODES } from './exit-codes';
import { requireStateDir } from './options';
import { wrapFor } from './printers/wrap';
import { Interrupted } from './signals';
import { TestbedError } from '../../lib/errors';
import { visibleLines } from '../../lib/visible';
import { missingPeer } from '../util/missing-peer';
import { version } from '../util/version';

/** The way from nothing to a page to look at. */
const EXAMPLES = ['up', 'run --hosts 100 --report report.json', 'report report.json', 'help up'];

const program = new Command('metal3-testbed')
  .description('Metal3 test environments: thousands of fake bare-metal hosts on one machine')
  .version(version)
  .showHelpAfterError("(run 'metal3-testbed help' for the commands and their options)")
  .commandsGroup('Help:')
  .addHelpText(
    'after',
    `
${exampleText(EXAMPLES)}

Exit codes:
  0    done
  1    a fault of this program; of compare: something became worse
  2    bad input
  3    the machine lacks something
  4    timed out
  5    the API server refused, or cannot be reached
  130  interrupted`,
  )
  .exitOverride();

// The reader of a pipe, such as head, may have had enough before the end; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  process.stderr.write(`error: the standard output cannot be written (${error.code})\n`);
  process.exit(EXIT_CODES.environment);
});
// A connection that is closed while a request on it is being cancelled ends in an error of a stream that nobody holds any
// more, neither undici nor we: whoever waited for the request has its answer already.
process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'UND_ERR_DESTROYED') process.exit(report(error));
});
// Progress that nobody reads any more is no reason to stop the work.
process.stderr.on('error', () => undefined);

async function main(): Promise<void> {
  const asked = process.argv[2] ?? '';
  const [, , , subject] = process.argv;
  // One is loaded, to run or to show its help; of the others the list knows enough, but for completions.
  const needed = asked === 'help' ? subject : asked;
  if (asked === 'completion') for (const load of Object.values(MODULES)) (await load()).register(program);
  else if (isCommand(needed)) (await MODULES[needed]()).register(program);
  else for (const name of Object.keys(COMMAND_LIST)) addListedCommand(program, name as CommandName);
  program.hook('preAction', (_, command) => requireStateDir(command));
  // Commander answers 'help' of a command that there is not with the help of all.
  const isUnknown = asked === 'help' && subject !== undefined && subject !== 'help' && !isCommand(subject);
  await program.parseAsync(isUnknown ? [...process.argv.slice(0, 2), subject] : process.argv);
}

function isCommand(name: string | undefined): name is CommandName {
  return name !== undefined && Object.hasOwn(COMMAND_LIST, name);
}

main().catch((error: unknown) => {
  process.exitCode = report(error);
});

/** Says what went wrong on stderr. @returns the exit code */
function report(failure: unknown): number {
  const error = missingPeer('metal3-testbed', failure) ?? failure;
  // Commander has printed its own errors, and its help, already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODES['invalid-input'];
  if (error instanceof Interrupted) {
    say(`interrupted: ${afterInterruption(process.argv[2])}`);
    return EXIT_CODES.interrupted;
  }
  if (error instanceof TestbedError) {
    // What is not ours in it, such as a name in a manifest, must not command the terminal.
    say(`error: ${visibleLines(error.message)}`);
    return EXIT_CODES[error.code];
  }
  process.stderr.write(`error: this is a fault of metal3-testbed\n${(error as Error).stack ?? String(error)}\n`);
  return EXIT_CODES.fault;
}

/** What there is to be done now. */
function afterInterruption(command: string | undefined): string {
  const again = 'run the same command again';
  // It compares what it has tried itself, and has taken down what it ran.
  if (command === 'tune') return `${again} to try from the first setting; nothing of it is left`;
  // One in the cluster goes on by itself, and is followed again.
  const what = command === 'run' && !process.argv.includes('--in-cluster') ? 'begin anew' : 'continue';
  const orElse = command === 'up' || command === 'run' ? ", or 'metal3-testbed down' to stop what runs" : '';
  return `${again} to ${what}${orElse}`;
}

function say(text: string): void {
  process.stderr.write(`${wrapFor(process.stderr, text)}\n`);
}
