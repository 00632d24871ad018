import type { StepKind } from '../../lib/scenario/steps';

/**
 * By what a host shows that it has got where a step was to take it: the field of its timeline that changes last, and the
 * word for where it is then.
 */
export interface StepGoal {
  readonly field: 'state' | 'operationalStatus' | 'poweredOn' | 'error' | 'gone';
  /**
   * The field by which the request itself shows. A host that is as it should be by then has got there with that: one that
   * is to be off, before its operator came to power it on.
   */
  readonly request?: 'online';
  /** Such as `at rest`, `provisioned` or `off`. */
  readonly word: string;
}

/** What a step did, all times in milliseconds on the clock of performance.now(). */
export interface StepRecord {
  readonly name: string;
  readonly kind: StepKind;
  readonly start: number;
  readonly end: number;
  /** When each host was asked for the change, by `namespace/name`; the last time where it was asked several times. */
  readonly asked: ReadonlyMap<string, number>;
  /** undefined where the change of a host is not answered by anything. */
  readonly goal: StepGoal | undefined;
  /** Hosts that it was to change, and of those the hosts that got there. */
  readonly hosts: number;
  readonly done: number;
  /** The first few that did not, each with why. */
  readonly late: readonly string[];
  /** Writes that had to be sent again. */
  readonly retries: number;
}
