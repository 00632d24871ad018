import { join } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { invalidInput, TestbedError } from '../../../lib/errors';
import { guardContext } from '../../cluster/existing/guard';
import { driverNamespace, METRICS_READER } from '../../driver/names';
import { deleteDriver } from '../../driver/delete-driver';
import { endOf, followDriver, isDriverThere, requireInCluster, startDriver } from '../../driver/run-in-cluster';
import { progressStore, reportPlace, storedText, storeText, type Place } from '../../driver/store';
import { KubernetesClient } from '../../kubernetes/client';
import { readKubeconfig } from '../../kubernetes/kubeconfig';
import { claimStateFolder } from '../../testbed/state-folder';
import { bringUp } from '../../testbed/bring-up';
import { nameOfSimulator, SIMULATOR_KINDS } from '../../simulators/names';
import { parseReport } from '../../report/read-report';
import type { Report } from '../../report/report';
import { mergeReports, type NamedReport } from '../../report/merge';
import { requireCapabilities } from '../../scenario/requirements';
import { prepare, runPrepared, ScenarioError, type PreparedCluster } from '../../scenario/run-scenario';
import { readWholeDescription } from '../../testbed/file';
import { claimManagementFolder } from '../../testbed/management-folders';
import { isStdout, requireUserFile, writeUserFile } from '../../util/user-file';
import { shellQuote } from '../../util/shell-quote';
import { addCommand } from '../command-list';
import { bringUpOptions, type BringUpFlags } from '../bring-up-options';
import {
  checkedTestbeds,
  describedTestbeds,
  inTheirFolder,
  oneDescribedTestbed,
  optionsOfEach,
  type DescribedTestbed,
} from '../described-testbeds';
import { addClusterOptions } from '../cluster-options';
import {
  bmoBinaryOption,
  DEFAULT_FILE,
  descriptionFile,
  lockOption,
  managementClusterOption,
  seconds,
  stateDirOption,
  takeOverHostsOption,
  whole,
} from '../options';
import { createPrinter } from '../printers/printer';
import { stepTable } from '../printers/step-table';
import { Interrupted, interruptSignal } from '../signals';

interface Options extends BringUpFlags {
  readonly runs: number;
  readonly report?: string;
  readonly json?: true;
  readonly inCluster?: true;
  readonly image?: string;
  /** Of a run in a pod. */
  readonly store?: string;
  readonly testbedId?: string;
  readonly installed?: true;
}

export function register(program: Command): void {
  const command = addCommand(program, 'run')
    .argument(
      '[testbed.yaml...]',
      `description of the testbed and its scenario (${DEFAULT_FILE} if there is one here, otherwise 10 hosts that are enrolled); several of them, and managementClusters of one, run side by side, each on a cluster of its own`,
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
    .addOption(managementClusterOption())
    .addOption(stateDirOption())
    .option(
      '--in-cluster',
      'run in the cluster, as a Job that goes on when this command ends: the same command follows it again, and fetches its report (--cluster existing)',
    )
    .option('--image <image>', 'image of this package for --in-cluster (default: that of this release)')
    .addOption(new Option('--store <namespace>', 'keep the report in ConfigMaps of a namespace').hideHelp())
    .addOption(new Option('--installed', 'install nothing: all but hosts and clusters is there').hideHelp())
    .addOption(new Option('--testbed-id <id>', 'what tells the testbed from others').hideHelp());
  addClusterOptions(command);
  command.action((files: readonly string[], options: Options) =>
    options.inCluster ? runInCluster(files, options) : run(files, options),
  );
}

/** Starts or finds the run in the cluster, follows it to its end, and fetches its report. */
async function runInCluster(files: readonly string[], options: Options): Promise<void> {
  const { image, runs } = options;
  if (options.cluster !== 'existing')
    throw invalidInput(
      `--in-cluster goes with --cluster existing, and it is ${options.cluster}: give --cluster existing, --kubeconfig FILE and --context NAME, also for a cluster of kind`,
    );
  const description = descriptionFile(files[0]);
  if (files.length > 1 || description === undefined)
    throw invalidInput(`--in-cluster takes one description, and ${files.length} are given: name a testbed.yaml`);
  const file = options.report ?? join(options.stateDir, 'report.json');
  if (options.report !== undefined) await requireUserFile(file);
  const described = await oneDescribedTestbed(description, options);
  const text = await readWholeDescription(description, described.name);
  const { testbed, scenario } = await described.within(() => {
    const prepared = prepare(described.props);
    requireInCluster(prepared.testbed, options);
    return prepared;
  });
  const common = bringUpOptions(options, described);
  const { cluster } = common;
  if (cluster.kind !== 'existing') throw new RangeError('--in-cluster is for existing clusters');
  const { name, stateDir } = described;
  const client = new KubernetesClient(await readKubeconfig(cluster.kubeconfig, cluster.context));
  const onLine = (line: string) => process.stderr.write(`${line}\n`);
  const printer = createPrinter(process.stderr);
  const signal = interruptSignal();
  try {
    await guardContext(client, cluster);
    if (name !== undefined) claimManagementFolder(options.stateDir);
    const id = claimStateFolder(stateDir);
    const args = [
      ...['--runs', String(runs)],
      ...(options.hosts === undefined ? [] : ['--hosts', String(options.hosts)]),
      ...(options.takeOverHosts ? ['--take-over-hosts'] : []),
    ];
    const wasThere = await isDriverThere(client, id);
    if (!wasThere) {
      // From here, so that the run itself needs no rights to what is installed.
      const live = await bringUp(testbed, { ...common, stateDir, listener: printer.listener, signal }, (capabilities) =>
        requireCapabilities(scenario, capabilities),
      );
      await live.close();
      printer.close();
      await startDriver(client, { id, description: text, args, image, testbed, scenario });
    }
    onLine(
      `the run is ${wasThere ? 'there already' : 'started'}, in namespace ${driverNamespace(id)}; it goes on when this command ends`,
    );
    const { code, report } = await followDriver(client, id, { onLine, signal });
    if (report !== undefined) await write(file, parseReport(report, 'the report that is kept in the cluster'), options);
    await deleteDriver(client, id);
    const failure = endOf(code);
    if (failure !== undefined) throw failure;
  } finally {
    printer.close();
    await client.close();
  }
}

async function run(files: readonly string[], options: Options): Promise<void> {
  const { stateDir } = options;
  if (options.image !== undefined) throw invalidInput('--image goes with --in-cluster: leave it out, or give both');
  const file = options.report ?? join(stateDir, 'report.json');
  // After hours of work it is too late to hear that there is no such folder.
  if (options.report !== undefined) await requireUserFile(file);
  const printer = createPrinter(process.stderr);
  try {
    const testbeds = await describedTestbeds(files, options);
    const clusters = await clustersOf(testbeds, options);
    const signal = interruptSignal();
    const common = { listener: printer.listener, signal };
    await inTheirFolder(testbeds, options, printer.listener, async () => {
      const place = await placeOf(options);
      const [first] = testbeds;
      if (options.testbedId !== undefined && first !== undefined) claimStateFolder(first.stateDir, options.testbedId);
      const { reports, unfinished } = await repeat(options.runs, place, (i, onInterrupted) =>
        runPrepared(
          clusters.map(({ options: own, ...each }) => ({
            ...each,
            options: {
              ...{ ...own, ...common },
              // One in a pod is carried on by the next pod.
              onInterrupted: place === undefined ? onInterrupted : undefined,
              progress: place && progressStore({ ...place, name: `progress-${i}` }),
            },
          })),
        ),
      ).finally(() => place?.client.close());
      printer.close();
      if (unfinished !== undefined) {
        // Beside the runs that came to their end, whose median it has no part in.
        const other = reports.length === 0 ? file : join(stateDir, FAILED_FILE);
        if (reports.length > 0) await write(file, mergeReports(reports), options);
        if (unfinished.report !== undefined) await write(other, unfinished.report, options);
        throw unfinished.error;
      }
      const report = mergeReports(reports);
      await write(file, report, options);
      const late = report.steps.reduce((sum, step) => sum + step.objects - step.done, 0);
      if (late > 0)
        throw new TestbedError(
          'timeout',
          `${late} objects were still pending when their step timed out: see the report`,
        );
    });
  } finally {
    printer.close();
  }
}

/** The run that failed or was interrupted, in the state folder, where others were not. */
const FAILED_FILE = 'failed-report.json';

/** Writes a report and says what is in it. One that cannot be written where it should goes into the state folder. */
async function write(file: string, report: Report, options: Options): Promise<void> {
  const { json, stateDir } = options;
  const text = `${JSON.stringify(report)}\n`;
  const isOnStdout = await isStdout(file);
  const output = isOnStdout ? process.stderr : process.stdout;
  const { steps, environment } = report;
  const { kind, version } = environment.simulator;
  const simulated = `simulated by ${nameOfSimulator(kind)} ${version}\n`;
  try {
    await keep(text, options);
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

/** Where a run in a pod keeps what outlasts it. */
async function placeOf({ store, kubeconfig, context }: Options): Promise<Omit<Place, 'name'> | undefined> {
  if (store === undefined) return undefined;
  if (kubeconfig === undefined) throw invalidInput('--store goes with --cluster existing');
  return { client: new KubernetesClient(await readKubeconfig(kubeconfig[0] ?? '', context?.[0])), namespace: store };
}

/** Keeps the report of a run in a pod for whoever asks from outside. */
async function keep(text: string, options: Options): Promise<void> {
  const place = await placeOf(options);
  if (place === undefined) return;
  try {
    await storeText(reportPlace(place.client, place.namespace), text);
  } finally {
    await place.client.close();
  }
}

/**
 * The reports of the runs until their end, or the first that has none.
 *
 * @param place where those are kept that have ended
 * @param once told of what it has measured where it is interrupted
 */
async function repeat(
  runs: number,
  place: Omit<Place, 'name'> | undefined,
  once: (run: number, onInterrupted: (report: Report) => void) => Promise<Report>,
): Promise<{ readonly reports: readonly NamedReport[]; readonly unfinished?: Unfinished }> {
  const reports: NamedReport[] = [];
  let measured: Report | undefined;
  for (let i = 1; i <= runs; i++) {
    const source = `run ${i}`;
    const kept = place && { ...place, name: `run-${i}` };
    const before = kept && (await storedText(kept));
    if (before !== undefined) {
      reports.push({ source, report: parseReport(before, source) });
      continue;
    }
    try {
      const report = await once(i, (until) => void (measured = until));
      reports.push({ source, report });
      if (kept !== undefined && i < runs) await storeText(kept, JSON.stringify(report));
    } catch (error) {
      if (error instanceof ScenarioError) return { reports, unfinished: { error, report: error.report } };
      if (error instanceof Interrupted) return { reports, unfinished: { error, report: measured } };
      throw error;
    }
  }
  return { reports };
}

/** Why a run has not come to its end, and what was measured of it; undefined where nothing was. */
interface Unfinished {
  readonly error: Error;
  readonly report: Report | undefined;
}

/** What is run side by side: each with how, and where its errors are from. */
async function clustersOf(
  testbeds: readonly DescribedTestbed[],
  options: Options,
): Promise<readonly PreparedCluster[]> {
  const { store, installed } = options;
  const own = {
    installed:
      installed && store !== undefined ? { metricsReader: { namespace: store, name: METRICS_READER } } : undefined,
  };
  const each = optionsOfEach(testbeds, options);
  return (await checkedTestbeds(testbeds, prepare)).map(({ checked: prepared, name, within }, i) => ({
    prepared,
    within,
    options: { ...each[i]!, ...own, clusterName: name ?? options.cluster },
  }));
}
