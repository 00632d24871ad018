import type { ComponentMetrics, ProcessForm } from '../../lib/components/component';
import type { OperatorMetricsProps } from '../measure/metrics/operator';
import type { Listener, Operation } from '../util/events';

/** Where simulators run. */
export type SimulatorPlace = 'process' | 'cluster';

/** Simulators as whoever opens a testbed finds them. */
export interface OpenSimulators {
  readonly place: SimulatorPlace;
  /** What keeps them from their work: one sentence each. None means that they are ready. */
  problems(): Promise<readonly string[]>;
  /** Ends what runs on this machine. What runs in the cluster goes with its objects. @returns whether any ran */
  stop(options?: { readonly delete?: boolean; readonly listener?: Listener }): Promise<boolean>;
}

/** What makes objects of a testbed live. */
export interface Simulators extends OpenSimulators {
  /** Such as `kwok`. */
  readonly kind: string;
  readonly members: readonly SimulatorMember[];
  /** What of a member's work is measured. @default - its process alone */
  readonly measured?: Measured | undefined;
  /** Brings them to work. Those that are at work as they should be are left alone. */
  start(): Promise<void>;
  /** What they are, as a report says it: a release, or what else tells one build from another. */
  version(): Promise<string>;
  /** How the metrics of a member are read now. @param i its place in `members` */
  metrics(i: number): MetricsSource;
  /** Kills members without warning, and returns once they are at work again. */
  kill(options: KillOptions): Promise<void>;
  /** Makes them forget what they have seen, where that is a matter of a moment. */
  forget(signal: AbortSignal | undefined): Promise<void>;
  /** Goes on with programs that behave otherwise. @default - their behaviour cannot be changed while they run */
  change?(specs: readonly SimulatorSpec[]): Promise<void>;
}

/** One of several simulators, as a report names it, with how it is called. */
export interface SimulatorMember {
  readonly name: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export type Measured = Pick<ComponentMetrics, 'controller' | 'errors'>;

export type MetricsSource = Pick<OperatorMetricsProps, 'url' | 'open' | 'lines'>;

export interface KillOptions extends Operation {
  /** Of the member; all where there is none. */
  readonly position?: number | undefined;
  /** How long it stays down. */
  readonly downMs: number;
  /** How long it may take to come back. */
  readonly deadlineMs: number;
}

/** How one simulator runs as a process. */
export interface SimulatorSpec {
  readonly kind: string;
  readonly form: ProcessForm;
  /** Script of Node.js that runs beside it, and is given the kubeconfig. @default none */
  readonly beside?: string | undefined;
}
