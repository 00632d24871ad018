import type { KubernetesClient } from '../kubernetes/client';
import type { TestbedState } from '../testbed/state';
import { OpenDeployments } from './in-cluster';
import { OpenProcesses } from './processes';
import type { OpenSimulators } from './simulators';

/** The simulators of a testbed that `up` made, wherever they run. */
export function openSimulators(
  client: KubernetesClient,
  stateDir: string,
  { operators, simulator }: TestbedState,
): OpenSimulators {
  return operators === undefined ? new OpenProcesses(simulator, stateDir) : new OpenDeployments(client, operators);
}

/** What keeps objects from living: a sentence; undefined where they are simulated. */
export async function simulatorProblem(simulators: OpenSimulators): Promise<string | undefined> {
  const problems = await simulators.problems();
  return problems.length === 0 ? undefined : problems.join('; ');
}
