/** What Cluster API's controllers have made for the clusters of a set, and what holds it. */
import { groupOf } from '../../lib/order';
import { bareMetalHostKind } from '../../lib/kinds/bare-metal-host/kind';
import { applySetIdOf, PART_OF_LABEL, type ApplySetName } from '../apply/apply-set';
import type { OwnedMetadata, OwnerReference } from '../apply/owners';
import type { KubernetesClient } from '../kubernetes/client';
import { ignoreNotFound } from '../kubernetes/ignore-not-found';
import { describeHeld } from '../kubernetes/objects';
import { removeFinalizers } from '../kubernetes/remove-finalizers';
import { collectionPath, itemPath, RESTMapper, type Resource } from '../kubernetes/rest-mapper';
import { inParallel } from '../util/in-parallel';
import { objectPath, objectsPath } from '../watch/paths';
import { listMetadata, type ObjectMetadata } from './metadata';

const IN_FLIGHT = 16;

interface Owned {
  readonly resource: Resource;
  readonly metadata: ObjectMetadata['metadata'] & OwnedMetadata;
}

export class OwnedObjects {
  /** Of members, and of all that they own at any remove, as far as it was ever seen. */
  private readonly uids = new Set<string>();
  private readonly mapper: RESTMapper;

  constructor(
    private readonly client: KubernetesClient,
    private readonly set: ApplySetName,
    private readonly signal?: AbortSignal,
  ) {
    this.mapper = new RESTMapper(client);
  }

  /** Those that are there: members of the set, and what they own or owned. */
  async list(): Promise<readonly Owned[]> {
    const all: Owned[] = [];
    for (const resource of (await this.mapper.namespaced()).filter(isOfClusters)) {
      const path = collectionPath(resource.apiVersion, resource.plural);
      const found = (await ignoreNotFound(listMetadata(this.client, path, { signal: this.signal }))) ?? [];
      for (const { metadata } of found) all.push({ resource, metadata });
    }
    const id = applySetIdOf(this.set);
    for (const { metadata } of all) if (metadata.labels?.[PART_OF_LABEL] === id) this.uids.add(metadata.uid);
    for (let size = -1; size < this.uids.size;) {
      size = this.uids.size;
      for (const { metadata } of all)
        if ((metadata.ownerReferences ?? []).some(({ uid }) => this.uids.has(uid))) this.uids.add(metadata.uid);
    }
    return all.filter(({ metadata }) => this.uids.has(metadata.uid));
  }

  /** The first of those that are there, each with what holds it; undefined where there are none. */
  async describe(): Promise<string | undefined> {
    const left = await this.list();
    if (left.length === 0) return undefined;
    const held = describeHeld(
      left.map(({ resource: { apiVersion, kind }, metadata }) => ({ apiVersion, kind, metadata })),
    );
    return `${left.length} objects of deleted clusters: ${held}`;
  }

  /**
   * Deletes them where no controller does, without what their finalizers stand for: hosts stay, and are free. All are asked to
   * go before the first is let go of, so that none makes another anew.
   *
   * @returns how many there were
   */
  async free(): Promise<number> {
    const all = await this.list();
    const each = (work: (owned: Owned) => Promise<unknown>) =>
      inParallel(all, IN_FLIGHT, async (owned) => void (await ignoreNotFound(work(owned))), this.signal);
    await each(({ resource, metadata }) =>
      this.client.request('DELETE', itemPath(resource, metadata.namespace, metadata.name), {
        body: {
          ...{ apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' },
          preconditions: { uid: metadata.uid },
        },
        signal: this.signal,
      }),
    );
    // A garbage collector would take the hosts with their machines.
    await this.freeHosts();
    await each(async (owned) => {
      if ((owned.metadata.finalizers ?? []).length === 0) return;
      await removeFinalizers(this.client, owned.resource, owned, { signal: this.signal });
    });
    return all.length;
  }

  /** Takes machines off the hosts, as CAPM3 does. */
  private async freeHosts(): Promise<void> {
    const hosts = (await ignoreNotFound(listMetadata(this.client, objectsPath(bareMetalHostKind)))) ?? [];
    for (const { metadata } of hosts as readonly Pick<Owned, 'metadata'>[]) {
      const { ownerReferences = [], namespace = '', name, uid } = metadata;
      const others: readonly OwnerReference[] = ownerReferences.filter((owner) => !this.uids.has(owner.uid));
      if (others.length === ownerReferences.length) continue;
      await ignoreNotFound(
        this.client.request('PATCH', objectPath(bareMetalHostKind, namespace, name), {
          contentType: 'application/merge-patch+json',
          body: { metadata: { uid, ownerReferences: others }, spec: { consumerRef: null, image: null } },
          signal: this.signal,
        }),
      );
    }
  }
}

/** Kinds in which there may be something of a cluster: those of Cluster API, its providers, and Metal3's IPAM, and Secrets. */
function isOfClusters({ apiVersion, kind }: Resource): boolean {
  const group = groupOf(apiVersion);
  if (group === '') return kind === 'Secret';
  return group === 'cluster.x-k8s.io' || group.endsWith('.cluster.x-k8s.io') || group === 'ipam.metal3.io';
}
