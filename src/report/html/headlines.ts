import { nounOf } from '../../../lib/kinds/faces';
import { ASKED, CREATED } from '../asked';
import { nameInCluster } from '../metrics';
import { formatClock, formatNumber, formatSeconds } from '../format';
import { duration } from '../merge';
import type { Distribution, Metric, Report } from '../report';

type Sets = Report['environment']['sets'];

/** A number large enough to be read from the last row. */
export interface Headline {
  readonly label: string;
  readonly value: string;
  /** What stands small behind the value, such as `/ min`. */
  readonly unit: string;
  readonly note: string;
  /** Whether it is bad news. */
  readonly isBad: boolean;
}

/** What a report says in a few numbers: how many objects, how fast, how long one took, and what is still pending. */
export function headlines(report: Report): readonly Headline[] {
  const { steps, environment } = report;
  return [
    ...howMany(environment.sets),
    ...throughput(report),
    ...wayOfOne(report),
    ...longestPhase(report),
    headline('Took', ...shortTime(duration(report)), `${steps.filter(({ fault }) => fault !== true).length} steps`),
    leftBehind(report),
  ];
}

/** The objects that all others are for: clusters, where there are some, with the hosts that they stand on in the note. */
function howMany(sets: Sets): readonly Headline[] {
  const kinds = [...Map.groupBy(sets, ({ kind }) => kind)].map(([kind, ofKind]) => ({
    noun: nounOf(kind).many,
    objects: formatNumber(ofKind.reduce((sum, each) => sum + each.objects, 0)),
    namespaces: ofKind.reduce((sum, each) => sum + each.namespaces, 0),
  }));
  const subject = kinds.at(-1);
  if (subject === undefined) return [];
  const { noun, objects, namespaces } = subject;
  const others = kinds.slice(0, -1).map((other) => `on ${other.objects} ${other.noun}, `);
  const where = `in ${formatNumber(namespaces)} namespace${namespaces === 1 ? '' : 's'}`;
  return [headline(capitalized(noun), objects, '', `${others.join('')}${where}`)];
}

/** What was measured of the kind that all others are for; of all kinds where nothing was. */
function ofSubject(metrics: readonly Metric[], { environment: { sets } }: Report): readonly Metric[] {
  const kind = sets.at(-1)?.kind;
  const found = metrics.filter(({ labels }) => labels['kind'] === kind);
  return found.length > 0 ? found : metrics;
}

/** The rate of the first step that takes objects anywhere, for each cluster. */
function throughput(report: Report): readonly Headline[] {
  const rates = report.metrics.filter(({ unit, better }) => unit === 'objects per second' && better === 'higher');
  const perMinute = (value: number) => formatNumber(Math.round(value * 60));
  return firstOfClusters(ofSubject(rates, report)).map((rate) => {
    const { cluster } = rate.labels;
    const label = cluster === undefined ? 'Throughput' : `Throughput, ${cluster}`;
    return headline(
      label,
      perMinute(rate.value),
      `${nounOf(rate.labels['kind']).many} / min`,
      noteOf(rate, perMinute, stepOf(rate)),
    );
  });
}

/** How long one object took in the first step that takes objects anywhere; of several clusters, in the slowest. */
function wayOfOne(report: Report): readonly Headline[] {
  const { metrics, distributions } = report;
  const times = ofSubject(
    metrics.filter(({ name }) => name === 'step_object_seconds'),
    report,
  );
  return ['0.5', '0.99'].flatMap((quantile) => {
    const ofClusters = firstOfClusters(times.filter(({ labels }) => labels['quantile'] === quantile));
    const [slowest] = [...ofClusters].sort((a, b) => b.value - a.value);
    const { step, cluster, kind } = slowest?.labels ?? {};
    if (slowest === undefined || step === undefined) return [];
    const label = `p${Number(quantile) * 100} to ${goalOf(distributions, step)}`;
    const where = cluster === undefined ? '' : `, slowest in ${cluster}`;
    const note = noteOf(slowest, time, `of one ${nounOf(kind).one}, ${stepOf(slowest)}`);
    return [headline(label, ...shortTime(slowest.value), `${note}${where}`)];
  });
}

/**
 * Which part of the way that objects take in the first such step most of their time goes to: a phase, where the kind has some, or
 * else a state that they wait in.
 */
function longestPhase(report: Report): readonly Headline[] {
  const shares = ofSubject(
    report.metrics.filter(({ name }) => name === 'phase_share'),
    report,
  );
  const step = shares[0]?.labels['step'];
  const phases = shares
    .filter(({ labels }) => labels['step'] === step)
    .map(({ labels, value }) => ({ name: labels['phase'] ?? '', share: value }));
  const [longest] = (phases.length > 0 ? phases : statesWaitedIn(report)).toSorted((a, b) => b.share - a.share);
  if (longest === undefined || !(longest.share > 0)) return [];
  return [headline('Longest phase', String(Math.round(longest.share * 100)), '%', longest.name)];
}

/** Of the first step that takes objects anywhere the states on their way, each with its share of the time of all objects. */
function statesWaitedIn({ distributions }: Report): readonly { name: string; share: number }[] {
  const step = distributions.find(({ from }) => from === ASKED)?.step;
  const changes = distributions.filter((each) => each.step === step && each.from !== ASKED && each.from !== CREATED);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const times = [...Map.groupBy(changes, ({ from }) => from)].map(([name, ofState]) => ({
    name,
    seconds: ofState.reduce((sum, { count, percentiles }) => sum + count * mean(percentiles), 0),
  }));
  const all = times.reduce((sum, { seconds }) => sum + seconds, 0);
  return times.map(({ name, seconds }) => ({ name, share: seconds / all }));
}

/** Of the same metric of many steps the first, for each cluster where there are several. */
function firstOfClusters(metrics: readonly Metric[]): readonly Metric[] {
  return [...Map.groupBy(metrics, ({ labels }) => labels['cluster']).values()].map(([first]) => first!);
}

/** The name of a step, without that of its cluster. */
function stepOf({ labels: { step = '', cluster } }: Metric): string {
  const prefix = cluster === undefined ? '' : nameInCluster(cluster, '');
  return step.startsWith(prefix) ? step.slice(prefix.length) : step;
}

/** Where a step takes its objects: the last state that most of them came to. */
function goalOf(distributions: readonly Distribution[], step: string): string {
  const ofStep = distributions.filter((each) => each.step === step);
  const whole = ofStep.find(({ from }) => from === ASKED);
  const states = ofStep.filter(({ from }) => from !== ASKED && from !== CREATED);
  return states.findLast(({ count }) => whole !== undefined && 2 * count > whole.count)?.to ?? whole?.to ?? step;
}

function leftBehind({ steps }: Report): Headline {
  const late = steps.reduce((sum, { objects, done }) => sum + objects - done, 0);
  const step = steps.find(({ objects, done }) => done < objects);
  if (step === undefined) return headline('Still pending', 'none', '', 'every object reached the wanted state');
  return { ...headline('Still pending', formatNumber(late), '', `at ${step.name}`), isBad: true };
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function headline(label: string, value: string, unit: string, note: string): Headline {
  return { label, value, unit, note, isBad: false };
}

/** A time that fits on a tile, and its unit: `31.4 s`, `3:37` min. */
function shortTime(seconds: number): [value: string, unit: string] {
  if (seconds < 99.95) return [formatSeconds(seconds), ''];
  return [formatClock(Math.round(seconds)), seconds < 3600 ? 'min' : 'h'];
}

const time = (seconds: number) => shortTime(seconds)[0];

/** The runs' own values where there were several, or else what is measured. */
function noteOf({ values }: Metric, format: (value: number) => string, otherwise: string): string {
  if (values.length === 1) return otherwise;
  return `${values.length} runs: ${format(Math.min(...values))} to ${format(Math.max(...values))}`;
}
