/** Which hosts and Secrets of a cluster are this testbed's: those with the label of its set. */
import { bareMetalHostKind } from '../../../lib/kinds/bare-metal-host/kind';
import type { Fleet } from '../../../lib/kinds/bare-metal-host/fleet';
import { FIELD_MANAGER } from '../../kubernetes/field-manager';
import { ApplySet, applySetIdOf, asMember, memberLabel, PART_OF_LABEL } from '../../apply/apply-set';
import type { LiveTestbed } from '../../testbed/live-testbed';
import { refuseSameNames } from '../../cluster/existing/guard';
import { listMetadata } from '../../install/metadata';
import type { KubernetesObject } from '../../kubernetes/objects';
import { groupKindOf } from '../../kubernetes/rest-mapper';
import { objectsPath } from '../../watch/paths';

type Live = Pick<LiveTestbed, 'client' | 'sets'>;

/** Selects the objects of the testbed's hosts. */
export function ownSelector({ sets }: Pick<Live, 'sets'>): string {
  return `${PART_OF_LABEL}=${applySetIdOf(sets.hosts)}`;
}

/** An object as one of the testbed's. */
export function asOwn({ sets }: Pick<Live, 'sets'>, object: KubernetesObject): KubernetesObject {
  return asMember(object, memberLabel(sets.hosts));
}

/** The hosts of the testbed that are there, as `namespace/name`. */
export async function ownHosts(live: Live, signal?: AbortSignal): Promise<ReadonlySet<string>> {
  const options = { labelSelector: ownSelector(live), signal };
  const hosts = await listMetadata(live.client, objectsPath(bareMetalHostKind), options);
  return new Set(hosts.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
}

/**
 * Makes the set know of hosts that are about to be written one by one.
 *
 * @throws TestbedError (`invalid-input`) where somebody else has a host or Secret of such a name
 */
export async function claimHosts(live: Live, fleets: readonly Fleet[], signal?: AbortSignal): Promise<void> {
  await refuseSameNames(live.client, live.sets.hosts, fleets);
  const set = new ApplySet(live.client, live.sets.hosts, FIELD_MANAGER);
  await set.read(signal);
  const kinds = [groupKindOf({ apiVersion: 'metal3.io/v1alpha1', kind: 'BareMetalHost' }), 'Secret'];
  await set.grow(kinds, new Set(fleets.flatMap((fleet) => fleet.namespaces())), signal);
}
