import { spread } from '../metrics';
import { formatNumber, formatValue } from '../format';
import { labelList, metricTitle, quantileName } from '../metric-texts';
import type { Metric, Report } from '../report';
import { html, raw, type Markup } from './markup';
import { table } from './tables';

/** What metrics are of, by how their names begin; what begins otherwise is of the run as a whole. */
const GROUPS: readonly (readonly [title: string, prefixes: readonly string[]])[] = [
  ['Steps', ['step_']],
  ['Changes of state', ['transition_']],
  ['Conditions', ['condition_']],
  ['Phases', ['phase_']],
  ['Operator', ['operator_']],
  ['Managers', ['manager_']],
  ['API of workload clusters', ['workload_api_']],
  ['API server', ['api_server_', 'controller_manager_']],
  ['Processes', ['process_', 'processes_']],
];
const OTHERS = 'The run';

/** All metrics, those of steps first; those of one program after the other are folded away, since there are hundreds. */
export function metricGroups(report: Report): Markup {
  const groups = Map.groupBy(report.metrics.filter(isSomething), groupOf);
  const titles = [...GROUPS.map(([title]) => title), OTHERS].filter((title) => groups.has(title));
  return html`${titles.map((title, i) => {
    const metrics = groups.get(title)!;
    return html`<details class="metrics" ${i === 0 && raw(' open')}>
      <summary>
        <h3>${title} <small>${formatNumber(metrics.length)} metric${metrics.length === 1 ? '' : 's'}</small></h3>
      </summary>
      ${notExported(metrics)} ${metricTables(metrics, report.runs > 1)}
    </details>`;
  })}`;
}

function groupOf({ name }: Metric): string {
  return GROUPS.find(([, prefixes]) => prefixes.some((prefix) => name.startsWith(prefix)))?.[0] ?? OTHERS;
}

/** What is nothing in every run says nothing, and report.json has it; a quantile of 0 stands beside others. */
function isSomething({ labels, values }: Metric): boolean {
  return labels['quantile'] !== undefined || values.some((value) => value !== 0);
}

/** The metrics that have quantiles, one row for all quantiles of one thing; then those that have none. */
function metricTables(metrics: readonly Metric[], hasRuns: boolean): Markup {
  const byQuantile = metrics.filter(({ labels }) => labels['quantile'] !== undefined);
  const others = metrics.filter(({ labels }) => labels['quantile'] === undefined);
  const quantiles = [...new Set(byQuantile.map(({ labels }) => labels['quantile']!))].sort(
    (a, b) => Number(a) - Number(b),
  );
  const rows = Map.groupBy(byQuantile, ({ name, labels: { quantile: _, ...rest } }) => JSON.stringify([name, rest]));
  return html`${
    rows.size > 0 &&
    table(
      ['Time', 'Of', ...quantiles.map((quantile) => `#${quantileName(quantile)}`)],
      [...rows.values()].map((ofRow) => [
        title(ofRow[0]!),
        labelList(withoutQuantile(ofRow[0]!)),
        ...quantiles.map((quantile) => valueCell(ofRow.find(({ labels }) => labels['quantile'] === quantile))),
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
function notExported(metrics: readonly Metric[]): Markup | false {
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
