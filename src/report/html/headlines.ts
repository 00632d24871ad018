import { formatClock, formatNumber, formatSeconds } from '../format';
import { duration } from '../merge';
import type { Figure, Report } from '../report';

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

/** What a report says in a few numbers: how many hosts, how fast, how long for one, and who was left behind. */
export function headlines(report: Report): readonly Headline[] {
  const { steps, figures, environment } = report;
  const hosts = environment.hostSets.reduce((sum, each) => sum + each.hosts, 0);
  const namespaces = environment.hostSets.reduce((sum, each) => sum + each.namespaces, 0);
  return [
    headline(
      'Hosts',
      formatNumber(hosts),
      '',
      `in ${formatNumber(namespaces)} namespace${namespaces === 1 ? '' : 's'}`,
    ),
    ...throughput(figures),
    ...toAvailable(figures),
    headline(
      'Took',
      formatClock(Math.round(duration(report))),
      duration(report) < 3600 ? 'min' : 'h',
      `${steps.filter(({ fault }) => fault !== true).length} steps`,
    ),
    leftBehind(report),
  ];
}

function throughput(figures: readonly Figure[]): readonly Headline[] {
  const rate = figures.find(({ unit, better }) => unit === 'hosts per second' && better === 'higher');
  if (rate === undefined) return [];
  const perMinute = (value: number) => formatNumber(Math.round(value * 60));
  const step = rate.labels['step'];
  return [
    headline(
      'Throughput',
      perMinute(rate.value),
      'hosts / min',
      noteOf(rate, perMinute, step === undefined ? '' : step),
    ),
  ];
}

/** How long a host took to become available, or, where none did, to get where the first step took it. */
function toAvailable(figures: readonly Figure[]): readonly Headline[] {
  const ofHosts = figures.filter(({ name, labels }) => name === 'host_seconds' && labels['quantile'] !== undefined);
  const target = ofHosts.find(({ labels }) => labels['to'] === 'available') ?? ofHosts[0];
  if (target === undefined) return [];
  const { step, to } = target.labels;
  return (['0.5', '0.99'] as const).flatMap((quantile) => {
    const figure = ofHosts.find(
      ({ labels }) => labels['quantile'] === quantile && labels['step'] === step && labels['to'] === to,
    );
    if (figure === undefined) return [];
    const label = `p${Number(quantile) * 100} to ${to ?? step ?? 'done'}`;
    return [headline(label, formatSeconds(figure.value), '', noteOf(figure, formatSeconds, 'of one host'))];
  });
}

function leftBehind({ steps }: Report): Headline {
  const late = steps.reduce((sum, { hosts, done }) => sum + hosts - done, 0);
  const step = steps.find(({ hosts, done }) => done < hosts);
  if (step === undefined) return headline('Left behind', 'none', '', 'every host got there');
  return { ...headline('Left behind', formatNumber(late), '', `at ${step.name}`), isBad: true };
}

function headline(label: string, value: string, unit: string, note: string): Headline {
  return { label, value, unit, note, isBad: false };
}

/** The runs' own values where there were several, or else what is measured. */
function noteOf({ values }: Figure, format: (value: number) => string, otherwise: string): string {
  if (values.length === 1) return otherwise;
  return `${values.length} runs: ${format(Math.min(...values))} to ${format(Math.max(...values))}`;
}
