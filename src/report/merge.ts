import { invalidInput } from '../../lib/errors';
import { nounOf } from '../../lib/kinds/faces';
import { environmentDifferences } from './environment-differences';
import { metricKey, median } from './metrics';
import type { Metric, Report } from './report';

/** A report with the name that errors call it by, such as its file. */
export interface NamedReport {
  readonly source: string;
  readonly report: Report;
}

/**
 * Several runs of one scenario as one report: each metric has the value of every run, and their median. What cannot be a
 * median (steps, distributions, series) is that of the run in the middle by duration.
 *
 * @param runs at least one; a report that is merged already brings all its runs
 * @throws TestbedError (`invalid-input`) where the scenario, a version, a setting, the machine or the number of objects differs
 */
export function mergeReports(runs: readonly NamedReport[]): Report {
  const [first, ...others] = runs;
  if (first === undefined) throw invalidInput('no report was given to merge: give at least one');
  for (const other of others) requireSameScenario(first, other);
  if (others.length === 0) return first.report;

  const reports = runs.map(({ report }) => report);
  const middle = [...reports].sort((a, b) => duration(a) - duration(b))[(reports.length - 1) >> 1]!;
  return {
    ...middle,
    startedAt: reports.map(({ startedAt }) => startedAt).reduce((a, b) => (Date.parse(b) < Date.parse(a) ? b : a)),
    runs: reports.reduce((sum, report) => sum + report.runs, 0),
    metrics: mergeMetrics(reports),
  };
}

/** Seconds from the beginning of a run to the end of its last step. */
export function duration({ steps }: Report): number {
  return steps.reduce((end, step) => Math.max(end, step.end), 0);
}

/** A metric that some runs lack, such as the time of a rare state change, has the values of the others. */
function mergeMetrics(reports: readonly Report[]): readonly Metric[] {
  const merged = new Map<string, Metric>();
  for (const metric of reports.flatMap(({ metrics }) => metrics)) {
    const key = metricKey(metric);
    const values = [...(merged.get(key)?.values ?? []), ...metric.values];
    merged.set(key, { ...metric, value: median(values), values });
  }
  return [...merged.values()];
}

function requireSameScenario(first: NamedReport, other: NamedReport): void {
  const a = first.report;
  const b = other.report;
  const differences = [
    { what: 'scenario', a: a.name, b: b.name },
    { what: 'steps', a: steps(a), b: steps(b) },
    ...environmentDifferences(a.environment, b.environment),
  ].filter((each) => each.a !== each.b);
  if (differences.length === 0) return;
  const lines = differences.map(({ what, ...values }) => `  ${what}: ${values.a} there, ${values.b} here`);
  throw invalidInput(
    `${other.source} is not another run of what ${first.source} measured, so they have no median:\n${lines.join('\n')}\n` +
      `merge runs of one scenario with the same settings on one machine; 'metal3-testbed compare' compares others`,
  );
}

function steps(report: Report): string {
  return report.steps
    .map(({ name, action, kind, objects }) => `${name} (${action}, ${objects} ${nounOf(kind).many})`)
    .join(', ');
}
