import type uPlot from 'uplot';
import { formatClock, formatTick, formatValue } from '../format';
import type { StepResult } from '../report';
import { Chart } from './chart';
import { stepMarks } from './marks';
import { GAP_NOTE, gapMarks } from './gap-marks';
import { gapsOf, LONG_GAP, usualStep } from './measured';
import type { Panel } from './panels';
import { stack } from './stack';
import { cssColor } from './theme';

/** Seconds that the time axis may be divided by. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400];
const POWERS_OF_TWO = Array.from({ length: 48 }, (_, power) => 2 ** power);
/** Up to so many measurements each is a point. */
const FEW = 40;
const HEIGHTS: Readonly<Record<Panel['group'], readonly [number, number]>> = {
  states: [320, 240],
  conditions: [200, 170],
  throughput: [180, 150],
  operator: [150, 140],
  manager: [150, 140],
  'workload-api': [150, 140],
  'api-server': [150, 140],
  process: [150, 140],
};

/**
 * A chart of one panel on the axis of the run.
 *
 * @param valuesAt what the legend says of each series at a point of the axis
 * @param drawn called whenever it was drawn
 */
export function timeChart(
  panel: Panel,
  at: readonly number[],
  valuesAt: (index: number) => readonly string[],
  steps: readonly StepResult[],
  drawn: (plot: uPlot) => void,
): Chart {
  const { title, unit, isStacked, series, group } = panel;
  const shown = series.map(({ isShown }) => isShown);
  const data = () => {
    const rows = series.map(({ values }) => values);
    return [at, ...(isStacked ? stack(rows, (i) => shown[i]!) : rows)] as uPlot.AlignedData;
  };
  /** Stacked areas are full, rates lightly coloured. */
  const fillOf = (color: Parameters<typeof cssColor>[0]) => {
    if (isStacked) return () => cssColor(color);
    return group === 'throughput' ? () => `${cssColor(color)}1c` : undefined;
  };
  const highest = series.map(({ values }) => Math.max(...values.map((value) => value ?? 0)));
  return new Chart({
    title,
    description: `${title} over the run. Highest: ${series.map(({ name }, i) => `${name} ${formatValue(highest[i], unit)}`).join(', ')}.`,
    height: HEIGHTS[group],
    data: data(),
    series: series.map(({ name, color, dash, isShown, values }) => ({
      name,
      color,
      dash,
      isShown,
      isArea: isStacked,
      stroke: () => cssColor(color),
      // An area has no edge: one that holds nothing must not be seen.
      width: isStacked ? 0 : undefined,
      fill: fillOf(color),
      gaps: longGaps(usualStep({ at, values })),
      // Few measurements are shown as such, with a line between them; many are a line.
      points: { show: !isStacked && count(values) <= FEW, size: 5, fill: () => cssColor(color) },
    })),
    scales: {
      x: { time: false, range: (_, min, max) => [min, max > min ? max : min + 1] },
      y: { range: (_, __, max) => [0, niceMax(max)] },
    },
    xAxis: { incrs: TIME_STEPS, space: 64, values: (_, splits) => splits.map(formatClock) },
    yAxis: {
      incrs: unit === 'bytes' ? POWERS_OF_TWO : undefined,
      values: (_, splits) => splits.map((value) => formatTick(value, unit)),
    },
    syncKey: 'run',
    plugins: [stepMarks(steps), gapMarks(series, at)],
    note: series.some(({ values }) => gapsOf({ at, values }).length > 0) ? GAP_NOTE : undefined,
    legend: (index) =>
      index === undefined
        ? { heading: 'Highest', values: highest.map((value) => formatValue(value, unit)) }
        : {
            heading: `At ${formatClock(at[index]!)}`,
            values: valuesAt(index),
          },
    toggled: isStacked
      ? (plot: uPlot, i: number) => {
          shown[i] = !shown[i];
          plot.setData(data());
        }
      : undefined,
    canZoom: true,
    drawn,
  });
}

function count(values: readonly (number | null)[]): number {
  return values.reduce<number>((sum, value) => (value === null ? sum : sum + 1), 0);
}

/** A little above the highest value, so that no line runs along the edge; 1 where all is 0. */
function niceMax(max: number | null): number {
  return max === null || max <= 0 ? 1 : max * 1.04;
}

/**
 * Lines are drawn from one measurement to the next, however sparse they are, and broken only where much more time passed
 * than usual: while an operator was away.
 */
function longGaps(step: number): uPlot.Series.GapsRefiner {
  return (plot, _series, _first, _last, gaps) => {
    const seconds = (pixel: number) => plot.posToVal(pixel - plot.bbox.left, 'x', true);
    return gaps.filter(([from, to]) => seconds(to) - seconds(from) > step * LONG_GAP);
  };
}
