import { nounOf } from '../../../lib/kinds/faces';
import { formatClock, formatNumber, formatSeconds } from '../format';
import type { StepResult } from '../report';
import { html, type Markup } from './markup';

/** The steps, with what is still pending in each. */
export function stepsTable(steps: readonly StepResult[]): Markup {
  return table(
    ['Step', 'Action', '#Start', '#Took', '#Objects', '#Got there'],
    steps.map((step) => [
      html`${step.name}${step.fault === true && html` <span class="badge fault">fault</span>`}${late(step)}`,
      html`<code>${step.action}</code>`,
      formatClock(Math.round(step.start)),
      formatSeconds(step.end - step.start),
      step.objects === 0
        ? '–'
        : `${formatNumber(step.objects)} ${nounOf(step.kind)[step.objects === 1 ? 'one' : 'many']}`,
      step.objects === 0
        ? '–'
        : `${formatNumber(step.done)}${step.done === step.objects ? '' : ` of ${formatNumber(step.objects)}`}`,
    ]),
  );
}

function late({ objects, done, late: names }: StepResult): Markup | undefined {
  if (names.length === 0) return undefined;
  const more = objects - done - names.length;
  return html`<ul class="late">
    ${names.map((name) => html`<li>${name}</li>`)}${more > 0 && html`<li>and ${formatNumber(more)} more</li>`}
  </ul>`;
}

/**
 * A table in a box of its own, in which it scrolls where it is too long; on a phone a card for each row. Roles are said since
 * browsers forget them where a table is laid out as something else.
 *
 * @param columns those with a # hold numbers
 */
export function table(columns: readonly string[], rows: readonly (readonly (Markup | string)[])[]): Markup {
  const isNumber = columns.map((column) => column.startsWith('#'));
  const name = (i: number) => columns[i]!.replace(/^#/, '');
  const head = columns.map(
    (_, i) =>
      html`<th scope="col" role="columnheader" ${isNumber[i] === true && html` class="number"`}>${name(i)}</th>`,
  );
  const body = rows.map(
    ([first = '', ...cells]) =>
      html`<tr role="row">
        <th scope="row" role="rowheader">${first}</th>
        ${cells.map(
          (cell, i) =>
            html`<td role="cell" data-column="${name(i + 1)}" ${isNumber[i + 1] === true && html` class="number"`}>
              ${cell}
            </td>`,
        )}
      </tr>`,
  );
  return html`<div class="scroll cards" tabindex="0" role="group" aria-label="Table by ${name(0).toLowerCase()}">
    <table role="table">
      <thead role="rowgroup">
        <tr role="row">
          ${head}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${body}
      </tbody>
    </table>
  </div>`;
}
