/** The objects of a fleet: those that are described, and those that are there. */
import { ApplySet, PART_OF_LABEL } from '../../src/apply/apply-set';
import { FIELD_MANAGER } from '../../src/kubernetes/field-manager';
import type { KubernetesClient } from '../../src/kubernetes/client';
import { namespaceObject, type KubernetesObject } from '../../src/kubernetes/objects';
import { pagesOf } from '../../src/kubernetes/pages';
import { collectionPath, RESTMapper } from '../../src/kubernetes/rest-mapper';
import type { DescribedFleet } from './fleet-kind';
import type { FleetInputs } from './fleet-state';

/**
 * Everything that a fleet is made of, each object after those that it needs. Of the namespaces, those that somebody else
 * has made are left alone: what is described is deleted one day.
 */
export async function* describedObjects(
  described: DescribedFleet,
  { set, createNamespaces }: FleetInputs,
  client: KubernetesClient,
): AsyncGenerator<KubernetesObject, void, undefined> {
  if (createNamespaces) {
    const foreign = await namespacesOfOthers(client, applySetOf(client, set).id);
    for (const name of described.namespaces()) if (!foreign.has(name)) yield namespaceObject(name);
  }
  yield* described.objects();
}

/** How many objects of a set are on the cluster, by `Kind.group`; kinds of which there is none are left out. */
export async function countMembers(client: KubernetesClient, name: string): Promise<Record<string, number>> {
  const set = applySetOf(client, name);
  await set.read();
  const mapper = new RESTMapper(client);
  const counts: Record<string, number> = {};
  for (const groupKind of set.groupKinds) {
    const [kind = '', ...group] = groupKind.split('.');
    const resource = await mapper.lookForGroupKind(group.join('.'), kind);
    if (resource === undefined) continue;
    let count = 0;
    const options = { labelSelector: `${PART_OF_LABEL}=${set.id}`, metadataOnly: true };
    for await (const page of pagesOf(client, collectionPath(resource.apiVersion, resource.plural), options))
      count += page.items.length;
    if (count > 0) counts[groupKind] = count;
  }
  return counts;
}

/** The ApplySet that the objects of a fleet belong to. */
export function applySetOf(client: KubernetesClient, name: string): ApplySet {
  return new ApplySet(client, { name }, FIELD_MANAGER);
}

async function namespacesOfOthers(client: KubernetesClient, setId: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for await (const { items } of pagesOf<KubernetesObject>(client, collectionPath('v1', 'namespaces'), {
    labelSelector: `${PART_OF_LABEL}!=${setId}`,
    metadataOnly: true,
  }))
    for (const { metadata } of items) names.add(metadata.name);
  return names;
}
