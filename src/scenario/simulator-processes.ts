import { setTimeout as delay } from 'node:timers/promises';
import { stopSimulator, type Simulator } from '../simulators/simulator';
import { findSimulators, startSimulators, type SimulatorsProps } from '../simulators/simulators';

/** What simulates the hosts, as processes on this machine. */
export class SimulatorProcesses {
  constructor(private props: SimulatorsProps) {}

  get kind(): SimulatorsProps['kind'] {
    return this.props.kind;
  }

  /** One for each operator of the description; undefined for one that does not run now. */
  running(): readonly (Simulator | undefined)[] {
    return findSimulators(this.props.stateDir).map(({ simulator }) => simulator);
  }

  /** Kills simulators without warning, and starts them again. @param position of the operator; all where there is none */
  async kill(position: number | undefined, downMs: number, signal: AbortSignal | undefined): Promise<void> {
    const killed = findSimulators(this.props.stateDir).filter((_, i) => position === undefined || position === i);
    // Meant to be down, so that nobody starts them again before their time.
    await Promise.all(killed.map(({ folder }) => stopSimulator(folder, { graceMs: 0 })));
    await delay(downMs, undefined, signal ? { signal } : {}).catch(() => undefined);
    await this.start();
  }

  /** All of them, with nothing in their memory. */
  restart(signal: AbortSignal | undefined): Promise<void> {
    return this.kill(undefined, 0, signal);
  }

  /** Starts those that do not run. */
  private async start(): Promise<void> {
    await startSimulators(this.props);
  }

  /** Simulates other stages from here on. For kwok, which is started anew. */
  async simulate(stages: readonly object[]): Promise<void> {
    if (this.props.kind !== 'kwok') return;
    this.props = { ...this.props, stages };
    await this.start();
  }
}
