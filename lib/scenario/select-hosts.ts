import type { Fleet, FleetHost } from '../kinds/bare-metal-host/fleet';
import { parseIndexes } from '../kinds/bare-metal-host/indexes';
import type { HostSelection } from './steps';

/** A host with the fleet that describes it. */
export interface SelectedHost {
  readonly fleet: Fleet;
  readonly host: FleetHost;
}

/**
 * The hosts of a selection, one at a time, in the order of the description. A share is spread evenly: of half of the
 * hosts it is every other one, the second first.
 */
export function* selectHosts(
  fleets: readonly Fleet[],
  { hostSets, hosts, share = 1 }: HostSelection,
): Generator<SelectedHost, void, undefined> {
  const isIndexed = hosts === undefined ? () => true : parseIndexes(hosts);
  let position = 0;
  for (const fleet of fleets) {
    if (hostSets !== undefined && !hostSets.includes(fleet.name)) continue;
    for (const host of fleet.hosts()) {
      if (!isIndexed(host.index)) continue;
      const isTaken = Math.floor((position + 1) * share) > Math.floor(position * share);
      position++;
      if (isTaken) yield { fleet, host };
    }
  }
}
