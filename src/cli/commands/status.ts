import type { Command } from 'commander';
import { DEFAULT_KIND, requireKind } from '../../../lib/kinds';
import { listTable } from '../../watch/object-table';
import { openTestbed } from '../../testbed/open-testbed';
import { stateDirOption } from '../options';
import { simulatedBy } from '../printers/simulated-by';
import { countLine, table } from '../printers/table';
import { wrapFor } from '../printers/wrap';

export function register(program: Command): void {
  program
    .command('status')
    .description('show the hosts, or objects of another kind, and how many are in each state')
    .argument('[kind]', 'kind of the objects, such as bmh')
    .option(
      '--json',
      'as JSON: {"hosts": 10, "states": {"available": 10}, "simulator": "bmo", "builds": […], "kubeconfig": "…", "problems": []}',
    )
    .addOption(stateDirOption())
    .action(status);
}

async function status(
  name: string | undefined,
  options: { readonly json?: true; readonly stateDir: string },
): Promise<void> {
  const kind = name === undefined ? DEFAULT_KIND : requireKind(name);
  const testbed = await openTestbed(options.stateDir);
  try {
    const [{ columns, rows, states }, problems] = await Promise.all([
      listTable(testbed.client, kind),
      testbed.problems(),
    ]);
    const { kubeconfig, simulator, builds = [] } = testbed.state;
    if (options.json) {
      const all = { [kind.noun.many]: rows.length, states, simulator, builds, kubeconfig, problems };
      process.stdout.write(`${JSON.stringify(all)}\n`);
      return;
    }
    if (rows.length > 0) process.stdout.write(`${table(columns, rows)}\n`);
    const said = [
      countLine(kind, rows.length, states),
      simulatedBy({ simulator, builds }),
      `kubeconfig: ${kubeconfig}`,
    ];
    process.stdout.write(`${said.join('\n')}\n`);
    for (const problem of problems) process.stderr.write(`${wrapFor(process.stderr, `warning: ${problem}`)}\n`);
  } finally {
    await testbed.close();
  }
}
