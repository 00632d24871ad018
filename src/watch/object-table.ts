import type { Kind } from '../../lib/kinds/kind';
import type { KubernetesClient } from '../kubernetes/client';
import { objectsPath, ofKind } from './paths';

interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly {
    readonly cells: readonly unknown[];
    readonly object: { readonly metadata: { readonly namespace: string; readonly creationTimestamp: string } };
  }[];
  readonly metadata: { readonly continue?: string };
}

/** The objects of a kind as rows of text. */
export interface ObjectTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** How many objects are in each state; those that no controller has seen yet are in `none`. */
  readonly states: Readonly<Record<string, number>>;
}

/** What the API server writes where kubectl shows nothing. */
const NONE = 'none';
const PAGE = 500;

/**
 * All objects of a kind as `kubectl get` shows them: the API server makes the rows, from the CRD's printer columns. The namespace
 * comes first where there are several.
 *
 * @throws TestbedError (`cluster`) where there is no such kind
 */
export async function listTable(client: KubernetesClient, kind: Kind): Promise<ObjectTable> {
  let columns: Table['columnDefinitions'] = [];
  const found: { namespace: string; cells: string[] }[] = [];
  const states: Record<string, number> = {};
  let next: string | undefined;
  do {
    const page: Table = await ofKind(
      kind,
      client.request<Table>('GET', objectsPath(kind), {
        accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
        query: { limit: PAGE, continue: next, includeObject: 'Metadata' },
      }),
    );
    columns = page.columnDefinitions;
    for (const { cells, object } of page.rows) {
      const state = text(cells[columns.findIndex(({ name }) => name === kind.stateColumn)]) || NONE;
      states[state] = (states[state] ?? 0) + 1;
      const shown = cells.flatMap((cell, i) => (columns[i]?.priority === 0 ? [text(cell)] : []));
      found.push({ namespace: object.metadata.namespace, cells: shown });
    }
    next = page.metadata.continue;
  } while (next);
  const names = columns.filter(({ priority }) => priority === 0).map(({ name }) => name.toUpperCase());
  const isSpread = new Set(found.map(({ namespace }) => namespace)).size > 1;
  return {
    columns: isSpread ? ['NAMESPACE', ...names] : names,
    rows: found.map(({ namespace, cells }) => (isSpread ? [namespace, ...cells] : cells)),
    states,
  };
}

/** The API server has made texts of times already, such as `5m` for an age. */
function text(cell: unknown): string {
  return typeof cell === 'string' ? cell : cell === null || cell === undefined ? '' : JSON.stringify(cell);
}
