import type uPlot from 'uplot';
import { nounOf } from '../../../lib/kinds/faces';
import { formatSeconds, formatTick } from '../format';
import { ASKED } from '../asked';
import type { Distribution } from '../report';
import { Chart } from './chart';
import { colorVariable } from './panels';
import { cssColor } from './theme';

/** From this ratio on, the slowest change and the quickest do not fit on one linear axis. */
const LOG_FROM = 40;

/** The state changes of one step: how long the quickest share of the objects took at most. */
export function latencyChart(step: string, distributions: readonly Distribution[]): Chart {
  const kind = distributions[0]?.kind;
  const names = distributions.map(({ from, to }) => `${from} → ${to}`);
  const percentiles = Array.from({ length: 101 }, (_, p) => p);
  const medians = distributions.map((each) => each.percentiles[50]!).filter((value) => value > 0);
  const isLog = Math.max(...medians) > LOG_FROM * Math.min(...medians);
  const smallest = Math.min(...distributions.flatMap((each) => each.percentiles.filter((value) => value > 0)));
  const floor = 10 ** Math.floor(Math.log10(smallest));
  return new Chart({
    title: isLog ? `${step} (logarithmic)` : step,
    description: `How long state changes of ${step} took. Half of the ${nounOf(kind).many}, and 99 %: ${distributions
      .map((each, i) => `${names[i]} ${formatSeconds(each.percentiles[50]!)}, ${formatSeconds(each.percentiles[99]!)}`)
      .join('; ')}.`,
    height: [240, 200],
    data: [percentiles, ...distributions.map((each) => [...each.percentiles])],
    series: distributions.map(({ from, to }, i) => {
      // A change has the colour of the state that it leads to; the whole way stands out from its parts.
      const color = from === ASKED ? '--text' : colorVariable(kind, to, i);
      const isRepeated = distributions.findIndex((each) => each.to === to && each.from !== ASKED) < i;
      return {
        name: names[i]!,
        color,
        dash: from !== ASKED && isRepeated ? [6, 4] : undefined,
        isShown: true,
        isArea: false,
        stroke: () => cssColor(color),
        width: 2,
      };
    }),
    scales: {
      x: { time: false, range: [0, 100] },
      y: isLog
        ? { distr: 3, range: (_, __, max) => [floor, max * 1.2], clamp: () => floor }
        : { range: (_, __, max) => [0, max <= 0 ? 1 : max * 1.04] },
    },
    xAxis: {
      splits: (plot) => (plot.width < 480 ? [0, 25, 50, 75, 100] : [0, 25, 50, 75, 90, 100]),
      values: (_: uPlot, splits: number[]) => splits.map((value) => `${value} %`),
    },
    yAxis: {
      splits: isLog ? (_plot, _axis, min, max) => powersOfTen(min, max) : undefined,
      // Where there is no room for all, uPlot leaves some out as null.
      values: (_, splits: (number | null)[]) =>
        splits.map((value) => (value === null ? '' : formatTick(value, 'seconds'))),
    },
    syncKey: 'latency',
    legend: (index) =>
      index === undefined
        ? {
            heading: 'Half · 99 %',
            values: distributions.map(
              (each) => `${formatSeconds(each.percentiles[50]!)} · ${formatSeconds(each.percentiles[99]!)}`,
            ),
          }
        : {
            heading: `Quickest ${index} %`,
            values: distributions.map((each) => formatSeconds(each.percentiles[index]!)),
          },
  });
}

function powersOfTen(min: number, max: number): number[] {
  const first = Math.ceil(Math.log10(min) - 1e-9);
  return Array.from({ length: Math.floor(Math.log10(max)) - first + 1 }, (_, i) => 10 ** (first + i));
}
