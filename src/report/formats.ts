import { reportPage } from './html/page';
import { kubeBurnerDocuments } from './kube-burner';
import { openMetrics } from './openmetrics';
import type { Report } from './report';

/** What a report can be written as. */
export const REPORT_FORMATS = ['html', 'json', 'openmetrics', 'kube-burner'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** A report as a whole file of one format. */
export function formatReport(report: Report, format: ReportFormat): string {
  switch (format) {
    case 'html':
      return reportPage(report);
    case 'json':
      return `${JSON.stringify(report, undefined, 1)}\n`;
    case 'openmetrics':
      return openMetrics(report);
    case 'kube-burner':
      return `${JSON.stringify(kubeBurnerDocuments(report), undefined, 2)}\n`;
  }
}
