import { nounOf } from '../../../lib/kinds/faces';
import { spread } from '../metrics';
import { formatClock, formatNumber, formatSeconds, formatValue } from '../format';
import { labelList, metricTitle, quantileName } from '../metric-texts';
import type { Metric, Report, StepResult } from '../report';
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

/** The metrics that have quantiles, one row for all quantiles of one thing; then those that have none. */
export function metricTables(report: Report): Markup {
  const byQuantile = report.metrics.filter(({ labels }) => labels['quantile'] !== undefined);
  // What is nothing in every run says nothing, and report.json has it.
  const others = report.metrics.filter(
    ({ labels, values }) => labels['quantile'] === undefined && values.some((value) => value !== 0),
  );
  const quantiles = [...new Set(byQuantile.map(({ labels }) => labels['quantile']!))].sort(
    (a, b) => Number(a) - Number(b),
  );
  const rows = Map.groupBy(byQuantile, ({ name, labels: { quantile: _, ...rest } }) => JSON.stringify([name, rest]));
  const hasRuns = report.runs > 1;
  return html`${notExported(report)}
  ${
    rows.size > 0 &&
    table(
      ['Time', 'Of', ...quantiles.map((quantile) => `#${quantileName(quantile)}`)],
      [...rows.values()].map((metrics) => [
        title(metrics[0]!),
        labelList(withoutQuantile(metrics[0]!)),
        ...quantiles.map((quantile) => valueCell(metrics.find(({ labels }) => labels['quantile'] === quantile))),
      ]),
    )
  }
  ${
    others.length > 0 &&
    table(
      ['Metric', 'Of', '#Value', ...(hasRuns ? ['#Runs'] : [])],
      others.map((metric) => [
        title(metric),
        labelList(metric),
        formatValue(metric.value, metric.unit),
        ...(hasRuns ? [range(metric)] : []),
      ]),
    )
  } `;
}

/** What a reader looks for among the metrics of managers, and what no manager tells. */
function notExported({ metrics }: Report): Markup | false {
  return (
    metrics.some(({ name }) => name === 'manager_requests_total') &&
    html`<p>
      Managers count their requests by method and code, not by resource (<code>manager_requests</code>). Which resources
      were refused with 409 the API server counts, of all its clients together (<code>api_server_refusals</code>). The
      depth of a queue is what was read every few seconds: it may have been longer in between.
    </p>`
  );
}

/** In words; what it is called in report.json is said to whoever asks. */
function title(metric: Metric): Markup {
  return html`<span title="${metric.name}">${metricTitle(metric)}</span>`;
}

function withoutQuantile({ labels: { quantile: _, ...labels } }: Metric): Pick<Metric, 'labels'> {
  return { labels };
}

/** The median, and how far the runs are from it: half their spread, as a share. */
function valueCell(metric: Metric | undefined): Markup | string {
  if (metric === undefined) return '–';
  const text = formatValue(metric.value, metric.unit);
  if (metric.values.length === 1 || metric.value === 0) return text;
  const percent = Math.round((spread(metric.values) / 2 / Math.abs(metric.value)) * 100);
  return html`<span title="runs: ${range(metric)}">${text} <small>±${percent} %</small></span>`;
}

function range({ values, unit }: Metric): string {
  const least = formatValue(Math.min(...values), unit);
  const most = formatValue(Math.max(...values), unit);
  return least === most ? least : `${least} to ${most}`;
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
