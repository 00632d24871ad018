import { delimiter } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { KubernetesClient } from '../../kubernetes/client';
import { readKubeconfig } from '../../kubernetes/kubeconfig';
import { DEFAULT_KIND } from '../../../lib/kinds';
import { listTable } from '../../watch/object-table';
import { withDescription } from '../../testbed/file';
import { SIMULATOR_KINDS } from '../../simulators/names';
import { up } from '../../testbed/up';
import { shellQuote } from '../../util/shell-quote';
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
import { bringUpOptions, readProps, type BringUpFlags } from '../bring-up-options';
import { addClusterOptions } from '../cluster-options';
import { createPrinter } from '../printers/printer';
import { simulatedBy } from '../printers/simulated-by';
import { countLine, table } from '../printers/table';
import { interruptSignal } from '../signals';

interface Options extends BringUpFlags {
  readonly timeout: number;
  readonly forceConflicts?: true;
}

/** More hosts than this would only scroll the rest away. */
const SHOWN_HOSTS = 20;

export function register(program: Command): void {
  const command = program
    .command('up')
    .description('start a testbed: control plane, simulator and hosts')
    .argument('[testbed.yaml]', `description of the testbed (${DEFAULT_FILE} if there is one here, otherwise 10 hosts)`)
    .option('--hosts <n>', 'how many hosts, instead of what the description says', whole(0))
    .addOption(
      new Option(
        '--simulator <kind>',
        'what simulates the hosts: bmo, the Bare Metal Operator in test mode, or kwok (default: as the last time; at first bmo, and kwok on local where bmo cannot be had)',
      ).choices(SIMULATOR_KINDS),
    )
    .addOption(bmoBinaryOption())
    .addOption(lockOption())
    .option('--timeout <s>', 'seconds to wait for the hosts to settle', seconds, 600)
    .option('--install-timeout <s>', 'seconds that each step of an install with pods may take', seconds, 300)
    .option('--force-conflicts', 'take over fields that another field manager has changed')
    .addOption(takeOverHostsOption())
    .addOption(stateDirOption());
  addClusterOptions(command);
  command.action(run);
}

async function run(given: string | undefined, options: Options): Promise<void> {
  const common = bringUpOptions(options);
  const file = descriptionFile(given);
  const props = await readProps(file, options.hosts);
  const printer = createPrinter(process.stderr);
  try {
    const result = await withDescription(file, () =>
      up(props, {
        ...common,
        stateDir: options.stateDir,
        timeoutMs: options.timeout * 1000,
        listener: printer.listener,
        signal: interruptSignal(),
        forceConflicts: options.forceConflicts,
      }),
    );
    printer.close();
    await printHosts(result.kubeconfig);
    const count = countLine(DEFAULT_KIND, result.hosts, result.states);
    process.stdout.write(`${count}, in ${result.seconds.toFixed(1)} s\n${simulatedBy(result)}\n`);
    process.stdout.write(`\n${howToLook(result.kubeconfig)}\n`);
  } finally {
    printer.close();
  }
}

/** What a shell is told. In KUBECONFIG a colon would stand between two files. */
function howToLook(kubeconfig: string): string {
  return kubeconfig.includes(delimiter)
    ? `  kubectl --kubeconfig ${shellQuote(kubeconfig)} get bmh -A`
    : `  export KUBECONFIG=${shellQuote(kubeconfig)}\n  kubectl get bmh -A`;
}

async function printHosts(kubeconfig: string): Promise<void> {
  const client = new KubernetesClient(await readKubeconfig(kubeconfig));
  try {
    const { columns, rows } = await listTable(client, DEFAULT_KIND);
    if (rows.length > 0 && rows.length <= SHOWN_HOSTS) process.stdout.write(`${table(columns, rows)}\n\n`);
  } finally {
    await client.close();
  }
}
