/** Why a Deployment is not available: what Kubernetes says of its pods, in one sentence. */
import type { KubernetesClient } from '../kubernetes/client';
import type { NamespacedName } from '../kubernetes/objects';
import { collectionPath } from '../kubernetes/rest-mapper';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

export interface Deployment {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly generation: number;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly replicas?: number;
    readonly selector: { readonly matchLabels?: Readonly<Record<string, string>> };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly Condition[];
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly restartCount: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: { readonly reason?: string; readonly exitCode: number };
  };
}

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
  };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** @returns undefined where the newest revision of the Deployment is available as a whole */
export async function whyNotAvailable(
  client: KubernetesClient,
  deployment: NamespacedName,
): Promise<string | undefined> {
  const found = await client.request<Deployment>('GET', deploymentPath(deployment));
  const { metadata, spec } = found;
  const status = found.status ?? {};
  const wanted = spec.replicas ?? 1;
  const isSeen = (status.observedGeneration ?? 0) >= metadata.generation;
  const isNew = (status.updatedReplicas ?? 0) >= wanted && (status.replicas ?? 0) <= wanted;
  if (isSeen && isNew && (status.availableReplicas ?? 0) >= wanted) return undefined;
  const failure = status.conditions?.find((each) => each.type === 'ReplicaFailure' && each.status === 'True');
  const reasons =
    failure?.message === undefined ? await podReasons(client, metadata.namespace, spec) : [failure.message];
  const why = reasons.length > 0 ? reasons.join('; ') : 'no pod has been made yet';
  return `Deployment ${metadata.namespace}/${metadata.name}: ${why}`;
}

interface StatefulSet extends Deployment {
  readonly status?: Deployment['status'] & { readonly readyReplicas?: number };
}

/** @returns undefined where the newest revision of the StatefulSet has all of its pods, and they are ready */
export async function whyNotReady(client: KubernetesClient, set: NamespacedName): Promise<string | undefined> {
  const { metadata, spec, status = {} } = await client.request<StatefulSet>('GET', statefulSetPath(set));
  const wanted = spec.replicas ?? 1;
  const isSeen = (status.observedGeneration ?? 0) >= metadata.generation;
  const isNew = (status.updatedReplicas ?? 0) >= wanted && (status.replicas ?? 0) <= wanted;
  if (isSeen && isNew && (status.readyReplicas ?? 0) >= wanted) return undefined;
  const reasons = await podReasons(client, metadata.namespace, spec);
  const why = reasons.length > 0 ? reasons.join('; ') : 'no pod has been made yet';
  return `StatefulSet ${metadata.namespace}/${metadata.name}: ${why}`;
}

/** Where a StatefulSet is on the API server. */
export function statefulSetPath({ namespace, name }: NamespacedName): string {
  return `${collectionPath('apps/v1', 'statefulsets', namespace)}/${name}`;
}

/** The names of the pods of a Deployment that are ready. */
export async function readyPods(client: KubernetesClient, deployment: NamespacedName): Promise<readonly string[]> {
  return (await readyPodsAt(client, deploymentPath(deployment))).map(({ name }) => name);
}

/** Those of a StatefulSet. */
export async function readyPodsOfSet(client: KubernetesClient, set: NamespacedName): Promise<readonly string[]> {
  return (await readyPodsAt(client, statefulSetPath(set))).map(({ name }) => name);
}

/** The pods that are ready of the workload at a path: those of a StatefulSet have their names again once they are replaced. */
export async function readyPodsAt(
  client: KubernetesClient,
  path: string,
): Promise<readonly { readonly name: string; readonly uid: string }[]> {
  const { metadata, spec } = await client.request<Deployment>('GET', path);
  const isReady = ({ status }: Pod) =>
    status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True');
  return (await podsOf(client, metadata.namespace, spec))
    .filter((pod) => pod.metadata.deletionTimestamp === undefined && isReady(pod))
    .map(({ metadata: { name, uid } }) => ({ name, uid }));
}

/** Where a Deployment is on the API server. */
export function deploymentPath({ namespace, name }: NamespacedName): string {
  return `${collectionPath('apps/v1', 'deployments', namespace)}/${name}`;
}

/** Selects the pods of a Deployment. */
export function podSelector({ selector }: Deployment['spec']): string {
  return labelSelectorOf(selector.matchLabels ?? {});
}

/** What a list is asked for whose objects are to have all of some labels. */
export function labelSelectorOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([label, value]) => `${label}=${value}`)
    .join(',');
}

async function podsOf(client: KubernetesClient, namespace: string, spec: Deployment['spec']): Promise<readonly Pod[]> {
  const { items } = await client.request<{ readonly items: readonly Pod[] }>(
    'GET',
    collectionPath('v1', 'pods', namespace),
    { query: { labelSelector: podSelector(spec) } },
  );
  return items;
}

async function podReasons(client: KubernetesClient, namespace: string, spec: Deployment['spec']): Promise<string[]> {
  const pods = await podsOf(client, namespace, spec);
  return Promise.all(pods.map((pod) => podReason(client, pod)));
}

async function podReason(client: KubernetesClient, pod: Pod): Promise<string> {
  const { metadata } = pod;
  const status = pod.status ?? {};
  const say = (text: string) => `pod ${metadata.name} ${text}`;
  if (metadata.deletionTimestamp !== undefined) return say('is ending');
  const scheduled = status.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') return say(`is not scheduled: ${scheduled.message ?? 'no reason given'}`);
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const stuck = containers.find(({ ready }) => !ready);
  if (stuck === undefined) return say(status.phase === 'Running' ? 'has only just become ready' : 'is being started');
  const { waiting, terminated } = stuck.state ?? {};
  const reason = waiting?.reason ?? terminated?.reason ?? 'runs and is not ready';
  const message = waiting?.message === undefined ? '' : `: ${waiting.message}`;
  const isCrash = reason === 'CrashLoopBackOff' || terminated !== undefined;
  const detail = isCrash
    ? `, ${stuck.restartCount} restarts; the end of its log: ${await logTail(client, pod, stuck.name)}`
    : reason === 'ContainerCreating'
      ? await lastWarning(client, pod)
      : message;
  return say(`container ${stuck.name}: ${reason}${detail}`);
}

/** While a container is being created, only events say what it waits for: a Secret that is not there yet. */
async function lastWarning(client: KubernetesClient, { metadata }: Pod): Promise<string> {
  const path = collectionPath('v1', 'events', metadata.namespace);
  const query = { fieldSelector: `involvedObject.name=${metadata.name},type=Warning` };
  // A run in a pod has no right to them.
  const list = await client
    .request<{ readonly items: readonly { readonly message?: string }[] }>('GET', path, { query, retryMs: 0 })
    .catch(() => undefined);
  const message = list?.items.at(-1)?.message;
  return message === undefined ? '' : `: ${message}`;
}

async function logTail(client: KubernetesClient, { metadata }: Pod, container: string): Promise<string> {
  const path = `${collectionPath('v1', 'pods', metadata.namespace)}/${metadata.name}/log`;
  const query = { container, tailLines: 3 };
  // Whoever asks for text alone is refused: the API server takes the kinds that its objects have.
  const answer = await client
    .answer('GET', path, { retryMs: 0, query: { ...query, previous: true } })
    .catch(() => client.answer('GET', path, { retryMs: 0, query }))
    .catch(() => undefined);
  return answer?.text.trim().replaceAll('\n', ' | ') || 'it has written none';
}
