#!/usr/bin/env node
import './require-node';
import { Command, CommanderError } from 'commander';
import * as apply from './commands/apply';
import * as diff from './commands/diff';
import * as doctor from './commands/doctor';
import * as down from './commands/down';
import * as generate from './commands/generate';
import * as manifests from './commands/manifests';
import * as prune from './commands/prune';
import * as status from './commands/status';
import * as up from './commands/up';
import * as wait from './commands/wait';
import { EXIT_CODES } from './exit-codes';
import { Interrupted } from './signals';
import { TestbedError } from '../../lib/errors';
import { version } from '../version';

const program = new Command('metal3-testbed')
  .description('Metal3 test environments: thousands of fake bare-metal hosts on one machine')
  .version(version)
  .showHelpAfterError("(run 'metal3-testbed help' for the commands and their options)")
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 a fault of this program, 2 bad input, 3 the machine lacks something, 4 time ran out, 5 the API server refused, 130 interrupted.',
  )
  .exitOverride();

const commands = [up, status, wait, down, generate, apply, diff, prune, manifests, doctor];
for (const command of commands) command.register(program);

program.parseAsync().catch((error: unknown) => {
  process.exitCode = report(error);
});

/** Says what went wrong on stderr. @returns the exit code */
function report(error: unknown): number {
  // Commander has printed its own errors, and its help, already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_CODES['invalid-input'];
  if (error instanceof Interrupted) {
    process.stderr.write("interrupted: run 'metal3-testbed up' to go on, or 'metal3-testbed down' to stop what runs\n");
    return EXIT_CODES.interrupted;
  }
  if (error instanceof TestbedError) {
    process.stderr.write(`error: ${error.message}\n`);
    return EXIT_CODES[error.code];
  }
  process.stderr.write(`error: this is a fault of metal3-testbed\n${(error as Error).stack ?? String(error)}\n`);
  return EXIT_CODES.fault;
}
