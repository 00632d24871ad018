import { existsSync } from 'node:fs';
import { InvalidArgumentError, type Command } from 'commander';
import { invalidInput } from '../../../lib/errors';
import { withHostCount, type TestbedProps } from '../../../lib/testbed/resolve';
import { formatShare } from '../../report/format';
import { readTestbedFile, withDescription } from '../../testbed/file';
import { CANDIDATES, tune, type Trial } from '../../tune/tune';
import { tuneClusters, type ClusterTuning } from '../../tune/tune-clusters';
import { writeNumbers, writeSettings } from '../../tune/write-settings';
import { requireUserFile } from '../../util/user-file';
import { addCommand } from '../command-list';
import { DEFAULT_FILE, seconds, stateDirOption, whole } from '../options';
import { createPrinter } from '../printers/printer';
import { table } from '../printers/table';
import { interruptSignal } from '../signals';

interface Options {
  readonly hosts: number;
  readonly clusters: number;
  readonly qps: readonly number[];
  readonly concurrency: readonly number[];
  readonly hostsPerNamespace: readonly number[];
  readonly bmoBinary?: string;
  readonly timeout: number;
  readonly write: boolean;
  readonly json?: true;
  readonly stateDir: string;
}

export function register(program: Command): void {
  const { kubeApiQps, concurrency, hostsPerNamespace } = CANDIDATES;
  addCommand(program, 'tune')
    .argument(
      '[testbed.yaml]',
      `description to tune, created if it does not exist (default: ${DEFAULT_FILE})`,
      DEFAULT_FILE,
    )
    .option('--hosts <n>', 'how many hosts each trial has, where the description has one host set', whole(1), 500)
    .option('--qps <list>', 'requests a second to the API server', numbers, kubeApiQps)
    .option('--hosts-per-namespace <list>', 'hosts in each namespace', numbers, hostsPerNamespace)
    .option('--concurrency <list>', 'hosts worked on at a time', numbers, concurrency)
    .option('--clusters <n>', 'how many clusters each trial has, where there is one cluster set', whole(1), 10)
    .option('--bmo-binary <file>', 'binary of the Bare Metal Operator (default: looked for, as up does)')
    .option('--timeout <s>', 'seconds that the hosts or clusters of one trial may take', seconds, 600)
    .option('--no-write', 'show the result, and leave the description as it is')
    .option('--json', 'print the trials as JSON')
    .addOption(stateDirOption())
    .action(run);
}

async function run(file: string, options: Options): Promise<void> {
  const { qps, concurrency, hostsPerNamespace, bmoBinary } = options;
  const exists = file !== DEFAULT_FILE || existsSync(file);
  const described = exists ? await readTestbedFile(file) : {};
  if (described.managementClusters !== undefined)
    throw invalidInput(
      `${file} describes managementClusters, and one testbed is tuned at a time: describe one in a file of its own, and take over the settings that are found`,
    );
  if ((described.clusterSets ?? []).length > 0) return runClusters(file, described, options);
  const props = (described.hostSets?.length ?? 1) === 1 ? withHostCount(described, options.hosts) : described;
  if (options.write) await requireUserFile(file);
  const printer = createPrinter(process.stderr);
  try {
    const { trials, best, canSpread } = await withDescription(exists ? file : undefined, () =>
      tune(props, {
        stateDir: options.stateDir,
        bmoBinary,
        timeoutMs: options.timeout * 1000,
        candidates: { kubeApiQps: qps, hostsPerNamespace, concurrency },
        listener: printer.listener,
        signal: interruptSignal(),
      }),
    );
    if (options.write) await writeSettings(file, best.settings, canSpread);
    printer.close();
    if (options.json) process.stdout.write(`${JSON.stringify({ best, trials })}\n`);
    else process.stdout.write(`${trialTable(trials, best)}\n${options.write ? `\nwritten to ${file}\n` : ''}`);
  } finally {
    printer.close();
  }
}

async function runClusters(file: string, described: TestbedProps, options: Options): Promise<void> {
  const { bmoBinary, stateDir, timeout, write } = options;
  const [only, ...others] = described.clusterSets ?? [];
  const props =
    only === undefined || others.length > 0
      ? described
      : { ...described, clusterSets: [{ ...only, count: options.clusters }] };
  if (write) await requireUserFile(file);
  const printer = createPrinter(process.stderr);
  try {
    const tuning = await withDescription(file, () =>
      tuneClusters(props, {
        ...{ stateDir, bmoBinary, listener: printer.listener, signal: interruptSignal() },
        timeoutMs: timeout * 1000,
      }),
    );
    const { trials, best, kept } = tuning;
    const isWritten = write && kept.length > 0;
    if (isWritten)
      await writeNumbers(
        file,
        kept.flatMap(({ written = [] }) => written),
      );
    printer.close();
    if (options.json) process.stdout.write(`${JSON.stringify({ best, trials })}\n`);
    else process.stdout.write(`${clusterTable(tuning)}\n${isWritten ? `\nwritten to ${file}\n` : ''}`);
  } finally {
    printer.close();
  }
}

/** What each change did, beside the description as it is. */
export function clusterTable({ trials, best }: Pick<ClusterTuning, 'best' | 'trials'>): string {
  // What is as described may have been tried more than once.
  const asDescribed = Math.max(
    ...trials.flatMap(({ change, isDone, clustersPerMinute }) =>
      change === undefined && isDone ? [clustersPerMinute] : [],
    ),
  );
  const rows = trials.map((trial) => {
    const { change, isDone, clustersPerMinute, p50Seconds, p99Seconds, cpuSecondsEach, requestsEach } = trial;
    return [
      ...[change?.setting ?? 'as described', change?.value ?? ''],
      isDone ? clustersPerMinute.toFixed(1) : 'not all',
      change === undefined || !isDone ? '' : formatShare(clustersPerMinute / asDescribed - 1),
      ...[p50Seconds, p99Seconds].map((seconds) => (Number.isFinite(seconds) ? seconds.toFixed(1) : '–')),
      cpuSecondsEach === undefined ? '–' : cpuSecondsEach.toFixed(2),
      ...[requestsEach, trial.conflicts].map((count) => count.toFixed(0)),
      trial === best ? 'best' : '',
    ];
  });
  return table(
    ['SETTING', 'VALUE', 'CLUSTERS/MIN', 'CHANGE', 'P50 S', 'P99 S', 'CPU S EACH', 'REQUESTS EACH', 'CONFLICTS', ''],
    rows,
  );
}

function trialTable(trials: readonly Trial[], best: Trial): string {
  const rows = trials.map((trial) => {
    const { settings, hostsPerSecond, p99Seconds, conflicts } = trial;
    return [
      ...[settings.kubeApiQps, settings.hostsPerNamespace, settings.concurrency].map(String),
      (hostsPerSecond * 60).toFixed(0),
      p99Seconds.toFixed(1),
      conflicts.toFixed(0),
      trial === best ? 'best' : '',
    ];
  });
  return table(['QPS', 'HOSTS/NAMESPACE', 'CONCURRENCY', 'HOSTS/MIN', 'P99 S', 'CONFLICTS', ''], rows);
}

/** Reads `8,16,32`. */
function numbers(text: string): readonly number[] {
  const values = text.split(',').map(Number);
  if (!values.every((value) => Number.isSafeInteger(value) && value >= 1))
    throw new InvalidArgumentError('Give whole numbers of at least 1, separated by commas, such as 8,16,32.');
  return values;
}
