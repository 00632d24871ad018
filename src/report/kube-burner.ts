import { createHash } from 'node:crypto';
import { nounOf } from '../../lib/kinds/faces';
import type { Distribution, Report, StepResult } from './report';

/** What each document says of the run it is from. */
interface Common {
  /** RFC 3339. */
  readonly timestamp: string;
  readonly uuid: string;
  readonly jobName: string;
  readonly metadata: Readonly<Record<string, number | string>>;
}

/** How long a state change took, in whole milliseconds; a step is a job. */
interface LatencyQuantiles extends Common {
  /** Such as `bareMetalHostLatencyQuantilesMeasurement`, as kube-burner has `podLatencyQuantilesMeasurement`. */
  readonly metricName: string;
  readonly quantileName: string;
  readonly P99: number;
  readonly P95: number;
  readonly P50: number;
  readonly min: number;
  readonly max: number;
  readonly avg: number;
}

interface JobSummary extends Common {
  readonly metricName: 'jobSummary';
  readonly endTimestamp: string;
  /** Seconds. */
  readonly elapsedTime: number;
  readonly passed: boolean;
  readonly jobConfig: { readonly name: string; readonly jobType: string; readonly jobIterations: number };
  readonly version: string;
}

/** One metric, as kube-burner writes what it has asked Prometheus. */
interface Metric extends Common {
  readonly metricName: string;
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * A report as documents of kube-burner's measurement format, for the indexers and dashboards that read those: one a state
 * change, one a step, and one a metric. `avg` is the mean of the percentile curve.
 *
 * https://kube-burner.github.io/kube-burner/latest/measurements/
 */
export function kubeBurnerDocuments(report: Report): readonly (JobSummary | LatencyQuantiles | Metric)[] {
  const { environment, metrics, distributions, steps, name, startedAt } = report;
  const start = Date.parse(startedAt);
  const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();
  const ends = new Map(steps.map(({ name: step, end }) => [step, end]));
  const last = Math.max(0, ...ends.values());
  const { unlikeProduction } = environment;
  const options = unlikeProduction?.map(({ option }) => option).join(',');
  const unlike: Common['metadata'] = options === undefined ? {} : { unlikeProduction: options };
  const common = (step: string): Common => ({
    timestamp: at(ends.get(step) ?? last),
    uuid: uuidOf(report),
    jobName: step,
    metadata: {
      ...unlike,
      scenario: name,
      ...Object.fromEntries(
        [...Map.groupBy(environment.sets, ({ kind }) => nounOf(kind).many)].map(([noun, sets]) => [
          noun,
          sets.reduce((sum, { objects }) => sum + objects, 0),
        ]),
      ),
      simulator: `${environment.simulator.kind} ${environment.simulator.version}`,
      kubernetes: environment.clusters.map(({ kubernetes }) => kubernetes).join(','),
      runs: report.runs,
    },
  });
  return [
    ...distributions.map((each) => ({ ...common(each.step), ...latency(each) })),
    ...steps.map((step) => ({
      ...common(step.name),
      ...summary(step),
      timestamp: at(step.start),
      endTimestamp: at(step.end),
      version: environment.version,
    })),
    ...metrics.map(({ name: metricName, labels, value }) => ({
      ...common(labels['step'] ?? name),
      metricName,
      value,
      labels,
    })),
  ];
}

function latency({ kind, from, to, percentiles }: Distribution): Omit<LatencyQuantiles, keyof Common> {
  const milliseconds = (percentile: number) => Math.round(percentiles[percentile]! * 1000);
  return {
    metricName: `${kind.charAt(0).toLowerCase()}${kind.slice(1)}LatencyQuantilesMeasurement`,
    quantileName: `${from} to ${to}`,
    P99: milliseconds(99),
    P95: milliseconds(95),
    P50: milliseconds(50),
    min: milliseconds(0),
    max: milliseconds(100),
    avg: Math.round(mean(percentiles) * 1000),
  };
}

/** The area under the percentile curve, which is the mean of what it was drawn from to within its 1 % steps. */
function mean(percentiles: readonly number[]): number {
  let area = 0;
  for (let i = 1; i < percentiles.length; i++) area += (percentiles[i - 1]! + percentiles[i]!) / 2;
  return area / (percentiles.length - 1);
}

function summary({ name, action, start, end, objects, done }: StepResult) {
  return {
    metricName: 'jobSummary' as const,
    elapsedTime: Number((end - start).toFixed(3)),
    passed: done === objects,
    jobConfig: { name, jobType: action, jobIterations: objects },
  };
}

/** A UUID (version 8) that follows from the report: written again, the documents replace those of before. */
function uuidOf({ name, startedAt, runs }: Report): string {
  const bytes = createHash('sha256')
    .update(JSON.stringify([name, startedAt, runs]))
    .digest()
    .subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
