import { nounOf } from '../../../lib/kinds/faces';
import type { Report, Series, Unit } from '../report';
import { STATE_LOOKS, stateLook, stateVariable } from '../states';

/** A line or an area of a chart. */
export interface PanelSeries {
  readonly name: string;
  readonly values: readonly (number | null)[];
  /** The CSS variable that holds its colour. */
  readonly color: string;
  /** Pattern of the line; none for a solid one. */
  readonly dash: readonly number[] | undefined;
  /** Whether it is drawn before somebody asks for it. */
  readonly isShown: boolean;
}

/** One chart on the axis of the run. */
export interface Panel {
  readonly group: Series['group'];
  readonly title: string;
  readonly unit: Unit;
  /** Areas on top of each other, from the top down, instead of lines. */
  readonly isStacked: boolean;
  readonly series: readonly PanelSeries[];
}

/** Colours for lines, after which they are used again with another dash: `--line-1` to `--line-8`. */
const LINE_COLORS = 8;
const DASHES = [undefined, [6, 4], [2, 3]] as const;

const GROUPS = ['states', 'throughput', 'operator', 'api-server'] as const;
const GROUP_TITLES: Readonly<Record<Series['group'], string>> = {
  states: 'by state',
  throughput: 'Throughput',
  operator: 'Operator',
  'api-server': 'API server',
};
const UNIT_TITLES: Readonly<Record<Unit, string>> = {
  seconds: 'times',
  objects: 'objects',
  'objects per second': 'objects a second',
  'per second': 'rates',
  count: 'counts',
  bytes: 'memory',
  cores: 'CPU cores',
};

/** The charts of a report: one a group and unit, in the order in which they stand on the page. */
export function panelsOf({ series }: Pick<Report, 'series'>): readonly Panel[] {
  return GROUPS.flatMap((group) => {
    const ofGroup = series.series.filter((each) => each.group === group);
    if (group === 'states' || group === 'throughput')
      return [...Map.groupBy(ofGroup, ({ kind }) => kind)].map(([kind, ofKind]) =>
        group === 'states' ? statesPanel(kind, ofKind) : throughputPanel(kind, ofKind),
      );
    return [...new Set(ofGroup.map(({ unit }) => unit))].map((unit) =>
      linesPanel(
        group,
        unit,
        ofGroup.filter((each) => each.unit === unit),
      ),
    );
  });
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function throughputPanel(kind: string | undefined, series: readonly Series[]): Panel {
  const title = `${GROUP_TITLES.throughput}: ${nounOf(kind).many}`;
  return { ...linesPanel('throughput', 'objects per second', series), title };
}

function statesPanel(kind: string | undefined, series: readonly Series[]): Panel {
  const height = (name: string) => STATE_LOOKS.findIndex((look) => look === stateLook(kind, name));
  const fromTop = [...series].sort((a, b) => height(b.name) - height(a.name));
  return {
    group: 'states',
    title: `${capitalized(nounOf(kind).many)} ${GROUP_TITLES.states}`,
    unit: 'objects',
    isStacked: true,
    series: fromTop.map(({ name, values }, i) => ({
      name,
      values,
      color: colorVariable(kind, name, i),
      dash: undefined,
      isShown: true,
    })),
  };
}

/** The lines that reach highest come first, and are drawn; more than there are colours would be a tangle, and wait. */
function linesPanel(group: Series['group'], unit: Unit, series: readonly Series[]): Panel {
  const peak = ({ values }: Series) => Math.max(...values.map((value) => value ?? 0));
  const ranked = [...series].sort((a, b) => peak(b) - peak(a));
  return {
    group,
    title: `${GROUP_TITLES[group]}: ${UNIT_TITLES[unit]}`,
    unit,
    isStacked: false,
    series: ranked.map(({ kind, name, values }, rank) => ({
      name,
      values,
      color: colorVariable(kind, name, rank),
      dash: DASHES[Math.floor(rank / LINE_COLORS) % DASHES.length],
      isShown: rank < LINE_COLORS,
    })),
  };
}

/** The CSS variable that holds the colour of a line or an area: a state has its own everywhere, others by their number. */
export function colorVariable(kind: string | undefined, name: string, i: number): string {
  const look = stateLook(kind, name);
  return look === undefined ? `--line-${(i % LINE_COLORS) + 1}` : stateVariable(look);
}
