import { formatClock, formatSeconds } from '../format';
import type { StepResult } from '../report';
import { element } from './dom';

/** The steps as bars above the charts, on the same axis; those that overlap stand below each other, faults below all. */
export class Rail {
  private readonly bars: readonly { readonly bar: HTMLElement; readonly step: StepResult }[];

  /** @param root where the bars are put */
  constructor(root: HTMLElement, steps: readonly StepResult[]) {
    const lanes = lanesOf(steps);
    this.bars = steps.map((step, i) => {
      const bar = element('div', step.fault === true ? 'step fault' : 'step', element('span', '', step.name));
      bar.style.setProperty('--lane', String(lanes[i]));
      bar.title = `${step.name} (${step.kind}): ${formatClock(step.start)} to ${formatClock(step.end)}, ${formatSeconds(step.end - step.start)}`;
      root.append(bar);
      return { bar, step };
    });
    root.style.setProperty('--lanes', String(Math.max(0, ...lanes) + 1));
  }

  /** Puts the bars where the charts have their steps. @param min, max the seconds that the charts show */
  update(min: number, max: number): void {
    const share = (seconds: number) => Math.min(1, Math.max(0, (seconds - min) / (max - min)));
    for (const { bar, step } of this.bars) {
      const left = share(step.start);
      bar.style.left = `${left * 100}%`;
      bar.style.width = `${(share(step.end) - left) * 100}%`;
      bar.hidden = step.end < min || step.start > max;
    }
  }
}

/** For each step the first lane that is free when it begins; faults have lanes of their own. */
export function lanesOf(steps: readonly StepResult[]): readonly number[] {
  const ends: number[] = [];
  const lanes = steps.map(() => 0);
  for (const isFault of [false, true]) {
    const first = isFault ? ends.length : 0;
    for (const [i, step] of steps.entries()) {
      if ((step.fault === true) !== isFault) continue;
      let lane = first;
      while (ends[lane] !== undefined && ends[lane]! > step.start) lane++;
      ends[lane] = step.end;
      lanes[i] = lane;
    }
  }
  return lanes;
}
