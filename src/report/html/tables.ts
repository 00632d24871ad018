import { spread } from '../figures';
import { formatClock, formatNumber, formatSeconds, formatValue } from '../format';
import type { Figure, Report, StepResult } from '../report';
import { html, type Markup } from './markup';

/** The steps, with who was left behind in each. */
export function stepsTable(steps: readonly StepResult[]): Markup {
  return table(
    ['Step', 'Kind', '#Start', '#Took', '#Hosts', '#Got there'],
    steps.map((step) => [
      html`${step.name}${step.fault === true && html` <span class="badge fault">fault</span>`}${late(step)}`,
      html`<code>${step.kind}</code>`,
      formatClock(Math.round(step.start)),
      formatSeconds(step.end - step.start),
      formatNumber(step.hosts),
      step.hosts === 0
        ? '–'
        : `${formatNumber(step.done)}${step.done === step.hosts ? '' : ` of ${formatNumber(step.hosts)}`}`,
    ]),
  );
}

function late({ hosts, done, late: names }: StepResult): Markup | undefined {
  if (names.length === 0) return undefined;
  const more = hosts - done - names.length;
  return html`<ul class="late">
    ${names.map((name) => html`<li>${name}</li>`)}${more > 0 && html`<li>and ${formatNumber(more)} more</li>`}
  </ul>`;
}

/** The figures that have quantiles, one row for all quantiles of one thing; then those that have none. */
export function figureTables(report: Report): Markup {
  const byQuantile = report.figures.filter(({ labels }) => labels['quantile'] !== undefined);
  const others = report.figures.filter(({ labels }) => labels['quantile'] === undefined);
  const quantiles = [...new Set(byQuantile.map(({ labels }) => labels['quantile']!))].sort(
    (a, b) => Number(a) - Number(b),
  );
  const rows = Map.groupBy(byQuantile, ({ name, labels: { quantile: _, ...rest } }) => JSON.stringify([name, rest]));
  const hasRuns = report.runs > 1;
  return html`
    ${
      rows.size > 0 &&
      table(
        ['Time', 'Of', ...quantiles.map((quantile) => `#${quantileName(quantile)}`)],
        [...rows.values()].map((figures) => [
          title(figures[0]!),
          labelList(figures[0]!),
          ...quantiles.map((quantile) => valueCell(figures.find(({ labels }) => labels['quantile'] === quantile))),
        ]),
      )
    }
    ${
      others.length > 0 &&
      table(
        ['Figure', 'Of', '#Value', ...(hasRuns ? ['#Runs'] : [])],
        others.map((figure) => [
          title(figure),
          labelList(figure),
          formatValue(figure.value, figure.unit),
          ...(hasRuns ? [range(figure)] : []),
        ]),
      )
    }
  `;
}

function quantileName(quantile: string): string {
  const percent = Number((Number(quantile) * 100).toFixed(3));
  return percent === 100 ? 'max' : percent === 0 ? 'min' : `p${percent}`;
}

function title({ name }: Figure): Markup {
  return html`<code>${name}</code>`;
}

/** `provision: available → provisioning`, then whatever labels there are more. */
function labelList({ labels }: Figure): string {
  const { step, from, to, quantile: _, ...rest } = labels;
  const change = to === undefined ? undefined : from === undefined ? `to ${to}` : `${from} → ${to}`;
  const others = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
  const more = [change, ...others].filter((part) => part !== undefined).join(', ');
  return [step, more].filter((part) => part !== undefined && part !== '').join(': ');
}

/** The median, and how far the runs are from it: half their spread, as a share. */
function valueCell(figure: Figure | undefined): Markup | string {
  if (figure === undefined) return '–';
  const text = formatValue(figure.value, figure.unit);
  if (figure.values.length === 1 || figure.value === 0) return text;
  const percent = Math.round((spread(figure.values) / 2 / Math.abs(figure.value)) * 100);
  return html`<span title="runs: ${range(figure)}">${text} <small>±${percent} %</small></span>`;
}

function range({ values, unit }: Figure): string {
  const least = formatValue(Math.min(...values), unit);
  const most = formatValue(Math.max(...values), unit);
  return least === most ? least : `${least} to ${most}`;
}

/** A table in a box of its own, in which it scrolls where it is too wide. @param columns those with a # hold numbers */
export function table(columns: readonly string[], rows: readonly (readonly (Markup | string)[])[]): Markup {
  const isNumber = columns.map((column) => column.startsWith('#'));
  const head = columns.map(
    (column, i) =>
      html`<th scope="col" ${isNumber[i] === true && html` class="number"`}>${column.replace(/^#/, '')}</th>`,
  );
  const body = rows.map(
    ([first = '', ...cells]) =>
      html`<tr>
        <th scope="row">${first}</th>
        ${cells.map((cell, i) => html`<td${isNumber[i + 1] === true && html` class="number"`}>${cell}</td>`)}
      </tr>`,
  );
  return html`<div class="scroll" tabindex="0">
    <table>
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
}
