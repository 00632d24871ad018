import type { ResolvedStep } from '../../lib/scenario/resolve-scenario';
import type { LiveTestbed } from '../bring-up';
import type { Listener } from '../events';
import type { StepRecord } from '../figures/step-record';
import type { HostWatch } from '../observe/host-watch';
import type { Players } from './players';

/** What the steps of a scenario have to do with. */
export interface ScenarioRun {
  readonly live: LiveTestbed;
  /** With the timelines of all hosts since the run began. */
  readonly watch: HostWatch;
  /** Who plays the hosts; undefined where operators in the cluster do. */
  readonly players: Players | undefined;
  readonly stateDir: string;
  readonly listener: Listener | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Carries a step out and waits for what it should cause. */
export type StepAction<K extends ResolvedStep['kind']> = (
  step: ResolvedStep<K>,
  run: ScenarioRun,
) => Promise<StepOutcome>;

export type StepOutcome = Omit<StepRecord, 'name' | 'kind' | 'start' | 'end'> & {
  /** When what it should cause was there. @default - when the action returns */
  readonly end?: number;
};

/** The outcome of a step that is for no host in particular. */
export const NO_HOSTS: StepOutcome = {
  ...{ asked: new Map<string, number>(), goal: undefined, hosts: 0, done: 0, late: [], retries: 0 },
};
