import { HOSTS_PATH } from './host-watch';
import type { KubernetesClient } from '../kubernetes/client';

interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number; readonly type: string }[];
  readonly rows: readonly {
    readonly cells: readonly unknown[];
    readonly object: { readonly metadata: { readonly namespace: string; readonly creationTimestamp: string } };
  }[];
  readonly metadata: { readonly continue?: string };
}

/** The hosts of a cluster as rows of text. */
export interface HostTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** How many hosts are in each provisioning state; those that no operator has seen yet are in `none`. */
  readonly states: Readonly<Record<string, number>>;
}

/** What the API server writes where kubectl shows nothing. */
const NONE = 'none';
const PAGE = 500;

/**
 * All hosts as `kubectl get bmh` shows them: the API server makes the rows, from the CRD's printer columns. The namespace
 * comes first where there are several.
 */
export async function listTable(client: KubernetesClient): Promise<HostTable> {
  let columns: Table['columnDefinitions'] = [];
  const found: { namespace: string; cells: string[] }[] = [];
  const states: Record<string, number> = {};
  let next: string | undefined;
  do {
    const page: Table = await client.request<Table>('GET', HOSTS_PATH, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
      query: { limit: PAGE, continue: next, includeObject: 'Metadata' },
    });
    columns = page.columnDefinitions;
    for (const { cells, object } of page.rows) {
      const state = cells[columns.findIndex(({ name }) => name === 'State')] || NONE;
      states[String(state)] = (states[String(state)] ?? 0) + 1;
      const shown = cells.flatMap((cell, i) => (columns[i]?.priority === 0 ? [text(columns[i], cell)] : []));
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

function text(column: { readonly type: string } | undefined, cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  return column?.type === 'date' ? age(Date.parse(String(cell))) : String(cell as string | number | boolean);
}

/** The age of a time as kubectl writes it: one unit up to where it says little, then two. */
function age(time: number): string {
  const total = Math.max(0, Math.round((Date.now() - time) / 1000));
  const days = Math.floor(total / 86_400);
  const hours = Math.floor(total / 3_600);
  const minutes = Math.floor(total / 60);
  if (total < 120) return `${total}s`;
  if (minutes < 10) return `${minutes}m${total % 60 === 0 ? '' : `${total % 60}s`}`;
  if (hours < 3) return `${minutes}m`;
  if (hours < 8) return `${hours}h${minutes % 60 === 0 ? '' : `${minutes % 60}m`}`;
  return hours < 48 ? `${hours}h` : `${days}d`;
}
