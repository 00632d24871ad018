import { invalidInput } from '../../lib/errors';
import { environmentDifferences, type Difference } from './environment-differences';
import { metricKey, spread } from './metrics';
import type { Metric, Report, Unit } from './report';

/** Changes up to this share are noise, unless the caller says otherwise. */
const DEFAULT_TOLERANCE = 0.1;

/** Changes up to this are below what is measured, however large they are as a share: 1 ms that becomes 2 ms. */
const RESOLUTION: Readonly<Partial<Record<Unit, number>>> = { seconds: 0.01, count: 1 };

export interface CompareOptions {
  /**
   * The share of a metric by which it may change: 0.1 for 10 %. The only measure of noise where a report has one run.
   *
   * @default 0.1
   */
  readonly tolerance?: number;
}

/** One metric that both reports have. */
export interface Change {
  readonly name: string;
  readonly labels: Metric['labels'];
  readonly unit: Unit;
  /** The medians. */
  readonly a: number;
  readonly b: number;
  /** The change as a share of `a`: 0.1 for 10 % more; null where `a` is 0. */
  readonly share: number | null;
  /** The change that was taken for noise, in the unit of the metric. */
  readonly noise: number;
  readonly verdict: 'worse' | 'better' | 'same' | 'neither';
}

/** A step at which a larger share of the objects did not get where they were to go. */
export interface LateObjects {
  readonly step: string;
  /** Their kind. */
  readonly kind: string | undefined;
  readonly a: { readonly objects: number; readonly late: number };
  readonly b: { readonly objects: number; readonly late: number };
}

export interface Comparison {
  /** Whether a metric became worse, or more objects were left behind. */
  readonly isWorse: boolean;
  /** Runs behind each report. */
  readonly runs: { readonly a: number; readonly b: number };
  /** Every metric that both have, in the order of the first report. */
  readonly changes: readonly Change[];
  readonly moreLate: readonly LateObjects[];
  /** In what the scenarios, machines, versions and settings differ. */
  readonly differences: readonly Difference[];
  /** Metrics that only one of them has; they are no reason for a verdict. */
  readonly onlyA: readonly string[];
  readonly onlyB: readonly string[];
}

/**
 * What became worse, and what better, from one report to another. A metric has changed where its medians are further apart
 * than the runs of either report are among themselves (largest less smallest), and further than the tolerance.
 *
 * @param a the baseline
 * @throws TestbedError (`invalid-input`) for a tolerance below 0, and where the two have no metric in common
 */
export function compareReports(
  a: Report,
  b: Report,
  { tolerance = DEFAULT_TOLERANCE }: CompareOptions = {},
): Comparison {
  if (!(tolerance >= 0)) throw invalidInput(`tolerance ${tolerance} must be 0 or more: 0.1 takes up to 10 % for noise`);
  const before = new Map(a.metrics.map((metric) => [metricKey(metric), metric]));
  const after = new Map(b.metrics.map((metric) => [metricKey(metric), metric]));
  const changes = [...before].flatMap(([key, metric]) => {
    const now = after.get(key);
    return now === undefined ? [] : [compareMetrics(metric, now, tolerance)];
  });
  if (changes.length === 0) {
    throw invalidInput(
      `the reports of ${a.name} and ${b.name} have no metric in common: compare runs of scenarios with the same steps`,
    );
  }
  const moreLate = compareSteps(a, b);
  return {
    isWorse: moreLate.length > 0 || changes.some(({ verdict }) => verdict === 'worse'),
    runs: { a: a.runs, b: b.runs },
    changes,
    moreLate,
    differences: [
      ...(a.name === b.name ? [] : [{ what: 'scenario', a: a.name, b: b.name }]),
      ...environmentDifferences(a.environment, b.environment),
    ],
    onlyA: [...before.keys()].filter((key) => !after.has(key)),
    onlyB: [...after.keys()].filter((key) => !before.has(key)),
  };
}

function compareMetrics(before: Metric, after: Metric, tolerance: number): Change {
  const { name, labels, unit, better } = before;
  const change = after.value - before.value;
  const noise = Math.max(
    spread(before.values),
    spread(after.values),
    tolerance * Math.abs(before.value),
    RESOLUTION[unit] ?? 0,
  );
  return {
    name,
    labels,
    unit,
    a: before.value,
    b: after.value,
    share: before.value === 0 ? null : change / Math.abs(before.value),
    noise,
    verdict: verdictOf(change, noise, better),
  };
}

function verdictOf(change: number, noise: number, better: Metric['better']): Change['verdict'] {
  if (better === 'neither') return 'neither';
  if (Math.abs(change) <= noise) return 'same';
  return change > 0 === (better === 'higher') ? 'better' : 'worse';
}

function compareSteps(a: Report, b: Report): readonly LateObjects[] {
  return b.steps.flatMap((after) => {
    const before = a.steps.find(({ name }) => name === after.name);
    if (before === undefined) return [];
    const lateBefore = before.objects - before.done;
    const late = after.objects - after.done;
    if (late * before.objects <= lateBefore * after.objects) return [];
    return [
      {
        step: after.name,
        kind: after.kind,
        a: { objects: before.objects, late: lateBefore },
        b: { objects: after.objects, late },
      },
    ];
  });
}
