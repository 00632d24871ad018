import type uPlot from 'uplot';
import { gapsOf } from './measured';
import type { PanelSeries } from './panels';
import { cssColor } from './theme';

/** What a dotted line means, below the chart that has one. */
export const GAP_NOTE = 'Dotted: nothing could be read there, as while a program was away or too busy to answer.';

/** Draws a dotted line where a series has a gap, so that it does not look like nothing happened, or like an outage. */
export function gapMarks(series: readonly PanelSeries[], at: readonly number[]): uPlot.Plugin {
  const gaps = series.map(({ values }) => gapsOf({ at, values }));
  return {
    hooks: {
      draw: (plot: uPlot) => {
        const { ctx, bbox } = plot;
        ctx.save();
        ctx.beginPath();
        ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
        ctx.clip();
        ctx.lineWidth = 1.5 * devicePixelRatio;
        ctx.setLineDash([devicePixelRatio, 4 * devicePixelRatio]);
        for (const [i, { values, color }] of series.entries()) {
          if (plot.series[i + 1]?.show !== true) continue;
          ctx.strokeStyle = cssColor(color);
          for (const [before, after] of gaps[i]!) {
            ctx.beginPath();
            for (const index of [before, after])
              ctx.lineTo(plot.valToPos(at[index]!, 'x', true), plot.valToPos(values[index]!, 'y', true));
            ctx.stroke();
          }
        }
        ctx.restore();
      },
    },
  };
}
