import { existsSync, rmSync } from 'node:fs';
import type { Command } from 'commander';
import { stopLocalCluster } from '../../cluster/local/local-cluster';
import { stopSimulators } from '../../simulators';
import { readState, stateFile } from '../../state';
import { stateDirOption } from '../options';
import { createPrinter } from '../printers/printer';

export function register(program: Command): void {
  program
    .command('down')
    .description('stop the testbed; its data stays, and up goes on from there')
    .option('--delete', 'delete its data, certificates and logs as well')
    .addOption(stateDirOption())
    .action(down);
}

async function down(options: { readonly delete?: true; readonly stateDir: string }): Promise<void> {
  const { stateDir } = options;
  if (!existsSync(stateDir)) {
    process.stdout.write(`there is no testbed in ${stateDir}: nothing to stop\n`);
    return;
  }
  const printer = createPrinter(process.stderr);
  try {
    const wasThere = readState(stateDir) !== undefined;
    await stopSimulators(stateDir, { delete: options.delete === true, listener: printer.listener });
    // The record goes last but for the cluster's own folder, so that an interrupted down can be run again.
    if (options.delete) rmSync(stateFile(stateDir), { force: true });
    const stopped = await stopLocalCluster(stateDir, { delete: options.delete === true, listener: printer.listener });
    printer.close();
    process.stdout.write(
      options.delete
        ? `deleted the testbed in ${stateDir}\n`
        : stopped || wasThere
          ? `stopped; its data stays in ${stateDir} ('down --delete' deletes it)\n`
          : `there is no testbed in ${stateDir}: nothing to stop\n`,
    );
  } finally {
    printer.close();
  }
}
