import { Fleet } from '../../lib/kinds/bare-metal-host/fleet';
import { bareMetalHostKind } from '../../lib/kinds/bare-metal-host/kind';
import { describedHosts } from '../../src/testbed/described';
import { resolveHostSet } from '../../src/testbed/host-set-entry';
import type { FleetKind } from './fleet-kind';
import type { HostFleetInputs } from './host-fleet-state';

/** What is many in a `HostFleet`. */
export const hostFleetKind: FleetKind<HostFleetInputs> = {
  resource: 'HostFleet',
  kind: bareMetalHostKind,
  content: ['hostSet', 'credentials'],
  // The operator's own defaults bring two a second to available.
  secondsEach: 0.5,
  advice: 'is there something that simulates them?',

  async describe({ hostSet, credentials }) {
    const fleet = new Fleet(await resolveHostSet({ ...hostSet, credentials }, process.cwd()));
    fleet.check();
    const hosts = describedHosts([fleet]);
    return {
      count: hosts.count,
      namespaces: () => fleet.namespaces(),
      objects: () => hosts.objects(),
      hasSurplus: () => Promise.resolve(false),
      isMade: () => Promise.resolve(true),
    };
  },
};
