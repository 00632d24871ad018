import { dirname } from 'node:path';
import { styleText } from 'node:util';
import type { Command } from 'commander';
import { defaultVersion, type BareMetalOperatorProps } from '../../../lib/components/baremetal-operator';
import { invalidInput } from '../../../lib/errors';
import { resolveTestbed } from '../../../lib/testbed/resolve';
import { installationOf } from '../../install/installation';
import { managerImages, managersOf } from '../../managers/manager-programs';
import { diagnose, type Check } from '../../programs/diagnose';
import { planPrograms } from '../../programs/plan';
import { programsLock } from '../../programs/programs-lock';
import { addCommand } from '../command-list';
import { readProps } from '../bring-up-options';
import { EXIT_CODES } from '../exit-codes';
import { descriptionFile, lockOption, stateDirOption } from '../options';
import { programTable } from '../printers/program-table';
import { wrapFor } from '../printers/wrap';

export function register(program: Command): void {
  addCommand(program, 'doctor')
    .argument(
      '[testbed.yaml]',
      'with --programs: description whose operators and managers of Cluster API are looked for',
    )
    .option('--programs', 'what each program would be taken from, without fetching it')
    .option(
      '--json',
      'as JSON: [{"name", "state": "ok|warning|missing", "detail", "remedy"}]; of programs [{"name", "places": [{"source", "version", "where"}], "problems"}]',
    )
    .addOption(lockOption())
    .addOption(stateDirOption())
    .action(doctor);
}

interface Options {
  readonly json?: true;
  readonly programs?: true;
  readonly lock?: string;
  readonly stateDir: string;
}

/** The width of the names, which the details stand beside. */
const NAME = 26;
const MARKS = { ok: styleText('green', '✔'), warning: styleText('yellow', '!'), missing: styleText('red', '✘') };

async function doctor(given: string | undefined, options: Options): Promise<void> {
  if (options.programs) return programs(given, options);
  if (given !== undefined) throw invalidInput(`${given}: a description is looked at with --programs only`);
  const checks = await diagnose({ stateDir: dirname(options.stateDir) });
  process.stdout.write(options.json ? `${JSON.stringify(checks, undefined, 2)}\n` : checks.map(line).join(''));
  if (checks.some(({ state }) => state === 'missing')) process.exitCode = EXIT_CODES.environment;
}

function line({ name, state, detail, remedy }: Check): string {
  const lines = [`${MARKS[state]} ${name.padEnd(NAME)} ${detail}`];
  if (remedy !== undefined) lines.push(`${' '.repeat(NAME + 3)}${remedy}`);
  return lines.map((each) => `${wrapFor(process.stdout, each, NAME + 3)}\n`).join('');
}

async function programs(given: string | undefined, { json, lock, stateDir }: Options): Promise<void> {
  const file = descriptionFile(given);
  const props = await readProps(file, undefined);
  const lockFile = programsLock(stateDir, lock);
  const testbed = resolveTestbed(props);
  const choices = managerImages(managersOf(installationOf(testbed)));
  const planned = await planPrograms({ lockFile, operators: releasesOf(testbed.operators), choices });
  process.stdout.write(`${json ? JSON.stringify(planned, undefined, 2) : programTable(planned)}\n`);
  const isMissing = planned.some(({ name, places }) => places.length === 0 && NEEDED.includes(name));
  if (isMissing) process.exitCode = EXIT_CODES.environment;
}

/** Without these no testbed starts on this machine. */
const NEEDED: readonly string[] = ['etcd', 'kube-apiserver'];

/** One of each release and image. */
function releasesOf(operators: readonly BareMetalOperatorProps[]) {
  const all = operators.map(({ version = defaultVersion, image }) => ({ version, image }));
  return all.filter(
    (each, i) => all.findIndex(({ version, image }) => version === each.version && image === each.image) === i,
  );
}
