import { whyNotAvailable } from '../install/workloads';
import { ApiError } from '../kubernetes/api-error';
import { type KubernetesClient } from '../kubernetes/client';
import { findSimulators, simulatorProblems } from './simulators';
import type { TestbedState } from '../testbed/state';

/** What keeps the hosts from living: a sentence; undefined where they are simulated. */
export async function simulatorProblem(
  client: KubernetesClient,
  stateDir: string,
  { operators, simulator }: TestbedState,
): Promise<string | undefined> {
  for (const operator of operators ?? []) {
    try {
      const problem = await whyNotAvailable(client, operator);
      if (problem !== undefined) return problem;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
      return `the operator ${operator.namespace}/${operator.name} is gone`;
    }
  }
  if (operators !== undefined) return undefined;
  if (findSimulators(stateDir).length === 0) return `no ${simulator} runs`;
  const problems = await simulatorProblems(stateDir);
  return problems.length === 0 ? undefined : problems.join('; ');
}
