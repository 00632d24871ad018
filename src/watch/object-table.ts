import { TestbedError } from '../../lib/errors';
import type { Kind } from '../../lib/kinds/kind';
import { quoted } from '../../lib/visible';
import type { KubernetesClient } from '../kubernetes/client';
import { answersOf } from '../kubernetes/pages';
import { objectsPath, ofKind } from './paths';

interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly type: string; readonly priority: number }[];
  readonly rows:
    | readonly {
        readonly cells: readonly unknown[];
        readonly object: { readonly metadata: { readonly namespace?: string } };
      }[]
    | null;
  readonly metadata: { readonly continue?: string };
}

/** The objects of a kind as rows of text. */
export interface ObjectTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** How many objects are in each state; those that no controller has seen yet are in `none`. */
  readonly states: Readonly<Record<string, number>>;
  /** Of each column of whole numbers, shown or not, its sum. */
  readonly totals: Readonly<Record<string, number>>;
}

export interface TableOptions {
  /** Whether columns are shown too that `kubectl get` shows with `-o wide` only. @default false */
  readonly isWide?: boolean | undefined;
}

/** What the API server writes where kubectl shows nothing. */
const NONE = 'none';
/** More text than anybody reads in one table. */
const MOST_CHARACTERS = 24 * 1024 * 1024;

/**
 * All objects of a kind as `kubectl get` shows them: the API server makes the rows, from the CRD's printer columns. The namespace
 * comes first where there are several.
 *
 * @throws TestbedError (`cluster`) where there is no such kind
 */
export function listTable(client: KubernetesClient, kind: Kind, options: TableOptions = {}): Promise<ObjectTable> {
  return ofKind(kind, tableOf(client, kind, options));
}

async function tableOf(client: KubernetesClient, kind: Kind, { isWide = false }: TableOptions): Promise<ObjectTable> {
  let columns: Table['columnDefinitions'] = [];
  let found: { namespace: string; cells: string[] }[] = [];
  let states: Record<string, number> = {};
  let totals: Record<string, number> = {};
  let characters = 0;
  const isShown = (column: Table['columnDefinitions'][number] | undefined) =>
    column !== undefined && (isWide || column.priority === 0);
  const pages = answersOf<Table>(client, objectsPath(kind), ({ rows }) => rows?.length ?? 0, {
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    query: { includeObject: 'Metadata' },
  });
  for await (const { answer, isFirst } of pages) {
    if (isFirst) [found, states, totals, characters] = [[], {}, {}, 0];
    columns = answer.columnDefinitions;
    const at = new Map(columns.map(({ name }, i) => [name, i]));
    for (const { cells, object } of answer.rows ?? []) {
      const cell = (column: string) => text(cells[at.get(column) ?? -1]);
      const state = (kind.tableState?.(cell) ?? cell(kind.stateColumn)) || NONE;
      states[state] = (states[state] ?? 0) + 1;
      for (const [i, { name, type }] of columns.entries()) {
        const number = cells[i];
        if (type === 'integer') totals[name] = (totals[name] ?? 0) + (typeof number === 'number' ? number : 0);
      }
      const shown = cells.flatMap((cell, i) => (isShown(columns[i]) ? [text(cell)] : []));
      // A row without any text takes room too.
      characters += shown.reduce((sum, cell) => sum + cell.length, 100);
      if (characters > MOST_CHARACTERS)
        throw new TestbedError(
          'cluster',
          `the table of ${kind.plural} has more than ${MOST_CHARACTERS} characters: use kubectl`,
        );
      found.push({ namespace: quoted(object.metadata.namespace ?? ''), cells: shown });
    }
  }
  const names = columns.filter(isShown).map(({ name }) => quoted(name.toUpperCase()));
  const isSpread = new Set(found.map(({ namespace }) => namespace)).size > 1;
  return {
    columns: isSpread ? ['NAMESPACE', ...names] : names,
    rows: found.map(({ namespace, cells }) => (isSpread ? [namespace, ...cells] : cells)),
    states,
    totals,
  };
}

/** The API server has made texts of times already, such as `5m` for an age. */
function text(cell: unknown): string {
  return typeof cell === 'string'
    ? quoted(cell)
    : cell === null || cell === undefined
      ? ''
      : quoted(JSON.stringify(cell));
}
