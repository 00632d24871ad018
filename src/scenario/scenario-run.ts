import type { ResolvedStep } from '../../lib/scenario/resolved';
import type { LiveTestbed } from '../testbed/live-testbed';
import type { Listener } from '../util/events';
import type { StepRecord } from '../measure/step-record';
import type { Kind, ObservedObject } from '../../lib/kinds/kind';
import type { ObjectWatch, WatchedObjects } from '../watch/object-watch';
import type { StepMemory } from './step-memory';

/** The runs of other descriptions, by name. */
interface OtherRuns {
  arrived(name: string): Promise<ScenarioRun>;
}

/** What the steps of a scenario have to do with. */
export interface ScenarioRun {
  readonly live: LiveTestbed;
  /** A watch of each kind, with the timelines of all objects since the run began. */
  readonly watches: readonly ObjectWatch[];
  /** The runs of other descriptions beside it; undefined where there are none. */
  readonly peers?: OtherRuns | undefined;
  /** Of the step that is carried out. @default - what it knows ends with this process */
  readonly memory?: StepMemory | undefined;
  readonly stateDir: string;
  readonly listener: Listener | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The watch of one kind. */
export function watchOf<T extends ObservedObject>(
  run: { readonly watches: readonly ObjectWatch[] },
  kind: Kind<T>,
): ObjectWatch<T>;
export function watchOf<T extends ObservedObject>(
  run: { readonly watches: readonly WatchedObjects[] },
  kind: Kind<T>,
): WatchedObjects<T>;
export function watchOf({ watches }: { readonly watches: readonly WatchedObjects[] }, kind: Kind): WatchedObjects {
  const watch = watches.find((each) => each.kind.kind === kind.kind);
  if (watch === undefined) throw new RangeError(`${kind.kind} is not watched in this run`);
  return watch;
}

/** Carries a step out and waits for what it should cause. */
export type StepAction<K extends ResolvedStep['kind']> = (
  step: ResolvedStep<K>,
  run: ScenarioRun,
) => Promise<StepOutcome>;

export type StepOutcome = Omit<StepRecord, 'name' | 'action' | 'start' | 'end'> & {
  /** When what it should cause was there. @default - when the action returns */
  readonly end?: number;
};

/** The outcome of a step that is for no object in particular. */
export const NO_OBJECTS: StepOutcome = {
  kind: undefined,
  asked: new Map<string, number>(),
  goal: undefined,
  objects: 0,
  done: 0,
  late: [],
  retries: 0,
};
