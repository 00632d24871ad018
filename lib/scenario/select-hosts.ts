import type { Fleet, FleetHost } from '../kinds/bare-metal-host/fleet';
import { selectMembers } from './select-members';
import type { HostSelection } from './selections';

/** A host with the fleet that describes it. */
export interface SelectedHost {
  readonly fleet: Fleet;
  readonly host: FleetHost;
}

/** The hosts of a selection, as {@link selectMembers} gives them. */
export function* selectHosts(
  fleets: readonly Fleet[],
  { hostSets, hosts, share }: HostSelection,
): Generator<SelectedHost, void, undefined> {
  const named = fleets.filter(({ name }) => hostSets?.includes(name) ?? true);
  const selection = { indexes: hosts, what: 'hosts', share };
  for (const [fleet, host] of selectMembers(named, (each) => each.hosts(), selection)) yield { fleet, host };
}
