import type uPlot from 'uplot';
import type { StepResult } from '../report';
import { cssColor } from './theme';

/** Draws steps as lines where they begin, and faults as bands over as long as they last. */
export function stepMarks(steps: readonly StepResult[]): uPlot.Plugin {
  return {
    hooks: {
      draw: (plot: uPlot) => {
        const { ctx, bbox } = plot;
        const x = (seconds: number) => Math.round(plot.valToPos(seconds, 'x', true));
        ctx.save();
        ctx.beginPath();
        ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
        ctx.clip();
        for (const { start, end, fault } of steps) {
          if (fault === true) {
            ctx.fillStyle = cssColor('--fault-band');
            ctx.fillRect(x(start), bbox.top, Math.max(2, x(end) - x(start)), bbox.height);
          }
          ctx.strokeStyle = cssColor(fault === true ? '--fault' : '--step-line');
          ctx.lineWidth = devicePixelRatio;
          ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
          for (const at of fault === true ? [start, end] : [start]) {
            // Every run begins with its first step, which needs no line.
            if (x(at) <= bbox.left + 2) continue;
            ctx.beginPath();
            ctx.moveTo(x(at), bbox.top);
            ctx.lineTo(x(at), bbox.top + bbox.height);
            ctx.stroke();
          }
        }
        ctx.restore();
      },
    },
  };
}
