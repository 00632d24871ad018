/** What may simulate hosts, by the name that people ask for. */
export type SimulatorKind = 'bmo' | 'kwok';

/** What each is called. Data alone: the page of a report has it too. */
export const SIMULATORS: Readonly<Record<SimulatorKind, string>> = { bmo: 'Bare Metal Operator', kwok: 'kwok' };

/** What each is called in a sentence. */
export function nameOfSimulator(kind: SimulatorKind): string {
  return kind === 'bmo' ? `the ${SIMULATORS.bmo}` : SIMULATORS[kind];
}

export const SIMULATOR_KINDS = Object.keys(SIMULATORS) as readonly SimulatorKind[];
