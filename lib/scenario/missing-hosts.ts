import type { Fleet } from '../kinds/bare-metal-host/fleet';
import { missingObjects, remembered, someOf, type StepEffect } from './missing-objects';
import type { ResolvedStep, StepGroup } from './resolved';
import { selectsClusters } from './select-clusters';
import { selectHosts } from './select-hosts';
import type { HostOrClusterSelection, HostSelection } from './selections';
import type { StepKind } from './steps';

const EFFECTS: ReadonlyMap<StepKind, StepEffect['does']> = new Map([
  ['enroll', 'makes'],
  // Each reaches its goal for a host that is not there.
  ['delete', 'deletes'],
  ['churn', 'replaces'],
  ...(
    ['provision', 'deprovision', 'powerOn', 'powerOff', 'reboot', 'detach', 'attach', 'pause', 'unpause'] as const
  ).map((kind) => [kind, 'changes'] as const),
  ...(['takeCredentials', 'giveCredentials'] as const).map((kind) => [kind, 'changes'] as const),
]);

/**
 * @returns for each step that selects hosts which no step before it makes: where it stands, and how to mend it. A run begins
 * without hosts.
 */
export function missingHosts(root: StepGroup, fleets: readonly Fleet[]): readonly string[] {
  const selected = remembered(function* (selection: HostSelection) {
    for (const { host } of selectHosts(fleets, selection)) yield host;
  });
  const effectOf = (step: ResolvedStep): StepEffect | undefined => {
    const does = EFFECTS.get(step.kind);
    if (does === undefined || selectsClusters(step.props as HostOrClusterSelection)) return undefined;
    const { hostSets, hosts, share } = step.props as HostSelection;
    // The share of a churn is that of one round; over time it takes all.
    return { does, objects: selected({ hostSets, hosts, share: step.kind === 'churn' ? undefined : share }) };
  };
  const problem = ({ path, kind }: ResolvedStep, missing: readonly string[], all: number) =>
    `${path}.${kind}: ${someOf(missing, all, 'hosts')} are not there by then, such as ${missing[0]}: ` +
    `begin with a step 'enroll' that makes them${missing.length === all ? '' : ', or select fewer'} (a run begins without hosts)`;
  return missingObjects(root, { before: new Set(), effectOf, problem });
}
