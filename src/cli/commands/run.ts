import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { invalidInput, TestbedError } from '../../../lib/errors';
import { nameOfSimulator, SIMULATOR_KINDS } from '../../simulators/names';
import type { Report } from '../../report/report';
import { mergeReports, type NamedReport } from '../../report/merge';
import { prepare, runPrepared, ScenarioError, type Prepared, type ScenarioOptions } from '../../scenario/run-scenario';
import { withDescription } from '../../testbed/file';
import { isStdout, requireUserFile, writeUserFile } from '../../util/user-file';
import { shellQuote } from '../../util/shell-quote';
import { addCommand } from '../command-list';
import { bringUpOptions, readProps, type BringUpFlags } from '../bring-up-options';
import { addClusterOptions } from '../cluster-options';
import {
  bmoBinaryOption,
  DEFAULT_FILE,
  descriptionFile,
  lockOption,
  seconds,
  stateDirOption,
  takeOverHostsOption,
  whole,
} from '../options';
import { createPrinter } from '../printers/printer';
import { stepTable } from '../printers/step-table';
import { interruptSignal } from '../signals';

interface Options extends BringUpFlags {
  readonly runs: number;
  readonly report?: string;
  readonly json?: true;
}

export function register(program: Command): void {
  const command = addCommand(program, 'run')
    .argument(
      '[testbed.yaml...]',
      `description of the testbed and its scenario (${DEFAULT_FILE} if there is one here, otherwise 10 hosts that are enrolled); several run side by side, each on a cluster of its own`,
    )
    .option('--runs <n>', 'number of runs; the report has the median of each metric and all its values', whole(1), 1)
    .option('--report <file>', 'file for the report, - for stdout (default: report.json in the state folder)')
    .option('--json', 'print what the steps did as JSON: {"report": "…", "steps": […]}')
    .option('--hosts <n>', 'how many hosts, instead of what the description says', whole(0))
    .addOption(new Option('--simulator <kind>', 'what simulates the hosts, as with up').choices(SIMULATOR_KINDS))
    .addOption(bmoBinaryOption())
    .addOption(lockOption())
    .option('--install-timeout <s>', 'seconds that each step of an install with pods may take', seconds, 300)
    .addOption(takeOverHostsOption())
    .addOption(stateDirOption());
  addClusterOptions(command);
  command.action(run);
}

async function run(files: readonly string[], options: Options): Promise<void> {
  const { stateDir } = options;
  const file = options.report ?? join(stateDir, 'report.json');
  // After hours of work it is too late to hear that there is no such folder.
  if (options.report !== undefined) await requireUserFile(file);
  const printer = createPrinter(process.stderr);
  try {
    const clusters = await clustersOf(files, options);
    const signal = interruptSignal();
    const common = { listener: printer.listener, signal };
    const { reports, failure } = await repeat(options.runs, () =>
      withDescription(clusters.length === 1 ? clusters[0]?.file : undefined, () =>
        runPrepared(clusters.map(({ prepared, options: own }) => ({ prepared, options: { ...own, ...common } }))),
      ),
    );
    printer.close();
    if (failure !== undefined) {
      // Beside the runs that came to their end, whose median it has no part in.
      const failed = reports.length === 0 ? file : join(stateDir, FAILED_FILE);
      if (reports.length > 0) await write(file, mergeReports(reports), options);
      await write(failed, failure.report, options);
      throw failure;
    }
    const report = mergeReports(reports);
    await write(file, report, options);
    const late = report.steps.reduce((sum, step) => sum + step.objects - step.done, 0);
    if (late > 0)
      throw new TestbedError('timeout', `${late} objects were still pending when their step timed out: see the report`);
  } finally {
    printer.close();
  }
}

/** The run that failed, in the state folder, where others did not. */
const FAILED_FILE = 'failed-report.json';

/** Writes a report and says what is in it. One that cannot be written where it should goes into the state folder. */
async function write(file: string, report: Report, { json, stateDir }: Options): Promise<void> {
  const text = `${JSON.stringify(report)}\n`;
  const isOnStdout = await isStdout(file);
  const output = isOnStdout ? process.stderr : process.stdout;
  const { steps, environment } = report;
  const { kind, version } = environment.simulator;
  const simulated = `simulated by ${nameOfSimulator(kind)} ${version}\n`;
  try {
    await writeUserFile(file, text);
    if (json) output.write(`${JSON.stringify({ report: file, steps })}\n`);
    else
      output.write(
        `${stepTable(report)}\n\n${simulated}${isOnStdout ? '' : `report: ${file}\nto look at it: metal3-testbed report ${shellQuote(file)}\n`}`,
      );
  } catch (error) {
    if (!(error instanceof TestbedError)) throw error;
    const kept = join(stateDir, 'report.json');
    if (kept === file) throw error;
    await writeUserFile(kept, text);
    throw new TestbedError(error.code, `${error.message}; the report is kept in ${kept}`, { cause: error });
  }
}

/** The reports of the runs until their end, or the first that fails. */
async function repeat(
  runs: number,
  once: () => Promise<Report>,
): Promise<{ readonly reports: readonly NamedReport[]; readonly failure?: ScenarioError }> {
  const reports: NamedReport[] = [];
  for (let i = 1; i <= runs; i++) {
    try {
      reports.push({ source: `run ${i}`, report: await once() });
    } catch (error) {
      if (error instanceof ScenarioError) return { reports, failure: error };
      throw error;
    }
  }
  return { reports };
}

/** A description with how it is run, and the file it is from. */
interface Described {
  readonly file: string | undefined;
  readonly prepared: Prepared;
  readonly options: ScenarioOptions;
}

/** One cluster for each description; of several, each has a folder of its own, by the name of its file. */
async function clustersOf(files: readonly string[], options: Options): Promise<readonly Described[]> {
  const common = bringUpOptions(options);
  const { cluster } = common;
  if (files.length < 2) {
    const file = descriptionFile(files[0]);
    const prepared = await describe(file, options.hosts);
    return [{ file, prepared, options: { ...common, stateDir: options.stateDir, clusterName: cluster.kind } }];
  }
  if (cluster.kind !== 'local')
    throw invalidInput(
      `${files.length} descriptions are given with --cluster ${cluster.kind}: several run on --cluster local only`,
    );
  const names = files.map((file) => basename(file).replace(/\.ya?ml$/, ''));
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw invalidInput(
      `two descriptions are called ${twice}, and their clusters would have the same name: rename one of the files`,
    );
  return Promise.all(
    files.map(async (file, i) => ({
      file,
      prepared: await describe(file, options.hosts),
      options: { ...common, stateDir: join(options.stateDir, names[i]!), clusterName: names[i]! },
    })),
  );
}

async function describe(file: string | undefined, hosts: number | undefined): Promise<Prepared> {
  const props = await readProps(file, hosts);
  // Of several descriptions, this is where it is known which of them is wrong.
  return withDescription(file, () => prepare(props));
}
