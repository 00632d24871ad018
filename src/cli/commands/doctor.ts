import { styleText } from 'node:util';
import type { Command } from 'commander';
import { diagnose, type Check } from '../../programs/diagnose';
import { EXIT_CODES } from '../exit-codes';
import { stateDirOption } from '../options';
import { wrapFor } from '../printers/wrap';
import { dirname } from 'node:path';

export function register(program: Command): void {
  program
    .command('doctor')
    .description('check what a testbed needs on this machine, and say how to get what is missing')
    .option('--json', 'as JSON: [{"name", "state": "ok|warning|missing", "detail", "remedy"}]')
    .addOption(stateDirOption())
    .action(doctor);
}

/** The width of the names, which the details stand beside. */
const NAME = 26;
const MARKS = { ok: styleText('green', '✔'), warning: styleText('yellow', '!'), missing: styleText('red', '✘') };

async function doctor(options: { readonly json?: true; readonly stateDir: string }): Promise<void> {
  const checks = await diagnose({ stateDir: dirname(options.stateDir) });
  process.stdout.write(options.json ? `${JSON.stringify(checks, undefined, 2)}\n` : checks.map(line).join(''));
  if (checks.some(({ state }) => state === 'missing')) process.exitCode = EXIT_CODES.environment;
}

function line({ name, state, detail, remedy }: Check): string {
  const lines = [`${MARKS[state]} ${name.padEnd(NAME)} ${detail}`];
  if (remedy !== undefined) lines.push(`${' '.repeat(NAME + 3)}${remedy}`);
  return lines.map((each) => `${wrapFor(process.stdout, each, NAME + 3)}\n`).join('');
}
