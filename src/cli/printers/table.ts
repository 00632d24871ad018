import type { Kind } from '../../../lib/kinds';

/** Rows under columns, three spaces apart, as kubectl does. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, i) =>
    rows.reduce((width, row) => Math.max(width, row[i]?.length ?? 0), column.length),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('   ')
      .trimEnd();
  return [columns, ...rows].map(line).join('\n');
}

/** `10 hosts: 8 available, 2 inspecting`. */
export function countLine({ noun }: Kind, objects: number, states: Readonly<Record<string, number>>): string {
  const parts = Object.entries(states).map(([state, count]) => `${count} ${state || 'none'}`);
  return `${objects} ${objects === 1 ? noun.one : noun.many}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`;
}

/** What stands above what is said of one of several. */
export function heading(name: string): string {
  return `== ${name} ==`;
}

/** What stands before a line about one of several. */
export function prefix({ name }: { readonly name?: string | undefined }): string {
  return name === undefined ? '' : `${name}: `;
}
