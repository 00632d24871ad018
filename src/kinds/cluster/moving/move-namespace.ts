/**
 * Moves all clusters of a namespace to another management cluster, in the order of `clusterctl move`: they are paused, made
 * there one after what it belongs to, deleted here the other way round, and unpaused there. One that was cut off goes on when
 * it is done again.
 */
import { hostAnnotations, PAUSED_BY_CAPM3 } from '../../../../lib/kinds/bare-metal-host/manifests';
import { bareMetalHostKind } from '../../../../lib/kinds/bare-metal-host/kind';
import { TestbedError } from '../../../../lib/errors';
import { API_VERSIONS, GROUPS } from '../../../../lib/kinds/cluster/api-groups';
import { clusterKind } from '../../../../lib/kinds/cluster/kind';
import { machineKind } from '../../../../lib/kinds/machine/kind';
import { withoutUndefined } from '../../../../lib/without-undefined';
import { ignoreNotFound } from '../../../kubernetes/ignore-not-found';
import type { KubernetesClient } from '../../../kubernetes/client';
import { listMetadata } from '../../../install/metadata';
import { collectionPath } from '../../../kubernetes/rest-mapper';
import { inParallel } from '../../../util/in-parallel';
import { until } from '../../../util/until';
import { inOrderOfOwners, isHost, ObjectGraph, type GraphNode, type StoredObject } from '../object-graph';
import { IN_FLIGHT, isApplied, patchObject, withoutAnnotation, writeInOrder, type Copied } from '../write-object';

/** On what is under way, on both sides, by which it is known from what somebody has paused; its value means nothing. */
export const MOVING = 'metal3-testbed/moving';
const PAUSED = `${GROUPS.core}/paused`;
const CLUSTER_CLASS = 'ClusterClass';
/** As clusterctl marks what it deletes: it lives on elsewhere. */
const DELETE_FOR_MOVE = 'clusterctl.cluster.x-k8s.io/delete-for-move';
/** On what its provider does not want moved yet. */
const BLOCK_MOVE = 'clusterctl.cluster.x-k8s.io/block-move';
const UNBLOCK_MS = 120_000;
const ASK_MS = 500;
const SHOWN = 3;

export interface MoveNamespace {
  readonly namespace: string;
  readonly from: KubernetesClient;
  readonly to: KubernetesClient;
  readonly signal: AbortSignal | undefined;
  /** Told of each write that is sent again. */
  readonly onRetry: () => void;
}

interface Cluster extends StoredObject {
  readonly spec?: { readonly paused?: boolean };
  readonly status?: {
    readonly initialization?: {
      readonly infrastructureProvisioned?: boolean;
      readonly controlPlaneInitialized?: boolean;
    };
  };
}

/** @throws TestbedError (`cluster`) for what is not to be moved now, before anything is changed; (`timeout`) for what blocks it */
export async function moveNamespace(move: MoveNamespace): Promise<void> {
  const { namespace, from, to, signal, onRetry } = move;
  const before = await ObjectGraph.read(from, namespace, signal);
  requireMovable(before);
  const source = { client: from, signal, onRetry };
  const change = ({ path }: GraphNode, body: object) => ignoreNotFound(patchObject(path, body, source));
  const moving = { annotations: { [MOVING]: '' } };
  for (const cluster of before.of(GROUPS.core, clusterKind.kind))
    await change(cluster, { metadata: moving, spec: { paused: true } });
  for (const each of before.of(GROUPS.core, CLUSTER_CLASS))
    await change(each, { metadata: { annotations: { ...moving.annotations, [PAUSED]: '' } } });
  await untilUnblocked(move);
  // As all is now that nobody changes it any more.
  const graph = await ObjectGraph.read(from, namespace, signal);
  const hierarchies = graph.hierarchyOf(graph.nodes.filter(({ isHierarchy }) => isHierarchy));
  const steps = inOrderOfOwners(new Set([...hierarchies, ...graph.nodes.filter(({ isMoved }) => isMoved)]));
  const copies = steps.map((step) => step.map(copyOf));
  await writeInOrder(copies, { client: to, signal, onRetry });
  for (const step of steps.toReversed())
    await inParallel(
      step,
      IN_FLIGHT,
      async (node) => {
        await change(node, { metadata: { annotations: { [DELETE_FOR_MOVE]: '' } } });
        await ignoreNotFound(from.request('DELETE', node.path, { signal, onRetry }));
        await change(node, { metadata: { finalizers: null } });
      },
      signal,
    );
  await release(move);
}

/** @throws TestbedError (`cluster`) naming clusters and machines that are not ready yet, or are paused by somebody else */
function requireMovable(graph: ObjectGraph): void {
  const problems: string[] = [];
  let isUnderWay = false;
  for (const { object } of graph.of(GROUPS.core, clusterKind.kind)) {
    const { metadata, spec, status } = object as Cluster;
    const name = `cluster ${metadata.namespace}/${metadata.name}`;
    if (metadata.annotations?.[MOVING] !== undefined) {
      isUnderWay = true;
      continue;
    }
    const { infrastructureProvisioned = false, controlPlaneInitialized = false } = status?.initialization ?? {};
    if (metadata.deletionTimestamp !== undefined) problems.push(`${name} is being deleted`);
    else if (spec?.paused === true || metadata.annotations?.[PAUSED] !== undefined)
      problems.push(`${name} is paused: unpause it before`);
    else if (!infrastructureProvisioned) problems.push(`the infrastructure of ${name} is not provisioned yet`);
    else if (!controlPlaneInitialized) problems.push(`the control plane of ${name} is not initialized yet`);
  }
  for (const { object } of graph.of(GROUPS.core, machineKind.kind)) {
    const { status } = object as { readonly status?: { readonly nodeRef?: { readonly name?: string } } };
    const { namespace, name } = object.metadata;
    if (!isUnderWay && status?.nodeRef?.name === undefined)
      problems.push(`machine ${namespace}/${name} has no Node yet`);
  }
  if (problems.length === 0) return;
  const more = problems.length > SHOWN ? `; and ${problems.length - SHOWN} more` : '';
  throw new TestbedError('cluster', `not moved: ${problems.slice(0, SHOWN).join('; ')}${more}`);
}

async function untilUnblocked({ from, namespace, signal }: MoveNamespace): Promise<void> {
  let blocked: readonly string[] = [];
  const isFree = async () => {
    const graph = await ObjectGraph.read(from, namespace, signal);
    blocked = graph.nodes
      .filter(({ object: { metadata } }) => metadata.annotations?.[BLOCK_MOVE] !== undefined)
      .map(({ kind, object: { metadata } }) => `${kind.kind} ${metadata.namespace}/${metadata.name}`);
    return blocked.length === 0;
  };
  if (await until(isFree, { deadlineMs: UNBLOCK_MS, everyMs: ASK_MS, signal })) return;
  throw new TestbedError(
    'timeout',
    `not moved, timed out after ${UNBLOCK_MS / 1000} s: ${blocked.slice(0, SHOWN).join(', ')} still has the annotation ${BLOCK_MOVE} of its provider`,
  );
}

/** An object as it is made elsewhere: without its status, but for hosts, whose machines nobody is to begin with anew. */
function copyOf(node: GraphNode): Copied {
  const { kind, object } = node;
  const { status, metadata, ...rest } = object as StoredObject & { readonly status?: object };
  const { name, namespace, labels, finalizers } = metadata;
  const annotations = isHost(node) ? hostAnnotationsOf(object, status) : metadata.annotations;
  return {
    ...{ of: node, kind, status: undefined },
    object: { ...rest, metadata: { name, namespace, labels, annotations, finalizers } },
    owners: [...node.owners].map(([owner, reference]) => ({ owner, reference })),
    managedFields: isApplied(metadata.managedFields) ? metadata.managedFields : undefined,
  };
}

/** CAPM3 writes both for hosts of paused clusters, a moment later; of all others somebody has to. */
function hostAnnotationsOf(host: StoredObject, status: object | undefined): Readonly<Record<string, string>> {
  const { annotations = {} } = host.metadata;
  const { consumerRef } = (host['spec'] ?? {}) as { readonly consumerRef?: object };
  const own = withoutUndefined({
    [hostAnnotations.status]: status && JSON.stringify(status),
    [hostAnnotations.paused]: consumerRef && PAUSED_BY_CAPM3,
  });
  return { ...(own as Readonly<Record<string, string>>), ...annotations };
}

/** Lets the managers on the other side take care of what has come there. */
async function release({ namespace, to, signal, onRetry }: MoveNamespace): Promise<void> {
  const target = { client: to, signal, onRetry };
  const list = async (apiVersion: string, plural: string) => {
    const path = collectionPath(apiVersion, plural, namespace);
    const objects = await listMetadata(to, path, { signal });
    return objects.map(({ metadata: { name, annotations = {} } }) => ({ path: `${path}/${name}`, annotations }));
  };
  const own = async (plural: string) =>
    (await list(API_VERSIONS.core, plural)).filter(({ annotations }) => annotations[MOVING] !== undefined);
  for (const { path } of await own('clusterclasses'))
    await patchObject(path, { metadata: { annotations: { [MOVING]: null, [PAUSED]: null } } }, target);
  for (const { path } of await own('clusters'))
    await patchObject(path, { ...withoutAnnotation(MOVING), spec: { paused: null } }, target);
  // CAPM3 does the same where it is there.
  const hosts = await list(bareMetalHostKind.apiVersion, bareMetalHostKind.plural);
  const paused = hosts.filter(({ annotations }) => annotations[hostAnnotations.paused] === PAUSED_BY_CAPM3);
  await inParallel(
    paused,
    IN_FLIGHT,
    async ({ path }) => {
      await patchObject(path, withoutAnnotation(hostAnnotations.paused), target);
    },
    signal,
  );
}
