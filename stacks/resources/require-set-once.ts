import { invalidInput } from '../../lib/errors';
import type { FleetInputs } from './fleet-state';

/** The fleets that the engine has asked about in this run, by where their objects are. */
const fleets = new Map<string, string>();

/**
 * @throws TestbedError (`invalid-input`) where two fleets, of whatever kind, have the same set on the same cluster: each would
 * delete what the other has
 */
export function requireSetOnce({ kubeconfig, context, set, fleet }: FleetInputs): void {
  // A state of an earlier version of this package does not say which fleet it is of.
  if (fleet === undefined) return;
  const place = JSON.stringify([kubeconfig, context, set]);
  const other = fleets.get(place);
  if (other !== undefined && other !== fleet)
    throw invalidInput(
      `set '${set}' on the same cluster is also that of ${other}: give one of the two another name, or a set of its own`,
    );
  fleets.set(place, fleet);
}
