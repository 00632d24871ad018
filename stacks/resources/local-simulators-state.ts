/** What the state of a stack says of what simulates the hosts of an embedded control plane. */
import type { TestbedProps } from '../../lib/testbed/resolve';
import type { SimulatorKind } from '../../src/simulators/names';

/** What the program asks for. */
export interface LocalSimulatorsInputs extends Pick<TestbedProps, 'operators'> {
  readonly folder: string;
  readonly kind?: SimulatorKind;
  readonly stages?: TestbedProps['simulator'];
}

/** What is known once they run. */
export interface LocalSimulatorsOutputs extends LocalSimulatorsInputs {
  /** What simulates the hosts, as it was decided. */
  readonly simulator: SimulatorKind;
  /** Which build of it. */
  readonly version: string;
}
