/** Where the time of objects went, phase by phase: of all of them as metrics, and of a few as they were. */
import type { Kind } from '../../lib/kinds/kind';
import type { Phase } from '../../lib/kinds/life';
import type { Metric, Waterfall } from '../report/report';
import type { Timeline } from '../watch/timeline';
import type { Creation } from './creations';
import { livesOf } from './lives';
import { metric } from './metric';
import { rounded, shownQuantiles } from './percentiles';

/** Of each step so many objects that took longest are shown, beside the one in the middle. */
const SLOWEST = 3;
/** More steps than these that make objects are a churn, of which the first tell enough. */
const MOST_STEPS = 12;

export interface WaterfallsOf {
  readonly metrics: readonly Metric[];
  readonly waterfalls: readonly Waterfall[];
}

interface Way {
  readonly object: string;
  readonly phases: readonly Phase[];
  readonly start: number;
  /** Of one that did not get there, when it was last looked at. */
  readonly end: number;
  readonly isDone: boolean;
}

/** @param end when the run ended, on the clock of the timelines */
export function waterfallsOf(
  timelines: readonly Timeline[],
  creations: readonly Creation[],
  kinds: readonly Kind[],
  end: number,
): WaterfallsOf {
  const lives = livesOf(timelines);
  const metrics: Metric[] = [];
  const waterfalls: Waterfall[] = [];
  for (const { kind, phases } of kinds) {
    if (phases === undefined) continue;
    const made = creations.filter(({ line }) => line.kind === kind);
    for (const [record, ofStep] of [...Map.groupBy(made, (each) => each.record)].slice(0, MOST_STEPS)) {
      const ways = ofStep
        .map(({ line }) => wayOf(line, phases(line, lives), end))
        .filter((way) => way.phases.length > 0);
      if (ways.length === 0) continue;
      metrics.push(...phaseMetrics(kind, record.name, ways));
      waterfalls.push(...shownOf(kind, record.name, ways));
    }
  }
  return { metrics, waterfalls };
}

function wayOf({ namespace, name, seenAt, goneAt }: Timeline, phases: readonly Phase[], end: number): Way {
  const last = phases.at(-1);
  return {
    object: `${namespace}/${name}`,
    phases,
    start: seenAt,
    end: last?.end ?? goneAt ?? end,
    isDone: last?.end !== undefined,
  };
}

/** What each phase took of those that had it, and what share it has of the time of all. */
function phaseMetrics(kind: string, step: string, ways: readonly Way[]): readonly Metric[] {
  const spans = ways.flatMap(({ phases }) =>
    phases.flatMap(({ name, start, end }) => (end === undefined ? [] : [{ name, seconds: (end - start) / 1000 }])),
  );
  const all = spans.reduce((sum, { seconds }) => sum + seconds, 0);
  return [...Map.groupBy(spans, ({ name }) => name)].flatMap(([phase, ofPhase]) => {
    const labels = { kind, step, phase };
    const seconds = ofPhase.map((each) => each.seconds);
    const sum = seconds.reduce((total, each) => total + each, 0);
    return [
      metric('phase_objects', labels, 'count', seconds.length, 'neither'),
      metric('phase_share', labels, 'share', all === 0 ? 0 : sum / all, 'neither'),
      ...shownQuantiles(seconds).map(([quantile, value]) =>
        metric('phase_seconds', { ...labels, quantile }, 'seconds', value, 'neither'),
      ),
    ];
  });
}

/** The one in the middle, and those that took longest: first of all such that did not get there. */
function shownOf(kind: string, step: string, ways: readonly Way[]): readonly Waterfall[] {
  const took = ({ start, end }: Way) => end - start;
  const sorted = ways.toSorted((a, b) => Number(a.isDone) - Number(b.isDone) || took(b) - took(a));
  const middle = sorted[sorted.length >> 1]!;
  const slowest = sorted.slice(0, SLOWEST).filter((way) => way !== middle);
  const shown = (rank: Waterfall['rank'], { object, phases, start, end, isDone }: Way): Waterfall => ({
    ...{ kind, step, object, rank },
    of: ways.length,
    done: isDone,
    seconds: rounded((end - start) / 1000),
    phases: phases.map((phase) => ({
      name: phase.name,
      start: rounded((phase.start - start) / 1000),
      end: rounded(((phase.end ?? end) - start) / 1000),
    })),
  });
  return [shown('median', middle), ...slowest.map((way) => shown('slowest', way))];
}
