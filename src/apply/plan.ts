import { isDeepStrictEqual } from 'node:util';
import { deleteRank } from '../../lib/order';
import { ApiError } from '../kubernetes/api-error';
import type { KubernetesClient } from '../kubernetes/client';
import type { KubernetesObject } from '../kubernetes/objects';
import { describeObject } from '../kubernetes/objects';
import type { Resource } from '../kubernetes/rest-mapper';
import { groupKindOf, itemPath, keyOf } from '../kubernetes/rest-mapper';
import { inParallel } from '../util/in-parallel';
import type { ApplyTarget } from './options';
import type { ApplyOptions, ObjectStream } from './options';
import { FIELD_MANAGER } from '../kubernetes/field-manager';
import { applicable, requireAddress, requireNamespace } from './applicable';
import { ApplySet, asMember } from './apply-set';
import { requireCluster } from './cluster-identity';
import type { Counts } from './counts';
import { KindCounts } from './counts';
import { Mark } from './digest-table';
import { digestOfManifest } from './field-set';
import { Members } from './members';
import { undescribed, type Kept, type Undescribed } from './prune';
import { Refusals, requireMember, treatmentOf } from './refusals';

/** One object that would change. */
export interface PlannedChange {
  /** `Kind namespace/name`. */
  readonly object: string;
  /** Paths of the fields, never their values: they may be credentials. */
  readonly fields: readonly string[];
}

/** What apply would do. */
export interface Plan extends Counts {
  readonly set: string | undefined;
  readonly kinds: Readonly<Record<string, Counts>>;
  /** The first objects that would change. */
  readonly changes: readonly PlannedChange[];
}

/** So many changes are listed one by one. */
const LISTED = 100;
const AT_ONCE = 32;
/** An object that changes all the time is looked at this often until it stands still for once. */
const MOST_ATTEMPTS = 5;

/**
 * Works out what apply would do, without writing. Objects that may differ are shown to the API server in a dry run, so
 * that its own defaults and conversions count as no difference.
 */
export async function plan(applier: ApplyTarget, objects: ObjectStream, options: ApplyOptions): Promise<Plan> {
  const { client, mapper } = applier;
  const { signal } = options;
  if (options.clusterUid !== undefined) await requireCluster(client, options.clusterUid, signal);
  const set = options.set && new ApplySet(client, options.set, FIELD_MANAGER);
  await set?.read(signal);
  const members = new Members(client, set?.id ?? '', FIELD_MANAGER, { signal, withOthers: () => true });
  const { table } = members;
  const counts = new KindCounts();
  const changes: PlannedChange[] = [];

  const refusals = new Refusals();
  const isChecked = options.dryRun === true;

  const look = async (given: KubernetesObject): Promise<void> => {
    const object = applicable(given);
    requireAddress(object);
    const resource = await mapper.lookFor(object.apiVersion, object.kind);
    requireNamespace(object, resource?.namespaced ?? true, options.namespace);
    // Its CRD is among what would be added.
    if (resource === undefined) return counts.add(groupKindOf(object), 'added');
    await members.load(resource);
    const key = keyOf(resource, object.metadata.namespace, object.metadata.name);
    const marks = table.mark(key, Mark.Described);
    let joins = false;
    const groupKind = groupKindOf(resource);
    if (set !== undefined) {
      requireMember(object, set);
      const treatment = treatmentOf(object, marks, options.existing);
      if (treatment === 'leave') return counts.add(groupKind, 'unchanged');
      joins = treatment === 'join';
    }
    const manifest = set === undefined || !joins ? object : asMember(object, set.label);
    if ((marks & ~Mark.Described) === 0) {
      if (isChecked) await dryRun(client, resource, manifest, options);
      return counts.add(groupKind, 'added');
    }
    if (marks & Mark.Deleting) return counts.add(groupKind, 'changed');
    if (marks & Mark.Member && table.hasDigest(key, digestOfManifest(manifest)))
      return counts.add(groupKind, 'unchanged');
    const fields = await changedFields(client, resource, manifest, options);
    counts.add(groupKind, fields.length > 0 ? 'changed' : 'unchanged');
    if (fields.length > 0 && changes.length < LISTED) changes.push({ object: describeObject(object), fields });
  };

  const lookOn = async (object: KubernetesObject): Promise<void> => {
    try {
      await look(object);
    } catch (error) {
      if (!isChecked || !refusals.take(object, error)) throw error;
    }
  };
  await inParallel(objects, AT_ONCE, lookOn, signal);
  refusals.throwIfAny();
  if (set !== undefined) await countRemoved(applier, set, members, counts, options);
  return { set: set?.name, ...counts.total(), kinds: counts.byKind(), changes };
}

async function countRemoved(
  { client, mapper }: ApplyTarget,
  set: ApplySet,
  members: Members,
  counts: KindCounts,
  { inUse, signal }: ApplyOptions,
): Promise<void> {
  const found: Resource[] = [];
  for (const groupKind of set.groupKinds) {
    const [kind = '', ...group] = groupKind.split('.');
    const resource = await mapper.lookForGroupKind(group.join('.'), kind);
    if (resource === undefined) continue;
    found.push(resource);
  }
  const kept = new Map<string, Kept>();
  // As they would go: what is in use keeps what comes after it.
  for (const resource of found.sort((a, b) => deleteRank(b) - deleteRank(a))) {
    const all = await members.countUndescribed(resource);
    const removed =
      inUse === undefined || all === 0
        ? all
        : await countGoing({ client, set, members, signal, inUse, kept }, resource);
    for (const [outcome, count] of [
      ['removed', removed],
      ['unchanged', all - removed],
    ] as const)
      if (count > 0) counts.add(groupKindOf(resource), outcome, count);
  }
}

/** How many members of a kind would go, those left out that go already. */
async function countGoing(props: Undescribed, resource: Resource): Promise<number> {
  let count = 0;
  for await (const { metadata } of undescribed(props, resource)) if (metadata.deletionTimestamp === undefined) count++;
  return count;
}

/** Asks the API server what the object would be. */
async function changedFields(
  client: KubernetesClient,
  resource: Resource,
  manifest: KubernetesObject,
  options: ApplyOptions,
): Promise<readonly string[]> {
  const path = itemPath(resource, manifest.metadata.namespace, manifest.metadata.name);
  const { signal } = options;
  for (let attempt = 1; ; attempt++) {
    const now = await client.request<KubernetesObject>('GET', path, { signal });
    const then = await dryRun(client, resource, manifest, options);
    // Somebody else has changed it in between, which is not our difference.
    const isRaced = then?.metadata.resourceVersion !== now.metadata.resourceVersion;
    if (isRaced && attempt < MOST_ATTEMPTS) continue;
    const fields = then === undefined ? [] : differences(comparable(now), comparable(then), '');
    if (fields.length > 0 || then === undefined) return fields;
    return isDeepStrictEqual(ownershipOf(now), ownershipOf(then)) ? [] : ['metadata.managedFields'];
  }
}

/** @returns what the object would be; undefined where its namespace is not there yet */
async function dryRun(
  client: KubernetesClient,
  resource: Resource,
  manifest: KubernetesObject,
  { signal, dryRun, forceConflicts = false }: ApplyOptions,
): Promise<KubernetesObject | undefined> {
  const path = itemPath(resource, manifest.metadata.namespace, manifest.metadata.name);
  const ask = (force: boolean) =>
    client.request<KubernetesObject>('PATCH', path, {
      query: { fieldManager: FIELD_MANAGER, force, dryRun: 'All', fieldValidation: 'Strict' },
      contentType: 'application/apply-patch+yaml',
      body: manifest,
      signal,
    });
  try {
    // Conflicts are for apply to report; where it is only asked what differs, they are changes like any other.
    return await ask(dryRun !== true || forceConflicts);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.isConflictWith(FIELD_MANAGER)) return ask(true);
    // Its namespace is among what would be added, or will be missed when it is applied.
    if (error.status === 404) return undefined;
    throw error;
  }
}

/** Who owns which fields, but for when. */
function ownershipOf({ metadata }: KubernetesObject): unknown {
  const { managedFields = [] } = metadata as { readonly managedFields?: readonly Record<string, unknown>[] };
  return managedFields.map(({ time: _, ...entry }) => entry);
}

/** An object without what changes by itself. */
function comparable({ metadata, ...rest }: KubernetesObject): unknown {
  const { resourceVersion: _, managedFields: __, generation: ___, ...kept } = metadata as Record<string, unknown>;
  return { ...rest, metadata: kept };
}

function differences(a: unknown, b: unknown, path: string): string[] {
  if (Object.is(a, b)) return [];
  const isTree = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
  if (!isTree(a) || !isTree(b) || Array.isArray(a) !== Array.isArray(b)) return [path];
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].flatMap((name) => {
    const below = Array.isArray(a) ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;
    return differences(a[name], b[name], below);
  });
}
