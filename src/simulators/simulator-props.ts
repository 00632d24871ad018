import type { Listener } from '../util/events';

/** What both simulators are started with. */
interface CommonSimulatorProps {
  /** File of the kubeconfig of the cluster; its current context is used. */
  readonly kubeconfig: string;
  /** Folder for log, pid file and what the program reads; made (0700) where it is missing. One simulator a folder. */
  readonly stateDir: string;
  /** File of the program: kwok v0.8, or the Bare Metal Operator. */
  readonly program: string;
  /** How long it may take until it is ready. @default 60 */
  readonly timeoutSeconds?: number;
  /** @default none */
  readonly listener?: Listener;
  /** Aborting stops what was started. @default none */
  readonly signal?: AbortSignal;
}

/** kwok simulates the hosts. */
export interface KwokSimulatorProps extends CommonSimulatorProps {
  readonly kind: 'kwok';
  /** What `hostStages` gives. */
  readonly stages: readonly object[];
}

/** The operator simulates the hosts. */
export interface BmoSimulatorProps extends CommonSimulatorProps {
  readonly kind: 'bmo';
  /** Its arguments, without the addresses of health and metrics, which are chosen here. */
  readonly args: readonly string[];
  /** Its environment besides PATH and its like. KUBECONFIG is set. @default none */
  readonly env?: Readonly<Record<string, string>>;
}

export type SimulatorProps = KwokSimulatorProps | BmoSimulatorProps;
