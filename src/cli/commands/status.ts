import type { Command } from 'commander';
import { listTable } from '../../observe/host-table';
import { openTestbed } from '../../open-testbed';
import { stateDirOption } from '../options';
import { countLine, table } from '../printers/table';

export function register(program: Command): void {
  program
    .command('status')
    .description('show the hosts, and how many are in each state')
    .option('--json', 'as JSON: {"hosts": 10, "states": {"available": 10}, "kubeconfig": "…"}')
    .addOption(stateDirOption())
    .action(status);
}

async function status(options: { readonly json?: true; readonly stateDir: string }): Promise<void> {
  const testbed = await openTestbed(options.stateDir);
  try {
    const { columns, rows, states } = await listTable(testbed.client);
    if (options.json) {
      process.stdout.write(`${JSON.stringify({ hosts: rows.length, states, kubeconfig: testbed.state.kubeconfig })}\n`);
      return;
    }
    if (rows.length > 0) process.stdout.write(`${table(columns, rows)}\n`);
    process.stdout.write(`${countLine(rows.length, states)}\nkubeconfig: ${testbed.state.kubeconfig}\n`);
    for (const problem of await testbed.problems()) process.stderr.write(`warning: ${problem}\n`);
  } finally {
    await testbed.close();
  }
}
