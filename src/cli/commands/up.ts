import { delimiter } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { KubernetesClient } from '../../kubernetes/client';
import { readKubeconfig } from '../../kubernetes/kubeconfig';
import { KINDS, type Kind } from '../../../lib/kinds';
import { resolveTestbed } from '../../../lib/testbed/resolve';
import { listTable } from '../../watch/object-table';
import { SIMULATOR_KINDS } from '../../simulators/names';
import { up, type UpResult } from '../../testbed/up';
import { namingTasks, sideBySide } from '../../util/side-by-side';
import { shellQuote } from '../../util/shell-quote';
import { addCommand } from '../command-list';
import {
  bmoBinaryOption,
  DEFAULT_FILE,
  lockOption,
  managementClusterOption,
  seconds,
  stateDirOption,
  takeOverHostsOption,
  whole,
} from '../options';
import type { BringUpFlags } from '../bring-up-options';
import { checkedTestbeds, describedTestbeds, inTheirFolder, optionsOfEach } from '../described-testbeds';
import { addClusterOptions } from '../cluster-options';
import { createPrinter } from '../printers/printer';
import { simulatedBy } from '../printers/simulated-by';
import { countLine, heading, table } from '../printers/table';
import { interruptSignal } from '../signals';

interface Options extends BringUpFlags {
  readonly timeout?: number;
  readonly forceConflicts?: true;
}

/** More objects than this would only scroll the rest away. */
const SHOWN = 20;

export function register(program: Command): void {
  const command = addCommand(program, 'up')
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
    .option(
      '--timeout <s>',
      'seconds to wait for hosts and clusters to settle (default: 600, and 30 more for each cluster)',
      seconds,
    )
    .option('--install-timeout <s>', 'seconds that each step of an install with pods may take', seconds, 300)
    .option('--force-conflicts', 'take over fields that another field manager has changed')
    .addOption(takeOverHostsOption())
    .addOption(managementClusterOption())
    .addOption(stateDirOption());
  addClusterOptions(command);
  command.action(run);
}

async function run(given: string | undefined, options: Options): Promise<void> {
  const printer = createPrinter(process.stderr);
  try {
    const testbeds = await describedTestbeds(given === undefined ? [] : [given], options);
    const each = optionsOfEach(testbeds, options);
    const checked = await checkedTestbeds(testbeds, (props) => ({ testbed: resolveTestbed(props) }));
    const signal = interruptSignal();
    const { done, failure } = await inTheirFolder(testbeds, options, printer.listener, () =>
      sideBySide(
        checked.map((testbed, i) => ({ ...testbed, own: each[i]! })),
        ({ name, props, within, own }) =>
          within(() =>
            up(props, {
              ...own,
              timeoutMs: options.timeout === undefined ? undefined : options.timeout * 1000,
              listener: namingTasks(printer.listener, { name }),
              signal,
              forceConflicts: options.forceConflicts,
            }),
          ),
      ),
    );
    printer.close();
    for (const [i, [{ name }, result]] of done.entries()) {
      if (name !== undefined) process.stdout.write(`${i > 0 ? '\n' : ''}${heading(name)}\n`);
      await printResult(result);
    }
    if (failure !== undefined) throw failure;
  } finally {
    printer.close();
  }
}

async function printResult(result: UpResult): Promise<void> {
  const shown = result.counts.flatMap((count) => {
    const kind = KINDS.find((each) => each.kind === count.kind);
    return kind === undefined ? [] : [{ ...count, kind }];
  });
  await printObjects(result.kubeconfig, shown);
  const lines = shown.map(({ kind, objects, states }) => countLine(kind, objects, states));
  process.stdout.write(`${lines.join('\n')}, in ${result.seconds.toFixed(1)} s\n${simulatedBy(result)}\n`);
  const kubectl = shown.length > 1 ? 'kubectl get bmh,clusters,machines -A' : 'kubectl get bmh -A';
  process.stdout.write(`\n${howToLook(result.kubeconfig, kubectl)}\n`);
}

/** What a shell is told. In KUBECONFIG a colon would stand between two files. */
function howToLook(kubeconfig: string, command: string): string {
  return kubeconfig.includes(delimiter)
    ? `  ${command.replace('kubectl', `kubectl --kubeconfig ${shellQuote(kubeconfig)}`)}`
    : `  export KUBECONFIG=${shellQuote(kubeconfig)}\n  ${command}`;
}

/** The objects of each kind, as kubectl shows them. */
async function printObjects(
  kubeconfig: string,
  counts: readonly { readonly kind: Kind; readonly objects: number }[],
): Promise<void> {
  const client = new KubernetesClient(await readKubeconfig(kubeconfig));
  try {
    for (const { kind, objects } of counts) {
      if (objects === 0 || objects > SHOWN) continue;
      const { columns, rows } = await listTable(client, kind);
      if (rows.length > 0) process.stdout.write(`${table(columns, rows)}\n\n`);
    }
  } finally {
    await client.close();
  }
}
