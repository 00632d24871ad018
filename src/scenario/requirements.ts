import { invalidInput } from '../../lib/errors';
import { stepsOf } from '../../lib/scenario/steps-of';
import type { ResolvedScenario, ResolvedStep } from '../../lib/scenario/resolved';
import type { HostSelection } from '../../lib/scenario/selections';
import type { Capabilities } from '../testbed/live-testbed';

/**
 * Checks that the testbed can do what a scenario asks for, which depends on what simulates the hosts and where.
 *
 * @throws TestbedError (`invalid-input`) naming each step that it cannot
 */
export function requireCapabilities(scenario: ResolvedScenario, capabilities: Capabilities): void {
  const problems = [...stepsOf(scenario.root)].flatMap((step) => {
    const problem = problemOf(step, capabilities);
    return problem === undefined ? [] : [`${step.path}.${step.kind}: ${problem}`];
  });
  if (problems.length > 0) throw invalidInput(problems.join('\n'));
}

function problemOf(step: ResolvedStep, { simulator, cluster, workloadApi }: Capabilities): string | undefined {
  switch (step.kind) {
    case 'failHosts':
      return simulator === 'kwok'
        ? undefined
        : 'needs kwok, since test mode of the operator has no such failures: use takeCredentials with a share, or --simulator kwok';
    case 'takeCredentials':
    case 'giveCredentials':
      return simulator === 'bmo'
        ? undefined
        : 'needs the Bare Metal Operator, since kwok reads no Secrets: use failHosts, or --simulator bmo';
    case 'slowApiServer':
    case 'stopApiServer':
      return cluster === 'local' ? undefined : `needs the embedded control plane; this one is --cluster ${cluster}`;
    case 'slowManager':
      if (workloadApi === 'cluster' && step.props.manager === 'workloadApi')
        return 'needs an API of workload clusters that is a process of this machine: leave workloadApi out of the description';
      return cluster === 'local' || step.props.manager === 'workloadApi'
        ? undefined
        : `needs managers that are processes of this machine, as beside the embedded control plane; this one is --cluster ${cluster}, where workloadApi alone is one: give manager: workloadApi`;
    case 'powerOn':
    case 'powerOff':
      return simulator === 'bmo' && isPart(step.props)
        ? 'must be for whole host sets: all hosts of one operator in test mode share one machine, so switching a part of them never settles; leave out hosts, share and perSecond, and give host sets that differ operators of their own'
        : undefined;
    default:
      return undefined;
  }
}

function isPart({ hosts, share = 1, perSecond }: HostSelection): boolean {
  return hosts !== undefined || share < 1 || perSecond !== undefined;
}
