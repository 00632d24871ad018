import { describeSimulator, type SimulatorBuilds } from '../../simulators/builds';
import { wrapFor } from './wrap';

/** `simulated by kwok v0.8.0 (sha256 0123456789ab)`. */
export function simulatedBy(what: SimulatorBuilds): string {
  return wrapFor(process.stdout, `simulated by ${describeSimulator(what)}`);
}
