import type { ResolvedStep, StepGroup } from './resolved';

/** The steps of a group and of all groups in it, in the order of the description. */
export function* stepsOf(group: StepGroup): Generator<ResolvedStep, void, undefined> {
  for (const step of group.steps) {
    if ('steps' in step) yield* stepsOf(step);
    else yield step;
  }
}
