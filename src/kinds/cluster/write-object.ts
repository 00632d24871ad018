/** Writes an object that belongs to others, as it was elsewhere. */
import type { KubernetesClient, RequestOptions } from '../../kubernetes/client';
import { ignoreNotFound } from '../../kubernetes/ignore-not-found';
import { metadataOnly } from '../../kubernetes/metadata-only';
import type { KubernetesObject, NamespacedName } from '../../kubernetes/objects';
import { collectionPath, itemPath } from '../../kubernetes/rest-mapper';
import { inParallel } from '../../util/in-parallel';
import type { GraphKind, GraphNode, ManagedFields, OwnerReference } from './object-graph';

/** Objects of a cluster that are written at the same time. */
export const IN_FLIGHT = 8;
/** As whom; the fields of what is described are said to be our own as anywhere else. */
const FIELD_MANAGER = 'metal3-testbed-clusters';

/** One object to write. */
export interface Copied {
  /** What it is a copy of. */
  readonly of: GraphNode;
  readonly kind: GraphKind;
  readonly object: Omit<KubernetesObject, 'metadata'> & {
    readonly metadata: KubernetesObject['metadata'] & NamespacedName;
  };
  readonly owners: readonly { readonly owner: GraphNode; readonly reference: OwnerReference }[];
  /** undefined where others say it anew. */
  readonly status: object | undefined;
  /** Whether its status is told once all objects are there. @default false */
  readonly isStatusLast?: boolean;
  /** Who is to have written which fields, where that matters later; the uids of owners as they were. */
  readonly managedFields: readonly ManagedFields[] | undefined;
}

export interface WriteTarget {
  readonly client: KubernetesClient;
  readonly signal: AbortSignal | undefined;
  /** Told of each write that is sent again. */
  readonly onRetry: () => void;
}

/** What was asked to be made is there already. */
class AlreadyThere extends Error {}

/** Makes an object, or brings the one that is there to what it should be. */
async function writeObject(
  { kind, object, owners }: Copied,
  uids: ReadonlyMap<GraphNode, string>,
  target: WriteTarget,
): Promise<Written['metadata']> {
  const { client, onRetry } = target;
  const { namespace, name } = object.metadata;
  const ownerReferences = owners.flatMap(({ owner, reference }) => {
    const uid = uids.get(owner);
    return uid === undefined ? [] : [{ ...reference, uid }];
  });
  const body = { ...object, metadata: { ...object.metadata, ownerReferences } };
  const post = () =>
    client.request<Written>('POST', collectionPath(kind.apiVersion, kind.plural, namespace), {
      ...optionsOf(target),
      body,
      onRetry: ({ status: refusal }) => {
        if (refusal === 409) throw new AlreadyThere();
        onRetry();
      },
    });
  const written = await post().catch((error: unknown) => {
    if (!(error instanceof AlreadyThere)) throw error;
    return patchObject(itemPath(kind, namespace, name), body, target);
  });
  return written.metadata;
}

/** Says of an object that is there what its managers have said of it, and who has written it. */
async function writeStatus(
  { of, kind, object, owners, status, managedFields }: Copied,
  generation: number | undefined,
  uids: ReadonlyMap<GraphNode, string>,
  target: WriteTarget,
): Promise<void> {
  const path = itemPath(kind, object.metadata.namespace, object.metadata.name);
  // A kind without a status of its own has been given it with the rest.
  if (status !== undefined) {
    const seen = observedAt(status, of.object.metadata.generation, generation);
    await ignoreNotFound(patchObject(`${path}/status`, { status: seen }, target));
  }
  // Not with the status: there the API server says itself who has written what.
  if (managedFields !== undefined) {
    let text = JSON.stringify(managedFields);
    for (const { owner } of owners) text = text.replaceAll(owner.object.metadata.uid, uids.get(owner) ?? '');
    await patchObject(path, { metadata: { managedFields: JSON.parse(text) as unknown } }, target);
  }
}

/**
 * Makes objects step by step, each after what it belongs to.
 *
 * @param steps of objects that may be written side by side
 */
export async function writeInOrder(steps: readonly (readonly Copied[])[], target: WriteTarget): Promise<void> {
  const uids = new Map<GraphNode, string>();
  const last: (() => Promise<void>)[] = [];
  for (const step of steps)
    await inParallel(
      step,
      IN_FLIGHT,
      async (copied) => {
        const { uid, generation } = await writeObject(copied, uids, target);
        uids.set(copied.of, uid);
        const tell = () => writeStatus(copied, generation, uids, target);
        if (copied.isStatusLast === true) last.push(tell);
        else await tell();
      },
      target.signal,
    );
  for (const tell of last) await tell();
}

interface Written {
  readonly metadata: { readonly uid: string; readonly generation?: number };
}

/**
 * A status that was observed of one generation, as of another one: each controller would write that anew, and whoever compares
 * generations would wait for it.
 */
export function observedAt(value: object, from: number | undefined, to: number | undefined): object {
  if (from === undefined || to === undefined || from === to) return value;
  return JSON.parse(
    JSON.stringify(value, (key, each: unknown) => (key === 'observedGeneration' && each === from ? to : each)),
  ) as object;
}

/** @param body a merge patch. @throws ApiError (404) where there is none */
export function patchObject(path: string, body: object, target: WriteTarget): Promise<Written> {
  return target.client.request<Written>('PATCH', path, {
    ...optionsOf(target),
    contentType: 'application/merge-patch+json',
    body,
    onRetry: target.onRetry,
  });
}

function optionsOf({ signal }: WriteTarget): RequestOptions {
  return { query: { fieldManager: FIELD_MANAGER }, accept: metadataOnly('PartialObjectMetadata'), signal };
}

/** Whether a manager would take away fields of an object that it no longer has in what it applies. */
export function isApplied(fields: readonly ManagedFields[] = []): boolean {
  return fields.some(({ operation }) => operation === 'Apply');
}

/** A patch that takes an annotation away. */
export function withoutAnnotation(annotation: string): { readonly metadata: object } {
  return { metadata: { annotations: { [annotation]: null } } };
}
