import { environmentDifferences } from './environment-differences';
import { metricKey } from './metrics';
import type { NamedReport } from './merge';
import type { Metric, Unit } from './report';
import { titleOf } from './title';

/** One report in a history. */
export interface HistoryRun {
  readonly source: string;
  readonly startedAt: string;
  readonly runs: number;
  /** What is not as in the report before it: machine, versions, settings. */
  readonly changed: readonly string[];
}

/** How a metric went, from report to report; null where one does not have it. */
export interface Trend {
  readonly name: string;
  readonly labels: Metric['labels'];
  readonly unit: Unit;
  readonly better: Metric['better'];
  readonly values: readonly (number | null)[];
}

export interface History {
  readonly name: string;
  readonly runs: readonly HistoryRun[];
  readonly trends: readonly Trend[];
}

/** Reports of one scenario, the oldest first: those metrics of which less or more is better and that two of them have. */
export function historyOf(given: readonly NamedReport[]): History {
  const reports = given.toSorted((a, b) => Date.parse(a.report.startedAt) - Date.parse(b.report.startedAt));
  const trends = new Map<string, { metric: Metric; values: (number | null)[] }>();
  for (const [i, { report }] of reports.entries())
    for (const metric of report.metrics) {
      if (metric.better === 'neither') continue;
      const key = metricKey(metric);
      const known = trends.get(key) ?? { metric, values: reports.map(() => null) };
      known.values[i] = metric.value;
      trends.set(key, known);
    }
  return {
    name: reports.length === 0 ? '' : titleOf(reports.at(-1)!.report),
    runs: reports.map(({ source, report }, i) => ({
      source,
      startedAt: report.startedAt,
      runs: report.runs,
      changed:
        i === 0
          ? []
          : environmentDifferences(reports[i - 1]!.report.environment, report.environment).map(
              ({ what, a, b }) => `${what}: ${a} → ${b}`,
            ),
    })),
    trends: [...trends.values()]
      .filter(({ values }) => values.filter((value) => value !== null).length > 1)
      // What is nothing in all of them says nothing.
      .filter(({ values }) => values.some((value) => value !== null && value !== 0))
      .map(({ metric: { name, labels, unit, better }, values }) => ({ name, labels, unit, better, values })),
  };
}
