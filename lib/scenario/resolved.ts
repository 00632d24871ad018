/** A scenario with its defaults filled in. */
import type { StepKind, StepKinds } from './steps';

/** What a scenario is called where its description does not say it. */
export const UNNAMED_SCENARIO = 'scenario';

/** One thing to do. */
export type ResolvedStep<K extends StepKind = StepKind> = {
  [P in K]: {
    readonly kind: P;
    readonly props: StepKinds[P];
    /** Unique in the scenario. */
    readonly name: string;
    /** Where it stands in the description, such as `scenario.steps[2].parallel[0]`. */
    readonly path: string;
    readonly timeoutMs: number;
    /** Where the description says, or can say, how long that is. */
    readonly timeoutPath: string;
    readonly mayFail: boolean;
  };
}[K];

/** Steps one after the other, or all at once. */
export interface StepGroup {
  readonly kind: 'sequence' | 'parallel';
  readonly steps: readonly (ResolvedStep | StepGroup)[];
}

export interface ResolvedScenario {
  readonly name: string;
  readonly root: StepGroup;
  readonly scrapeMs: number;
}
