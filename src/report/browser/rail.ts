import type uPlot from 'uplot';
import { formatClock, formatSeconds } from '../format';
import type { StepResult } from '../report';
import { element } from './dom';
import { lanesOf } from './lanes';

/** Below this width names would stand in each other's way, so each step has a lane of its own. */
const NARROW = 480;
/** Room between a name and the next bar. */
const SPACE = 8;

interface Bar {
  readonly root: HTMLElement;
  readonly label: HTMLElement;
  readonly step: StepResult;
}

/** The steps as bars above the charts, on the same axis; those that overlap stand below each other, faults below all. */
export class Rail {
  private readonly bars: readonly Bar[];

  /** @param root where the bars are put */
  constructor(
    private readonly root: HTMLElement,
    private readonly steps: readonly StepResult[],
  ) {
    this.bars = steps.map((step) => {
      const label = element('span', '', step.name);
      const bar = element('div', step.fault === true ? 'step fault' : 'step', label);
      bar.title = `${step.name} (${step.action}): ${formatClock(Math.round(step.start))} to ${formatClock(Math.round(step.end))}, ${formatSeconds(step.end - step.start)}`;
      root.append(bar);
      return { root: bar, label, step };
    });
  }

  /**
   * Puts the bars above the steps of a chart, and their names where there is room: a short step may have a long name.
   *
   * @param plot as it is now: its width, and what its x axis shows
   * @param end to where names may go on to the right, in pixels from where the plot's axis begins
   */
  follow(plot: uPlot, end: number): void {
    const { min = 0, max = 1 } = plot.scales['x']!;
    const width = plot.over.clientWidth;
    const x = (seconds: number) => Math.min(1, Math.max(0, (seconds - min) / (max - min))) * width;
    this.root.style.marginLeft = `${plot.over.offsetLeft}px`;
    this.root.style.width = `${width}px`;
    // There a name stands above its bar, as wide as the rail, instead of spilling out of it.
    const isNarrow = width < NARROW;
    this.root.classList.toggle('narrow', isNarrow);
    const lanes = isNarrow ? this.steps.map((_, i) => i) : lanesOf(this.steps);
    this.root.style.setProperty('--lanes', String(Math.max(0, ...lanes) + 1));
    for (const [i, { root, label, step }] of this.bars.entries()) {
      const others = this.steps.filter((_, other) => lanes[other] === lanes[i] && other !== i);
      const before = Math.max(
        0,
        ...others.filter((other) => other.end <= step.start).map((other) => x(other.end) + SPACE),
      );
      const after = Math.min(
        end,
        ...others.filter((other) => other.start >= step.end).map((other) => x(other.start) - SPACE),
      );
      const left = x(step.start);
      const right = x(step.end);
      root.hidden = step.end < min || step.start > max;
      root.style.setProperty('--lane', String(lanes[i]));
      root.style.left = `${left}px`;
      root.style.width = `${right - left}px`;
      label.style.maxWidth = '';
      // A name stands on its bar, or behind it, or before it, wherever there is most room; never half on it.
      const needed = label.scrollWidth;
      const isOutside = !isNarrow && needed > right - left;
      const room = isOutside ? [after - right, left - before] : [after - left, right - before];
      const [toTheRight = 0, toTheLeft = 0] = room;
      const isToTheLeft = needed > toTheRight && toTheLeft > toTheRight;
      const isOnBar = isOutside && right - left > Math.max(...room);
      root.classList.toggle('outside', isOutside && !isOnBar);
      root.classList.toggle('to-the-left', isToTheLeft && !isOnBar);
      label.style.maxWidth = `${isOnBar ? right - left : isToTheLeft ? toTheLeft : toTheRight}px`;
    }
  }
}
