import { bareMetalHostKind, type ObservedHost } from '../../../lib/kinds/bare-metal-host/kind';
import type { ResolvedStep } from '../../../lib/scenario/resolved';
import { selectHosts } from '../../../lib/scenario/select-hosts';
import type { HostSelection } from '../../../lib/scenario/selections';
import type { Target } from '../../scenario/arrivals';
import { changeObjects, requestChange, type ObjectChange } from '../../scenario/change-objects';
import type { ScenarioRun, StepOutcome } from '../../scenario/scenario-run';

export type HostChange = Omit<ObjectChange<ObservedHost>, 'kind' | 'perSecond'>;

/** Asks the hosts of a step for a change, and waits until each of them shows it. */
export function changeHosts(step: ResolvedStep, change: HostChange, run: ScenarioRun): Promise<StepOutcome> {
  const selection = step.props as HostSelection;
  const hosts = [...selectHosts(run.live.testbed.fleets, selection)].map(({ host }) => host);
  return changeObjects(step, hosts, { ...change, kind: bareMetalHostKind, perSecond: selection.perSecond }, run);
}

/** Changes a host, or deletes it. */
export function requestHost(
  run: ScenarioRun,
  target: Target,
  patch: object | undefined,
  onRetry: () => void,
): Promise<void> {
  return requestChange(run, bareMetalHostKind, target, patch, onRetry);
}
