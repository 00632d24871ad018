import type { Command } from 'commander';
import { DEFAULT_KIND, KINDS, requireKind, type Kind } from '../../../lib/kinds';
import type { KubernetesClient } from '../../kubernetes/client';
import { RESTMapper } from '../../kubernetes/rest-mapper';
import { listTable, type ObjectTable } from '../../watch/object-table';
import { openTestbed } from '../../testbed/open-testbed';
import type { TestbedState } from '../../testbed/state';
import { sideBySide } from '../../util/side-by-side';
import { addCommand } from '../command-list';
import { chosenFolders } from '../described-testbeds';
import { managementClusterOption, stateDirOption, type ChoiceFlags } from '../options';
import { simulatedBy } from '../printers/simulated-by';
import { countLine, heading, prefix, table } from '../printers/table';
import { wrapFor } from '../printers/wrap';

export function register(program: Command): void {
  addCommand(program, 'status')
    .argument('[kind]', 'kind of the objects, such as bmh or cluster')
    .option('--wide', "with all columns, as with kubectl's -o wide")
    .option(
      '--json',
      'as JSON: {"hosts": 10, "states": {"available": 10}, "kinds": {"Cluster": {"objects": 3, …}}, "simulator": "bmo", "builds": […], "kubeconfig": "…", "problems": []}; of several {"managementClusters": [{"name": "east", …}]}',
    )
    .addOption(managementClusterOption())
    .addOption(stateDirOption())
    .action(status);
}

interface Options extends ChoiceFlags {
  readonly wide?: true;
  readonly json?: true;
}

interface Shown extends ObjectTable {
  readonly kind: Kind;
}

/** What is known of a testbed. */
interface Found extends Pick<TestbedState, 'builds' | 'kubeconfig' | 'simulator'> {
  readonly shown: readonly Shown[];
  readonly problems: readonly string[];
}

async function status(name: string | undefined, options: Options): Promise<void> {
  const kind = name === undefined ? undefined : requireKind(name);
  const folders = chosenFolders(options);
  const { done, failure } = await sideBySide(
    folders.length === 0 ? [{ stateDir: options.stateDir }] : folders,
    (each) => look(each.stateDir, kind, options),
  );
  const areSeveral = done.some(([each]) => each.name !== undefined);
  if (options.json && areSeveral)
    process.stdout.write(
      `${JSON.stringify({ managementClusters: done.map(([each, found]) => ({ name: each.name, ...asJson(found) })) })}\n`,
    );
  else if (options.json) for (const [, found] of done) process.stdout.write(`${JSON.stringify(asJson(found))}\n`);
  else
    for (const [i, [each, found]] of done.entries()) {
      if (each.name !== undefined) process.stdout.write(`${i > 0 ? '\n' : ''}${heading(each.name)}\n`);
      process.stdout.write(`${asText(found)}\n`);
      for (const problem of found.problems)
        process.stderr.write(`${wrapFor(process.stderr, `warning: ${prefix(each)}${problem}`)}\n`);
    }
  if (failure !== undefined) throw failure;
}

async function look(stateDir: string, kind: Kind | undefined, options: Options): Promise<Found> {
  const testbed = await openTestbed(stateDir);
  try {
    const [shown, problems] = await Promise.all([tablesOf(testbed.client, kind, options), testbed.problems()]);
    return { ...testbed.state, shown, problems };
  } finally {
    await testbed.close();
  }
}

function asJson({ shown, simulator, builds = [], kubeconfig, problems }: Found): object {
  const [first] = shown;
  const kinds = Object.fromEntries(
    shown.map(({ kind, rows, states, totals }) => [kind.kind, { objects: rows.length, states, totals }]),
  );
  const counts = first && { [first.kind.noun.many]: first.rows.length, states: first.states };
  return { ...counts, kinds, simulator, builds, kubeconfig, problems };
}

function asText({ shown, simulator, builds = [], kubeconfig }: Found): string {
  const tables = shown.filter(({ rows }) => rows.length > 0).map(({ columns, rows }) => table(columns, rows));
  const said = [
    ...shown.map(({ kind, rows, states }) => countLine(kind, rows.length, states)),
    simulatedBy({ simulator, builds }),
    `kubeconfig: ${kubeconfig}`,
  ];
  return [...(tables.length === 0 ? [] : [tables.join('\n\n')]), ...said].join('\n');
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
