import type { Command } from 'commander';
import { down, type DownResult } from '../../testbed/down';
import { addCommand } from '../command-list';
import { stateDirOption } from '../options';
import { createPrinter } from '../printers/printer';
import { interruptSignal } from '../signals';

export function register(program: Command): void {
  addCommand(program, 'down')
    .option('--delete', 'also delete data, certificates and logs of an embedded control plane')
    .addOption(stateDirOption())
    .action(run);
}

async function run(options: { readonly delete?: true; readonly stateDir: string }): Promise<void> {
  const { stateDir } = options;
  const printer = createPrinter(process.stderr);
  try {
    const result = await down(stateDir, {
      delete: options.delete === true,
      listener: printer.listener,
      signal: interruptSignal(),
    });
    printer.close();
    process.stdout.write(`${SAID[result](stateDir)}\n`);
  } finally {
    printer.close();
  }
}

const SAID: Readonly<Record<DownResult, (stateDir: string) => string>> = {
  deleted: (stateDir) => `deleted the testbed in ${stateDir}`,
  stopped: (stateDir) => `stopped; its data stays in ${stateDir} ('down --delete' deletes it)`,
  nothing: (stateDir) => `there is no testbed in ${stateDir}: nothing to stop`,
};
