import { element } from './dom';

/** More rows would be a list nobody reads; report.json has all of them. */
const MAX_ROWS = 60;

/**
 * What a chart shows as a table, for those who do not see it; made when it is opened.
 *
 * @param columns the first names the rows
 * @param rowCount how many rows there are
 * @param rowAt cells of the i-th row
 */
export function valueTable(columns: readonly string[], rowCount: number, rowAt: (i: number) => string[]): HTMLElement {
  const box = element('details', 'values', element('summary', '', 'Values as a table'));
  box.addEventListener(
    'toggle',
    () => {
      const every = Math.max(1, Math.ceil(rowCount / MAX_ROWS));
      const head = element('tr', '', ...columns.map((name) => headerCell(name, 'col')));
      const body = element('tbody', '');
      for (let i = 0; i < rowCount; i += every) {
        const [name = '', ...cells] = rowAt(i);
        body.append(element('tr', '', headerCell(name, 'row'), ...cells.map((cell) => element('td', 'number', cell))));
      }
      const scroll = element('div', 'scroll', element('table', '', element('thead', '', head), body));
      scroll.tabIndex = 0;
      scroll.setAttribute('role', 'group');
      scroll.setAttribute('aria-label', `Values by ${(columns[0] ?? '').toLowerCase()}`);
      box.append(scroll);
    },
    { once: true },
  );
  return box;
}

function headerCell(text: string, scope: 'col' | 'row'): HTMLElement {
  const cell = element('th', '', text);
  cell.scope = scope;
  return cell;
}
