/** Writes a cluster that is like another one, object by object, and hands it to the managers once all of it is there. */
import { hostAnnotations } from '../../../../lib/kinds/bare-metal-host/manifests';
import { clusterKind } from '../../../../lib/kinds/cluster/kind';
import type { KubernetesClient, RequestOptions } from '../../../kubernetes/client';
import { ignoreNotFound } from '../../../kubernetes/ignore-not-found';
import { metadataOnly } from '../../../kubernetes/metadata-only';
import { collectionPath, itemPath } from '../../../kubernetes/rest-mapper';
import { inParallel } from '../../../util/in-parallel';
import { isOf, type GraphNode } from '../object-graph';
import { SEEDING, type Copied, type Likeness } from './likeness';
import { HOST_GROUP } from './recording';

/** As of what is written for each cluster; those that come to be applied have our own. */
const FIELD_MANAGER = 'metal3-testbed-seeding';
const IN_FLIGHT = 8;
const MERGE = 'application/merge-patch+json';

interface Written {
  readonly metadata: { readonly uid: string };
}

/** What was asked to be made is there already. */
class AlreadyThere extends Error {}

export interface WriteLikeness {
  readonly client: KubernetesClient;
  readonly signal: AbortSignal | undefined;
  /** Told of each write that is sent again. */
  readonly onRetry: () => void;
}

/** Writes all of it; what is there already, of an earlier try, is brought to what it should be. */
export async function writeLikeness({ steps }: Likeness, target: WriteLikeness): Promise<void> {
  const uids = new Map<GraphNode, string>();
  for (const step of steps)
    await inParallel(
      step,
      IN_FLIGHT,
      async (copied) => {
        uids.set(copied.of, await write(copied, uids, target));
      },
      target.signal,
    );
  await release(steps.flat(), target);
}

async function write(
  { kind, object, owners, status, managedFields }: Copied,
  uids: ReadonlyMap<GraphNode, string>,
  target: WriteLikeness,
): Promise<string> {
  const { client, signal } = target;
  const { namespace, name } = object.metadata;
  const path = itemPath(kind, namespace, name);
  const ownerReferences = owners.flatMap(({ owner, reference }) => {
    const uid = uids.get(owner);
    return uid === undefined ? [] : [{ ...reference, uid }];
  });
  const options: RequestOptions = {
    query: { fieldManager: FIELD_MANAGER },
    accept: metadataOnly('PartialObjectMetadata'),
    signal,
  };
  const body = { ...object, metadata: { ...object.metadata, ownerReferences } };
  const patch = (where: string, what: object) =>
    client.request<Written>('PATCH', where, { ...options, contentType: MERGE, body: what, onRetry: target.onRetry });
  const { uid } = (
    await client
      .request<Written>('POST', collectionPath(kind.apiVersion, kind.plural, namespace), {
        ...options,
        body,
        onRetry: ({ status: refusal }) => {
          if (refusal === 409) throw new AlreadyThere();
          target.onRetry();
        },
      })
      .catch((error: unknown) => {
        if (!(error instanceof AlreadyThere)) throw error;
        return patch(path, body);
      })
  ).metadata;
  // A kind without a status of its own has been given it with the rest.
  if (status !== undefined) await ignoreNotFound(patch(`${path}/status`, { status }));
  if (managedFields !== undefined) {
    let text = JSON.stringify(managedFields);
    for (const { owner } of owners) text = text.replaceAll(owner.object.metadata.uid, uids.get(owner) ?? '');
    await patch(path, { metadata: { managedFields: JSON.parse(text) as unknown } });
  }
  return uid;
}

/** Lets managers take care of it: of the cluster first, whose hosts would be paused again otherwise. */
async function release(all: readonly Copied[], { client, signal, onRetry }: WriteLikeness): Promise<void> {
  const change = ({ kind, object }: Copied, body: object) =>
    client.request('PATCH', itemPath(kind, object.metadata.namespace, object.metadata.name), {
      query: { fieldManager: FIELD_MANAGER },
      accept: metadataOnly('PartialObjectMetadata'),
      contentType: MERGE,
      ...{ body, signal, onRetry },
    });
  const annotated = (annotation: string) => ({ metadata: { annotations: { [annotation]: null } } });
  for (const each of all)
    if (each.kind.kind === clusterKind.kind) await change(each, { ...annotated(SEEDING), spec: { paused: null } });
  const hosts = all.filter((each) => isOf(each.of, HOST_GROUP, 'BareMetalHost'));
  await inParallel(
    hosts,
    IN_FLIGHT,
    async (host) => {
      await change(host, annotated(hostAnnotations.paused));
    },
    signal,
  );
}
