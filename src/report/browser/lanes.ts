import type { StepResult } from '../report';

/** For each step the first lane that is free when it begins; faults have lanes of their own. */
export function lanesOf(steps: readonly Pick<StepResult, 'end' | 'fault' | 'start'>[]): readonly number[] {
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
