import type uPlot from 'uplot';
import { formatClock, formatSeconds } from '../format';
import type { StepResult } from '../report';
import { element } from './dom';
import { placesOf, type BarPlace, type BarSpan } from './lanes';

/** Below this width names would stand in each other's way, so each step has a lane of its own. */
const NARROW = 480;

interface Bar {
  readonly root: HTMLElement;
  readonly label: HTMLElement;
  readonly step: StepResult;
}

/** The steps as bars above the charts, on the same axis; those that overlap stand below each other, faults below all. */
export class Rail {
  private readonly bars: readonly Bar[];
  /** How wide each name is, once it has been laid out. */
  private names: readonly number[] | undefined;
  /** The most lanes that there were at this width, so that charts do not jump while somebody zooms. */
  private most = { width: 0, lanes: 0 };

  /** @param root where the bars are put */
  constructor(
    private readonly root: HTMLElement,
    steps: readonly StepResult[],
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
    this.names ??= this.bars.map(({ label }) => Math.ceil(label.getBoundingClientRect().width));
    const shown = this.bars.flatMap(({ step }, i) => (step.end < min || step.start > max ? [] : [i]));
    const spans = shown.map((i): BarSpan => {
      const { start, end: until, fault } = this.bars[i]!.step;
      return { left: x(start), right: x(until), name: this.names![i]!, isFault: fault === true };
    });
    // On a narrow page a name stands above its bar, as wide as the rail, instead of spilling out of it.
    const isNarrow = width < NARROW;
    this.root.classList.toggle('narrow', isNarrow);
    const places = isNarrow ? spans.map((span, lane) => aboveBar(span, lane, end)) : placesOf(spans, end);
    for (const { root } of this.bars) root.hidden = true;
    for (const [at, { lane, side, room }] of places.entries()) {
      const { root, label } = this.bars[shown[at]!]!;
      const { left, right } = spans[at]!;
      root.hidden = false;
      root.style.setProperty('--lane', String(lane));
      root.style.left = `${left}px`;
      root.style.width = `${right - left}px`;
      root.classList.toggle('outside', side !== 'on' && !isNarrow);
      root.classList.toggle('to-the-left', side === 'left');
      label.style.maxWidth = `${room}px`;
    }
    const lanes = Math.max(0, ...places.map(({ lane }) => lane)) + 1;
    this.most = { width, lanes: this.most.width === width ? Math.max(this.most.lanes, lanes) : lanes };
    this.root.style.setProperty('--lanes', String(this.most.lanes));
  }
}

/** Where a name begins above its bar, or ends there where there is more room. */
function aboveBar({ left, right, name }: BarSpan, lane: number, end: number): BarPlace {
  const isToTheLeft = name > end - left && right > end - left;
  return { lane, side: isToTheLeft ? 'left' : 'on', room: isToTheLeft ? right : end - left };
}
