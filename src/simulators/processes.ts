import { setTimeout as delay } from 'node:timers/promises';
import type { Listener, Operation } from '../util/events';
import {
  findSimulators,
  simulatorProblems,
  startSimulators,
  stopSimulators,
  type ProgramFile,
} from './process-folders';
import { stopProcess } from './background-process';
import type {
  KillOptions,
  Measured,
  MetricsSource,
  OpenSimulators,
  SimulatorMember,
  Simulators,
  SimulatorSpec,
} from './simulators';

/** The simulators of a testbed on this machine, as they are found in its state folder. */
export class OpenProcesses implements OpenSimulators {
  readonly place = 'process';

  constructor(
    readonly kind: string,
    protected readonly stateDir: string,
  ) {}

  async problems(): Promise<readonly string[]> {
    if (findSimulators(this.stateDir).length === 0) return [`no ${this.kind} runs`];
    return simulatorProblems(this.stateDir);
  }

  stop(options: { readonly delete?: boolean; readonly listener?: Listener } = {}): Promise<boolean> {
    return stopSimulators(this.stateDir, options);
  }
}

export interface ProcessesProps extends Operation {
  readonly kind: string;
  readonly kubeconfig: string;
  readonly stateDir: string;
  /** The program of each; of one alone, that of all. */
  readonly programs: readonly ProgramFile[];
  /** How each runs: one for each member. */
  readonly specs: readonly SimulatorSpec[];
  readonly members: readonly SimulatorMember[];
  readonly measured?: Measured | undefined;
  /** What the program is. */
  readonly version: () => Promise<string>;
}

/** Simulators that are started here. */
export class SimulatorProcesses extends OpenProcesses implements Simulators {
  private specs: readonly SimulatorSpec[];

  constructor(private readonly props: ProcessesProps) {
    super(props.kind, props.stateDir);
    this.specs = props.specs;
  }

  get members(): readonly SimulatorMember[] {
    return this.props.members;
  }

  get measured(): Measured | undefined {
    return this.props.measured;
  }

  async start(): Promise<void> {
    await startSimulators({ ...this.props, specs: this.specs });
  }

  version(): Promise<string> {
    return this.props.version();
  }

  metrics(i: number): MetricsSource {
    return { url: () => findSimulators(this.stateDir)[i]?.simulator?.metricsUrl };
  }

  async kill({ position, downMs, signal }: KillOptions): Promise<void> {
    // One alone is there for all operators of a description.
    const isMeant = (i: number) => position === undefined || this.members.length === 1 || position === i;
    const killed = findSimulators(this.stateDir).filter((_, i) => isMeant(i));
    // Meant to be down, so that nobody starts them again before their time.
    await Promise.all(killed.map(({ folder }) => stopProcess(folder, { graceMs: 0 })));
    await delay(downMs, undefined, { signal }).catch(() => undefined);
    await this.start();
  }

  forget(signal: AbortSignal | undefined): Promise<void> {
    return this.kill({ downMs: 0, deadlineMs: 0, signal });
  }

  async change(specs: readonly SimulatorSpec[]): Promise<void> {
    this.specs = specs;
    await this.start();
  }
}
