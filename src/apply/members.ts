import type { KubernetesClient } from '../kubernetes/client';
import type { PagesOptions } from '../kubernetes/pages';
import { pagesOf } from '../kubernetes/pages';
import type { Resource } from '../kubernetes/rest-mapper';
import { collectionPath, groupKindOf, keyOf } from '../kubernetes/rest-mapper';
import { PART_OF_LABEL } from './apply-set';
import { DigestTable, Mark } from './digest-table';
import type { LiveObject } from './field-set';
import { appliedBy, digestOfLive, ownershipOf } from './field-set';
import { Owners } from './owners';

export interface MembersOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether the set cannot have members yet. @default false */
  readonly isNew?: boolean;
  /** Of which kinds objects that belong to no set are listed too. @default none */
  readonly withOthers?: (resource: Resource) => boolean;
}

/**
 * What the cluster has of the kinds that are applied: which objects belong to the set, with a digest of what they say,
 * and which belong to another one. Listed once a kind, when the first object of it comes.
 */
export class Members {
  readonly table = new DigestTable();
  /** Which objects own members, as they were when they were listed. */
  readonly owners = new Owners();
  private readonly loading = new Map<string, Promise<void>>();

  constructor(
    private readonly client: KubernetesClient,
    private readonly setId: string,
    private readonly fieldManager: string,
    private readonly options: MembersOptions = {},
  ) {}

  /** Lists the members of a kind, unless that has been done. */
  load(resource: Resource): Promise<void> {
    const groupKind = groupKindOf(resource);
    let loaded = this.loading.get(groupKind);
    if (loaded === undefined) {
      loaded = this.list(resource);
      this.loading.set(groupKind, loaded);
    }
    return loaded;
  }

  /** How many members of a kind are not described, but for those that are being deleted; asked from the API server, since only hashes are kept here. */
  async countUndescribed(resource: Resource): Promise<number> {
    await this.load(resource);
    if (this.table.count(Mark.Member, Mark.Described) === 0) return 0;
    let count = 0;
    const pages = pagesOf<LiveObject>(this.client, collectionPath(resource.apiVersion, resource.plural), {
      labelSelector: `${PART_OF_LABEL}=${this.setId}`,
      metadataOnly: true,
      signal: this.options.signal,
    });
    for await (const { items } of pages) {
      for (const { metadata } of items) {
        if (metadata.deletionTimestamp !== undefined) continue;
        if (!(this.table.marksOf(keyOf(resource, metadata.namespace, metadata.name)) & Mark.Described)) count++;
      }
    }
    return count;
  }

  private async list(resource: Resource): Promise<void> {
    const own = `${PART_OF_LABEL}=${this.setId}`;
    const { isNew, withOthers } = this.options;
    await Promise.all([
      isNew ? undefined : this.take(resource, { labelSelector: own }),
      // Of the others it is enough to know that they are there.
      this.take(resource, {
        labelSelector: withOthers?.(resource)
          ? `${PART_OF_LABEL}!=${this.setId}`
          : `${PART_OF_LABEL},${PART_OF_LABEL}!=${this.setId}`,
        metadataOnly: true,
      }),
    ]);
  }

  private async take(resource: Resource, options: PagesOptions): Promise<void> {
    const path = collectionPath(resource.apiVersion, resource.plural);
    const { signal } = this.options;
    for await (const { items } of pagesOf<LiveObject>(this.client, path, { ...options, signal })) {
      for (const item of items) {
        const { name, namespace, labels, deletionTimestamp, resourceVersion = '' } = item.metadata;
        const set = labels?.[PART_OF_LABEL];
        const belonging = set === this.setId ? Mark.Member : set === undefined ? Mark.Alone : Mark.Foreign;
        const isMember = belonging === Mark.Member;
        if (isMember) this.owners.add(resource, item.metadata);
        const digest = isMember ? digestOfLive(item, this.fieldManager, resource.apiVersion) : undefined;
        const ownership = isMember ? ownershipOf(appliedBy(this.fieldManager, item.metadata)) : '';
        const marks = belonging | (deletionTimestamp === undefined ? 0 : Mark.Deleting);
        this.table.put(keyOf(resource, namespace, name), digest, resourceVersion, marks, ownership);
      }
    }
  }
}
