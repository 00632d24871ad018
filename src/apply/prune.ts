import { deleteRank, isCustomResourceDefinition, groupOf, isNamespace } from '../../lib/order';
import { TestbedError } from '../../lib/errors';
import { KINDS } from '../../lib/kinds';
import type { KubernetesClient } from '../kubernetes/client';
import type { KubernetesObject } from '../kubernetes/objects';
import { describeHeld, describeObject } from '../kubernetes/objects';
import { ignoreNotFound } from '../kubernetes/ignore-not-found';
import { metadataOnly } from '../kubernetes/metadata-only';
import { pagesOf } from '../kubernetes/pages';
import type { Resource, RESTMapper } from '../kubernetes/rest-mapper';
import { collectionPath, groupKindOf, itemPath, keyOf } from '../kubernetes/rest-mapper';
import { inParallel } from '../util/in-parallel';
import { describePending } from '../watch/wait-for-states';
import { until } from '../util/until';
import type { ApplySet } from './apply-set';
import { PART_OF_LABEL } from './apply-set';
import { Mark } from './digest-table';
import { Holdings } from './holdings';
import type { Members } from './members';
import type { OwnedMetadata, Owner } from './owners';

/** What a prune would delete. */
export interface Removal {
  /** Name of the set. */
  readonly set: string;
  /** How many members the set had before. */
  readonly members: number;
  /** How many of them are not described. */
  readonly removed: number;
  /** The same by kind, as `Kind.group`. */
  readonly kinds: Readonly<Record<string, number>>;
}

/** A member that is not described, and not deleted since it is in use. */
export interface Kept {
  readonly namespace: string | undefined;
  /** Which it is, and by what it is in use. */
  readonly what: string;
  readonly rank: number;
}

export interface PruneProps {
  readonly client: KubernetesClient;
  readonly mapper: RESTMapper;
  readonly set: ApplySet;
  readonly members: Members;
  readonly signal: AbortSignal | undefined;
  /** How long the objects of a kind may take until the next one of them is gone, in milliseconds. */
  readonly deadlineMs: number;
  readonly onRemoved: (groupKind: string) => void;
  /** Asked before anything is deleted; what it throws ends the prune. */
  readonly beforePrune: ((removal: Removal) => Promise<void>) | undefined;
  /** Told of each namespace and CustomResourceDefinition that is not deleted, and why. */
  readonly onKept: (what: string) => void;
  /** Says by what a member is in use, which is not deleted then. */
  readonly inUse: ((member: OwnedMetadata) => string | undefined) | undefined;
  /** Is given what is in use, by uid. */
  readonly kept: Map<string, Kept>;
  /** Asked before each write. */
  readonly beforeTry: () => Promise<void> | undefined;
}

const AT_ONCE = 32;

/**
 * Deletes the members of a set that are not described, in their order, and owners before what they own,
 * which they would make anew: Clusters, whose controllers take their machines off the hosts; hosts, and once they are gone
 * (whoever takes care of them needs their Secrets for that) the Secrets, at the very end CRDs and namespaces. Of these, those
 * stay in which others have something, which would go with them; they leave the set.
 *
 * @throws TestbedError (`timeout`) naming objects that do not go, and the finalizers that hold them
 */
export async function prune(props: PruneProps): Promise<void> {
  props.kept.clear();
  const found = await kindsOf(props);
  if (props.beforePrune !== undefined && found.length > 0) await props.beforePrune(await removalOf(props, found));
  const byRank = Map.groupBy(found, deleteRank);
  for (const [rank, kinds] of [...byRank].sort(([a], [b]) => b - a)) {
    await deleteOwners(props, rank);
    for (const resource of kinds) {
      await releaseHeld(props, resource);
      await deleteMembers(props, resource);
    }
    // A namespace goes once somebody has emptied it, and nothing here waits for it.
    for (const resource of kinds) if (!isNamespace(resource)) await untilGone(props, resource);
  }
}

/** The kinds in which there may be members that are not described. */
async function kindsOf({ mapper, set, members }: PruneProps): Promise<readonly Resource[]> {
  const found: Resource[] = [];
  for (const groupKind of set.groupKinds) {
    const [kind = '', ...group] = groupKind.split('.');
    const resource = await mapper.lookForGroupKind(group.join('.'), kind);
    // A kind that is no longer served has no members.
    if (resource === undefined) continue;
    await members.load(resource);
    found.push(resource);
  }
  return members.table.count(Mark.Member, Mark.Described) === 0 ? [] : found;
}

async function removalOf({ set, members }: PruneProps, found: readonly Resource[]): Promise<Removal> {
  const kinds: Record<string, number> = {};
  let removed = 0;
  for (const resource of found) {
    const count = await members.countUndescribed(resource);
    if (count > 0) kinds[groupKindOf(resource)] = count;
    removed += count;
  }
  return { set: set.name, members: members.table.count(Mark.Member, 0), removed, kinds };
}

/** Lets go of the namespaces and definitions that hold something of others. */
async function releaseHeld(props: PruneProps, resource: Resource): Promise<void> {
  const { client, signal, onKept, beforeTry } = props;
  if (!isNamespace(resource) && !isCustomResourceDefinition(resource)) return;
  const members: KubernetesObject[] = [];
  for await (const member of undescribed(props, resource))
    if (member.metadata.deletionTimestamp === undefined) members.push({ ...member, kind: resource.kind });
  if (members.length === 0) return;
  const holdings = new Holdings(client, signal);
  const held = isNamespace(resource)
    ? await holdings.ofNamespaces(members.map(({ metadata }) => metadata.name))
    : await holdings.ofDefinitions(members.map(({ metadata }) => metadata.name));
  for (const member of members) {
    const why = held.get(member.metadata.name);
    if (why === undefined) continue;
    await ignoreNotFound(
      client.request('PATCH', itemPath(resource, undefined, member.metadata.name), {
        contentType: 'application/merge-patch+json',
        body: { metadata: { uid: member.metadata.uid, labels: { [PART_OF_LABEL]: null } } },
        signal,
        beforeTry,
      }),
    );
    onKept(`${describeObject(member)} was kept: ${why}`);
  }
}

/**
 * Deletes the owners of members of one place in the order, level by level. Each level is waited for: an owner with a finalizer may need what it
 * owns to go, or take it away itself. One that does not go in time is named once the rest of its kind is waited for.
 */
async function deleteOwners(props: PruneProps, rank: number): Promise<void> {
  const { deadlineMs, signal } = props;
  for (const level of props.members.owners.levels(rank)) {
    const left = new Set<Owner>();
    await inParallel(
      level,
      AT_ONCE,
      async (owner) => {
        const found = await findOwner(props, owner);
        if (found === undefined) return;
        await deleteMember(props, found.resource, found.object);
        left.add(owner);
      },
      signal,
    );
    const isGone = async () => {
      for (const owner of left) {
        if ((await findOwner(props, owner)) !== undefined) return false;
        left.delete(owner);
      }
      return true;
    };
    await until(isGone, { deadlineMs, everyMs: 500, signal });
  }
}

/** @returns undefined where it is gone, is no member of the set, or is described */
async function findOwner(
  { client, mapper, set, members, signal }: PruneProps,
  { apiVersion, kind, namespace, name, uid }: Owner,
): Promise<{ readonly resource: Resource; readonly object: KubernetesObject } | undefined> {
  const resource = await mapper.lookForGroupKind(groupOf(apiVersion), kind);
  if (resource === undefined) return undefined;
  const where = resource.namespaced ? namespace : undefined;
  if (members.table.marksOf(keyOf(resource, where, name)) & Mark.Described) return undefined;
  const accept = metadataOnly('PartialObjectMetadata');
  const object = await ignoreNotFound(
    client.request<KubernetesObject>('GET', itemPath(resource, where, name), { accept, signal }),
  );
  const isMember = object?.metadata.uid === uid && object.metadata.labels?.[PART_OF_LABEL] === set.id;
  return isMember ? { resource, object } : undefined;
}

async function deleteMembers(props: PruneProps, resource: Resource): Promise<void> {
  const remove = (member: KubernetesObject) => deleteMember(props, resource, member);
  await inParallel(undescribed(props, resource), AT_ONCE, remove, props.signal);
}

async function deleteMember(
  { client, signal, onRemoved, beforeTry }: PruneProps,
  resource: Resource,
  { metadata }: KubernetesObject,
): Promise<void> {
  const { name, namespace, uid, deletionTimestamp } = metadata;
  if (deletionTimestamp !== undefined) return;
  const request = client.request('DELETE', itemPath(resource, namespace, name), {
    // Not what somebody has made under the same name in the meantime.
    body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', preconditions: { uid } },
    signal,
    beforeTry,
  });
  await ignoreNotFound(request);
  onRemoved(groupKindOf(resource));
}

async function untilGone(props: PruneProps, resource: Resource): Promise<void> {
  const { deadlineMs, signal } = props;
  let left: KubernetesObject[] = [];
  const areFewer = async () => {
    const before = left.length;
    left = [];
    for await (const member of undescribed(props, resource)) left.push(member);
    return left.length === 0 || left.length < before;
  };
  // Many take longer than one, and as long as they go nothing is amiss.
  do {
    if ((await until(areFewer, { deadlineMs, everyMs: 500, signal })) === undefined) break;
  } while (left.length > 0);
  if (left.length === 0) return;
  const held = describeHeld(left.map((each) => ({ ...each, kind: resource.kind })));
  throw new TestbedError(
    'timeout',
    `${left.length} ${resource.plural} were deleted but still exist after ${deadlineMs / 1000} s: ${held}; make sure that the controller of their finalizers runs, then run this again${await whyHeld(props, resource, left)}`,
  );
}

/** What objects of a kind that this package knows say themselves of why they are still there. */
async function whyHeld({ client }: PruneProps, resource: Resource, left: readonly KubernetesObject[]): Promise<string> {
  const kind = KINDS.find((each) => groupKindOf(each) === groupKindOf(resource));
  if (kind?.whyPending === undefined) return '';
  const pending = left.map(({ metadata: { name, namespace = '' } }) => kind.unseen(namespace, name));
  return `\n${await describePending(
    client,
    kind,
    pending.map((each) => ({ ...each, state: 'deleted' })),
  )}`;
}

/** What says which members go. */
export type Undescribed = Pick<PruneProps, 'client' | 'set' | 'members' | 'signal' | 'inUse' | 'kept'>;

/** The members of a kind that are neither described nor in use, as they are now. */
export async function* undescribed(
  props: Undescribed,
  resource: Resource,
): AsyncGenerator<KubernetesObject, void, undefined> {
  const { client, set, members, signal } = props;
  const pages = pagesOf<KubernetesObject>(client, collectionPath(resource.apiVersion, resource.plural), {
    labelSelector: `${PART_OF_LABEL}=${set.id}`,
    metadataOnly: true,
    signal,
  });
  for await (const { items } of pages) {
    for (const item of items) {
      const { name, namespace } = item.metadata;
      const isDescribed = (members.table.marksOf(keyOf(resource, namespace, name)) & Mark.Described) !== 0;
      if (!isDescribed && !isKept(props, { ...item, apiVersion: resource.apiVersion, kind: resource.kind })) yield item;
    }
  }
}

/** Whether a member is in use, or may be what one that is needs: its Secret say. */
function isKept({ inUse, kept }: Undescribed, object: KubernetesObject): boolean {
  if (inUse === undefined) return false;
  const { uid = '', namespace, deletionTimestamp } = object.metadata;
  // Once it is being deleted, it is too late.
  if (deletionTimestamp !== undefined) return false;
  const by = inUse(object.metadata);
  if (by !== undefined)
    kept.set(uid, { namespace, what: `${describeObject(object)} (by ${by})`, rank: deleteRank(object) });
  if (kept.has(uid)) return true;
  const rank = deleteRank(object);
  return [...kept.values()].some((each) => each.namespace === namespace && each.rank > rank);
}
