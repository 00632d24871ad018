import type { Command } from 'commander';
import { down, warnOfKept, type DownResult } from '../../testbed/down';
import { releaseManagementFolder } from '../../testbed/management-folders';
import { namingTasks, sideBySide } from '../../util/side-by-side';
import { addCommand } from '../command-list';
import { chosenFolders } from '../described-testbeds';
import { managementClusterOption, stateDirOption, type ChoiceFlags } from '../options';
import { createPrinter } from '../printers/printer';
import { prefix } from '../printers/table';
import { interruptSignal } from '../signals';

interface Options extends ChoiceFlags {
  readonly delete?: true;
}

export function register(program: Command): void {
  addCommand(program, 'down')
    .option('--delete', 'also delete data, certificates and logs of an embedded control plane')
    .addOption(managementClusterOption())
    .addOption(stateDirOption())
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { stateDir } = options;
  const printer = createPrinter(process.stderr);
  const { listener } = printer;
  try {
    const folders = chosenFolders(options);
    const signal = interruptSignal();
    const { done, failure } = await sideBySide(folders, ({ name, stateDir: folder }) =>
      down(folder, { delete: options.delete === true, listener: namingTasks(listener, { name }), signal }),
    );
    warnOfKept(stateDir, releaseManagementFolder(stateDir), listener);
    printer.close();
    const lines = done.map(([each, result]) => `${prefix(each)}${SAID[result](each.stateDir)}`);
    process.stdout.write(
      `${(folders.length === 0 ? [SAID.nothing(stateDir)] : lines).map((line) => `${line}\n`).join('')}`,
    );
    if (failure !== undefined) throw failure;
  } finally {
    printer.close();
  }
}

const SAID: Readonly<Record<DownResult, (stateDir: string) => string>> = {
  deleted: (stateDir) => `deleted the testbed in ${stateDir}`,
  stopped: (stateDir) => `stopped; its data stays in ${stateDir} ('down --delete' deletes it)`,
  nothing: (stateDir) => `there is no testbed in ${stateDir}: nothing to stop`,
};
