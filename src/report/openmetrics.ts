import { duration } from './merge';
import type { Distribution, Metric, Report, Series, Unit } from './report';

/** What every metric of ours begins with. */
const PREFIX = 'metal3_testbed';

/** The unit as the end of a metric's name, which OpenMetrics asks for; none for plain counts and shares. */
const UNITS: Readonly<Record<Unit, string>> = {
  seconds: 'seconds',
  objects: 'objects',
  'objects per second': 'objects_per_second',
  'per second': 'per_second',
  count: '',
  bytes: 'bytes',
  cores: 'cores',
  share: '',
};

const QUANTILES = [0, 0.5, 0.9, 0.95, 0.99, 1];

type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly suffix?: string;
  readonly labels: Labels;
  readonly value: number;
  /** Unix time, in seconds. */
  readonly time: number;
}

interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'info' | 'summary';
  readonly unit: string;
  readonly help: string;
  readonly samples: Sample[];
}

/**
 * A report as OpenMetrics text. Each sample has the time at which it was so, so that
 * `promtool tsdb create-blocks-from openmetrics` takes it as a history; metrics have that of the end of the run.
 *
 * https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function openMetrics(report: Report): string {
  const start = Date.parse(report.startedAt) / 1000;
  const families = new Map<string, Family>();
  const add = (family: Omit<Family, 'samples'>, sample: Sample) => {
    const known = families.get(family.name) ?? { ...family, samples: [] };
    families.set(family.name, known);
    known.samples.push({ ...sample, labels: { scenario: report.name, ...sample.labels } });
  };
  const end = start + duration(report);
  add(...infoOf(report, end));
  for (const departure of report.environment.unlikeProduction ?? [])
    add(UNLIKE_PRODUCTION, { suffix: '_info', labels: { ...departure }, value: 1, time: end });
  for (const metric of report.metrics) add(...metricSample(metric, end));
  for (const distribution of report.distributions) {
    for (const sample of quantiles(distribution, end)) add(DISTRIBUTIONS, sample);
  }
  for (const series of report.series.series) {
    const { family, labels } = describeSeries(series);
    for (const [i, value] of series.values.entries()) {
      if (value !== null) add(family, { labels, value, time: start + report.series.at[i]! });
    }
  }
  return `${[...families.values()].map(text).join('')}# EOF\n`;
}

const UNLIKE_PRODUCTION = {
  name: `${PREFIX}_unlike_production`,
  type: 'info',
  unit: '',
  help: 'In what the environment was unlike production.',
} as const;

type Described = [Omit<Family, 'samples'>, Sample];

function infoOf({ environment, runs }: Report, time: number): Described {
  const labels = {
    version: environment.version,
    simulator: `${environment.simulator.kind} ${environment.simulator.version}`,
    kubernetes: environment.clusters.map(({ kubernetes }) => kubernetes).join(','),
    cpu: environment.machine.cpu,
    runs: String(runs),
  };
  const family = { name: `${PREFIX}_run`, type: 'info', unit: '', help: 'What was measured, and where.' } as const;
  return [family, { suffix: '_info', labels, value: 1, time }];
}

function metricSample({ name, labels, unit, value }: Metric, time: number): Described {
  return [
    gauge(`${PREFIX}_${name}`, unit, `${sentence(name)}: the median of the runs.`),
    { labels: valid(labels), value, time },
  ];
}

const DISTRIBUTIONS = {
  name: `${PREFIX}_state_change_seconds`,
  type: 'summary',
  unit: 'seconds',
  help: 'How long a state change took, over all objects of a kind.',
} as const;

function quantiles({ kind, step, from, to, count, percentiles }: Distribution, time: number): readonly Sample[] {
  const labels = { kind, step, from, to };
  return [
    ...QUANTILES.map((quantile) => ({
      labels: { ...labels, quantile: quantile.toFixed(2).replace(/0$/, '') },
      value: percentiles[Math.round(quantile * 100)]!,
      time,
    })),
    { suffix: '_count', labels, value: count, time },
  ];
}

function describeSeries({ group, kind, name, unit }: Series): { family: Omit<Family, 'samples'>; labels: Labels } {
  const ofKind: Labels = kind === undefined ? {} : { kind };
  if (group === 'states') {
    return {
      family: gauge(`${PREFIX}_state_objects`, unit, 'Objects in a state.'),
      labels: { ...ofKind, state: name },
    };
  }
  const of = group.replace('-', '_');
  // One family has one unit, so series of one group that differ in it are families of their own.
  return {
    family: gauge(`${PREFIX}_${of}${UNITS[unit] === '' ? '_value' : ''}`, unit, `What was measured of the ${group}.`),
    labels: { ...ofKind, series: name },
  };
}

function gauge(name: string, unit: Unit, help: string): Omit<Family, 'samples'> {
  const end = UNITS[unit];
  const says = end === '' || `${name}_`.includes(`_${end}_`);
  const full = says ? name : `${name}_${end}`;
  // A unit may be declared only where it is the end of the name, which it is not in request_seconds_sum.
  return { name: full, type: 'gauge', unit: full.endsWith(`_${end}`) ? end : '', help };
}

/** Names of labels as OpenMetrics allows them. */
function valid(labels: Labels): Labels {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [
      name.replaceAll(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, '_'),
      value,
    ]),
  );
}

function sentence(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function text({ name, type, unit, help, samples }: Family): string {
  const head = [`# TYPE ${name} ${type}`, ...(unit === '' ? [] : [`# UNIT ${name} ${unit}`]), `# HELP ${name} ${help}`];
  const lines = samples.map(
    ({ suffix = '', labels, value, time }) => `${name}${suffix}${labelText(labels)} ${value} ${time.toFixed(3)}`,
  );
  return `${[...head, ...lines].join('\n')}\n`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
