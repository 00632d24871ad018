import type { Command } from 'commander';
import { DEFAULT_KIND, KINDS, requireKind, type Kind } from '../../../lib/kinds';
import type { KubernetesClient } from '../../kubernetes/client';
import { RESTMapper } from '../../kubernetes/rest-mapper';
import { listTable, type ObjectTable } from '../../watch/object-table';
import { openTestbed } from '../../testbed/open-testbed';
import { addCommand } from '../command-list';
import { stateDirOption } from '../options';
import { simulatedBy } from '../printers/simulated-by';
import { countLine, table } from '../printers/table';
import { wrapFor } from '../printers/wrap';

export function register(program: Command): void {
  addCommand(program, 'status')
    .argument('[kind]', 'kind of the objects, such as bmh or cluster')
    .option('--wide', "with all columns, as with kubectl's -o wide")
    .option(
      '--json',
      'as JSON: {"hosts": 10, "states": {"available": 10}, "kinds": {"Cluster": {"objects": 3, …}}, "simulator": "bmo", "builds": […], "kubeconfig": "…", "problems": []}',
    )
    .addOption(stateDirOption())
    .action(status);
}

interface Options {
  readonly wide?: true;
  readonly json?: true;
  readonly stateDir: string;
}

interface Shown extends ObjectTable {
  readonly kind: Kind;
}

async function status(name: string | undefined, options: Options): Promise<void> {
  const kind = name === undefined ? undefined : requireKind(name);
  const testbed = await openTestbed(options.stateDir);
  try {
    const [shown, problems] = await Promise.all([tablesOf(testbed.client, kind, options), testbed.problems()]);
    const { kubeconfig, simulator, builds = [] } = testbed.state;
    if (options.json) {
      const [first] = shown;
      const kinds = Object.fromEntries(
        shown.map(({ kind: each, rows, states, totals }) => [each.kind, { objects: rows.length, states, totals }]),
      );
      const counts = first && { [first.kind.noun.many]: first.rows.length, states: first.states };
      process.stdout.write(`${JSON.stringify({ ...counts, kinds, simulator, builds, kubeconfig, problems })}\n`);
      return;
    }
    for (const [i, { columns, rows }] of shown.filter(({ rows }) => rows.length > 0).entries())
      process.stdout.write(`${i > 0 ? '\n' : ''}${table(columns, rows)}\n`);
    const said = [
      ...shown.map(({ kind: each, rows, states }) => countLine(each, rows.length, states)),
      simulatedBy({ simulator, builds }),
      `kubeconfig: ${kubeconfig}`,
    ];
    process.stdout.write(`${said.join('\n')}\n`);
    for (const problem of problems) process.stderr.write(`${wrapFor(process.stderr, `warning: ${problem}`)}\n`);
  } finally {
    await testbed.close();
  }
}

/** The objects of one kind; where none is named, the hosts, and those of other kinds of which there are any. */
async function tablesOf(
  client: KubernetesClient,
  named: Kind | undefined,
  { wide: isWide }: Options,
): Promise<readonly Shown[]> {
  const tableOf = async (kind: Kind): Promise<Shown> => ({ kind, ...(await listTable(client, kind, { isWide })) });
  if (named !== undefined) return [await tableOf(named)];
  const mapper = new RESTMapper(client);
  const tables = await Promise.all(
    KINDS.map(async (kind) =>
      kind === DEFAULT_KIND || (await mapper.lookFor(kind.apiVersion, kind.kind)) !== undefined
        ? tableOf(kind)
        : undefined,
    ),
  );
  return tables.filter((each) => each !== undefined && (each.kind === DEFAULT_KIND || each.rows.length > 0)) as Shown[];
}
