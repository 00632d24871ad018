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
import { checkedTestbeds, describedTestbeds } from '../described-testbeds';
import { EXIT_CODES } from '../exit-codes';
import { lockOption, managementClusterOption, stateDirOption, type ChoiceFlags } from '../options';
import { programTable } from '../printers/program-table';
import { heading } from '../printers/table';
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
      'as JSON: [{"name", "state": "ok|warning|missing", "detail", "remedy"}]; of programs [{"name", "places": [{"source", "version", "where"}], "problems"}], for each of several {"managementClusters": [{"name", "programs"}]}',
    )
    .addOption(lockOption())
    .addOption(managementClusterOption())
    .addOption(stateDirOption())
    .action(doctor);
}

interface Options extends ChoiceFlags {
  readonly json?: true;
  readonly programs?: true;
  readonly lock?: string;
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

async function programs(given: string | undefined, options: Options): Promise<void> {
  const { json, lock } = options;
  const testbeds = await describedTestbeds(given === undefined ? [] : [given], options);
  const checked = await checkedTestbeds(testbeds, (props) => ({ testbed: resolveTestbed(props) }));
  const plans = [];
  for (const { name, stateDir, checked: of } of checked) {
    const choices = managerImages(managersOf(installationOf(of.testbed)));
    const lockFile = programsLock(stateDir, lock);
    plans.push({
      name,
      programs: await planPrograms({ lockFile, operators: releasesOf(of.testbed.operators), choices }),
    });
  }
  const areSeveral = plans.some(({ name }) => name !== undefined);
  if (json) {
    const said = areSeveral ? { managementClusters: plans } : plans[0]?.programs;
    process.stdout.write(`${JSON.stringify(said, undefined, 2)}\n`);
  } else
    for (const [i, { name, programs: planned }] of plans.entries())
      process.stdout.write(
        `${name === undefined ? '' : `${i > 0 ? '\n' : ''}${heading(name)}\n`}${programTable(planned)}\n`,
      );
  const isMissing = plans.some(({ programs: planned }) =>
    planned.some(({ name, places }) => places.length === 0 && NEEDED.includes(name)),
  );
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
