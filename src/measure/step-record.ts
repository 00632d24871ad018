import type { StepKind } from '../../lib/scenario/steps';

/**
 * By what an object shows that it has got where a step was to take it: the field of its timeline that changes last, and
 * the word for where it is then.
 */
export interface StepGoal {
  /** `state`, `error`, another field that the kind records, or `gone`. */
  readonly field: string;
  /**
   * The field by which the request itself shows. An object that is as it should be by then has got there with that: a host
   * that is to be off, before its operator came to power it on.
   */
  readonly request?: string;
  /** Such as `settled`, `provisioned` or `off`. */
  readonly word: string;
}

/** What a step did, all times in milliseconds on the clock of performance.now(). */
export interface StepRecord {
  readonly name: string;
  /** What the step does; `bringUp` for what a run begins with. */
  readonly action: StepKind | 'bringUp';
  /** The kind of its objects; undefined where it is for none in particular. */
  readonly kind: string | undefined;
  readonly start: number;
  readonly end: number;
  /** When each object was asked for the change, by `namespace/name`; the last time where it was asked several times. */
  readonly asked: ReadonlyMap<string, number>;
  /** undefined where the change of an object is not answered by anything. */
  readonly goal: StepGoal | undefined;
  /** Objects that it was to change, and of those the ones that got there. */
  readonly objects: number;
  readonly done: number;
  /** Those that did not, by `namespace/name`. @default - none */
  readonly pending?: ReadonlySet<string>;
  /** The first few of them, each with why. */
  readonly late: readonly string[];
  /** Writes that had to be sent again. */
  readonly retries: number;
}
