/** What may simulate hosts, by the name that people ask for. */
export type SimulatorKind = 'bmo' | 'kwok';

/** What each is called. Data alone: the page of a report has it too. */
export const SIMULATORS: Readonly<Record<SimulatorKind, string>> = { bmo: 'Bare Metal Operator', kwok: 'kwok' };

export const SIMULATOR_KINDS = Object.keys(SIMULATORS) as readonly SimulatorKind[];
