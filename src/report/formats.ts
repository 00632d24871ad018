import { invalidInput } from '../../lib/errors';
import { reportPage } from './html/page';
import { historyOf, type History } from './history';
import { ends, historyPage } from './html/history-page';
import { kubeBurnerDocuments } from './kube-burner';
import { markdownSummary, markdownTable } from './markdown';
import type { NamedReport } from './merge';
import { labelList, metricTitle } from './metric-texts';
import { openMetrics } from './openmetrics';
import type { Report } from './report';

/** What a report can be written as. */
export const REPORT_FORMATS = ['html', 'markdown', 'json', 'openmetrics', 'kube-burner'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** A report as a whole file of one format. */
export function formatReport(report: Report, format: ReportFormat): string {
  switch (format) {
    case 'html':
      return reportPage(report);
    case 'markdown':
      return markdownSummary(report);
    case 'json':
      return `${JSON.stringify(report, undefined, 1)}\n`;
    case 'openmetrics':
      return openMetrics(report);
    case 'kube-burner':
      return `${JSON.stringify(kubeBurnerDocuments(report), undefined, 2)}\n`;
  }
}

/** What a history can be written as. */
export const HISTORY_FORMATS = ['html', 'markdown', 'json'] as const;

/** How the metrics of many reports went, as a whole file. @throws TestbedError (`invalid-input`) for other formats */
export function formatHistory(reports: readonly NamedReport[], format: ReportFormat): string {
  const history = historyOf(reports);
  switch (format) {
    case 'html':
      return historyPage(history);
    case 'markdown':
      return historyTable(history);
    case 'json':
      return `${JSON.stringify(history, undefined, 1)}\n`;
    default:
      throw invalidInput(`--format ${format} with --history: a history is written as ${HISTORY_FORMATS.join(', ')}`);
  }
}

function historyTable({ trends }: History): string {
  const rows = trends.map((trend) => [metricTitle(trend), labelList(trend), sparkline(trend.values), ...ends(trend)]);
  return `${markdownTable(['metric', 'of', 'trend', 'first', 'last', 'change'], rows)}\n`;
}

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A value a character, from nothing to the largest. */
function sparkline(values: readonly (number | null)[]): string {
  const most = Math.max(...values.map((value) => value ?? 0));
  return values
    .map((value) => (value === null ? ' ' : BARS[most === 0 ? 0 : Math.round((value / most) * (BARS.length - 1))]!))
    .join('');
}
