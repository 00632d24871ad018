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

/** What charts are made of. */
export interface PanelSource extends Pick<Report, 'series'> {
  readonly environment: Pick<Report['environment'], 'sets'>;
}

/** Colours for lines, after which they are used again with another dash: `--line-1` to `--line-8`. */
const LINE_COLORS = 8;
const DASHES = [undefined, [6, 4], [2, 3]] as const;

const GROUPS = [
  ...(['states', 'conditions', 'throughput', 'operator', 'manager', 'workload-api', 'api-server'] as const),
  'process',
] as const;
const GROUP_TITLES: Readonly<Record<Series['group'], string>> = {
  states: 'by state',
  conditions: 'with each condition',
  throughput: 'Throughput',
  operator: 'Operator',
  manager: 'Managers',
  'workload-api': 'API of workload clusters',
  'api-server': 'API server',
  process: 'Processes',
};
const UNIT_TITLES: Readonly<Record<Unit, string>> = {
  seconds: 'times',
  objects: 'objects',
  'objects per second': 'objects a second',
  'per second': 'rates',
  count: 'counts',
  bytes: 'memory',
  cores: 'CPU cores',
  share: 'shares',
};

/**
 * The charts of a report: one a group and unit, in the order in which they stand on the page. The objects that all others are
 * for lead.
 */
export function panelsOf({ series, environment: { sets } }: PanelSource): readonly Panel[] {
  const subject = sets.at(-1)?.kind;
  return GROUPS.flatMap((group) => {
    const ofGroup = series.series
      .filter((each) => each.group === group)
      .toSorted((a, b) => Number(b.kind === subject) - Number(a.kind === subject));
    if (isOfKinds(group))
      return [...Map.groupBy(ofGroup, ({ kind }) => kind)].map(([kind, ofKind]) => PANELS[group](kind, ofKind));
    if (group === 'manager' || group === 'process')
      return [...Map.groupBy(ofGroup, ({ name }) => partsOf(name).what)].map(([what, alike]) =>
        alikePanel(group, what, alike),
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

const PANELS = { states: statesPanel, conditions: conditionsPanel, throughput: throughputPanel } as const;

function isOfKinds(group: Series['group']): group is keyof typeof PANELS {
  return group in PANELS;
}

/** Of `reconciles: cluster-api` both; of `east: reconciles: cluster-api`, the latter is of that cluster. */
function partsOf(name: string): { readonly what: string; readonly whose: string } {
  const parts = name.split(': ');
  const [what = '', whose = ''] = parts.slice(-2);
  return { what, whose: [...parts.slice(0, -2), whose].join(': ') };
}

/** What is alike of several programs, each by its name alone. */
function alikePanel(group: Series['group'], what: string, series: readonly Series[]): Panel {
  const named = series.map((each) => ({ ...each, name: partsOf(each.name).whose }));
  return { ...linesPanel(group, series[0]?.unit ?? 'count', named), title: `${GROUP_TITLES[group]}: ${what}` };
}

/** In the order in which objects come to them. */
function conditionsPanel(kind: string | undefined, series: readonly Series[]): Panel {
  return {
    ...linesPanel('conditions', 'objects', series, (ofKind) => [...ofKind]),
    title: `${capitalized(nounOf(kind).many)} ${GROUP_TITLES.conditions}`,
  };
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

/**
 * The first lines are drawn; more than there are colours would be a tangle, and wait.
 *
 * @param rank says which come first @default - those that reach highest
 */
function linesPanel(
  group: Series['group'],
  unit: Unit,
  series: readonly Series[],
  rank: (series: readonly Series[]) => readonly Series[] = byPeak,
): Panel {
  const ranked = rank(series);
  return {
    group,
    title: `${GROUP_TITLES[group]}: ${UNIT_TITLES[unit]}`,
    unit,
    isStacked: false,
    series: ranked.map(({ kind, name, values }, i) => ({
      name,
      values,
      color: colorVariable(kind, name, i),
      dash: DASHES[Math.floor(i / LINE_COLORS) % DASHES.length],
      isShown: i < LINE_COLORS,
    })),
  };
}

function byPeak(series: readonly Series[]): readonly Series[] {
  const peak = ({ values }: Series) => values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  return [...series].sort((a, b) => peak(b) - peak(a));
}

/** The CSS variable that holds the colour of a line or an area: a state has its own everywhere, others by their number. */
export function colorVariable(kind: string | undefined, name: string, i: number): string {
  const look = stateLook(kind, name);
  return look === undefined ? `--line-${(i % LINE_COLORS) + 1}` : stateVariable(look);
}
