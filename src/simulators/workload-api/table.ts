/** Objects as kubectl prints them: the server says what the columns are. */
import { fieldOf, type ApiObject } from './api-object';
import { isMap } from '../../util/is-map';

type Cell = string | number;

interface Column {
  readonly name: string;
  readonly cell: (object: ApiObject, now: number) => Cell;
  /** Whether only `-o wide` shows it. */
  readonly wide?: true;
}

const text =
  (path: string, missing = '<none>') =>
  (object: ApiObject): string => {
    const value = fieldOf(object, path);
    return typeof value === 'string' && value !== '' ? value : missing;
  };
const number = (path: string) => (object: ApiObject) => Number(fieldOf(object, path) ?? 0);
const count = (path: string) => (object: ApiObject) =>
  Object.keys((fieldOf(object, path) as object | null) ?? {}).length;
const NAME: Column = { name: 'Name', cell: ({ metadata }) => metadata.name };
const AGE: Column = {
  name: 'Age',
  cell: ({ metadata }, now) => duration(now - Date.parse(metadata.creationTimestamp)),
};

interface Named {
  readonly type?: string;
  readonly status?: string;
  readonly address?: string;
}
const listOf = <T = Named>(object: ApiObject, path: string) => {
  const value = fieldOf(object, path);
  return (Array.isArray(value) ? value.filter(isMap) : []) as readonly T[];
};
const addressOf = (type: string) => (object: ApiObject) =>
  listOf(object, 'status.addresses').find((each) => each.type === type)?.address ?? '<none>';

function nodeStatus(node: ApiObject): string {
  const ready = listOf(node, 'status.conditions').find(({ type }) => type === 'Ready')?.status;
  const state = ready === undefined ? 'Unknown' : ready === 'True' ? 'Ready' : 'NotReady';
  return fieldOf(node, 'spec.unschedulable') === true ? `${state},SchedulingDisabled` : state;
}

function nodeRoles({ metadata: { labels = {} } }: ApiObject): string {
  const prefix = 'node-role.kubernetes.io/';
  const roles = Object.keys(labels).filter((key) => key.startsWith(prefix));
  return (
    roles
      .map((key) => key.slice(prefix.length))
      .sort()
      .join(',') || '<none>'
  );
}

interface ContainerStatus {
  readonly ready?: boolean;
  readonly restartCount?: number;
}
const containers = (pod: ApiObject) => listOf<ContainerStatus>(pod, 'status.containerStatuses');
const podStatus = (pod: ApiObject) =>
  pod.metadata.deletionTimestamp === undefined ? text('status.phase', 'Pending')(pod) : 'Terminating';
const readyOf = (ready: string, all: string) => (object: ApiObject) =>
  `${number(ready)(object)}/${number(all)(object)}`;
const portsOf = (service: ApiObject) =>
  listOf<{ port?: number; protocol?: string }>(service, 'spec.ports')
    .map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`)
    .join(',') || '<none>';

const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  Node: [
    NAME,
    { name: 'Status', cell: nodeStatus },
    { name: 'Roles', cell: nodeRoles },
    AGE,
    { name: 'Version', cell: text('status.nodeInfo.kubeletVersion') },
    { name: 'Internal-IP', cell: addressOf('InternalIP'), wide: true },
    { name: 'External-IP', cell: addressOf('ExternalIP'), wide: true },
    { name: 'OS-Image', cell: text('status.nodeInfo.osImage', '<unknown>'), wide: true },
    { name: 'Kernel-Version', cell: text('status.nodeInfo.kernelVersion', '<unknown>'), wide: true },
    { name: 'Container-Runtime', cell: text('status.nodeInfo.containerRuntimeVersion', '<unknown>'), wide: true },
  ],
  Pod: [
    NAME,
    {
      name: 'Ready',
      cell: (pod) => `${containers(pod).filter(({ ready }) => ready).length}/${listOf(pod, 'spec.containers').length}`,
    },
    { name: 'Status', cell: podStatus },
    { name: 'Restarts', cell: (pod) => containers(pod).reduce((sum, { restartCount = 0 }) => sum + restartCount, 0) },
    AGE,
    { name: 'IP', cell: text('status.podIP'), wide: true },
    { name: 'Node', cell: text('spec.nodeName'), wide: true },
    { name: 'Nominated Node', cell: text('status.nominatedNodeName'), wide: true },
    { name: 'Readiness Gates', cell: () => '<none>', wide: true },
  ],
  Namespace: [NAME, { name: 'Status', cell: text('status.phase') }, AGE],
  ConfigMap: [NAME, { name: 'Data', cell: count('data') }, AGE],
  Secret: [NAME, { name: 'Type', cell: text('type', 'Opaque') }, { name: 'Data', cell: count('data') }, AGE],
  ServiceAccount: [NAME, { name: 'Secrets', cell: count('secrets') }, AGE],
  Service: [
    NAME,
    { name: 'Type', cell: text('spec.type', 'ClusterIP') },
    { name: 'Cluster-IP', cell: text('spec.clusterIP') },
    { name: 'External-IP', cell: () => '<none>' },
    { name: 'Port(s)', cell: portsOf },
    AGE,
  ],
  DaemonSet: [
    NAME,
    { name: 'Desired', cell: number('status.desiredNumberScheduled') },
    { name: 'Current', cell: number('status.currentNumberScheduled') },
    { name: 'Ready', cell: number('status.numberReady') },
    { name: 'Up-to-date', cell: number('status.updatedNumberScheduled') },
    { name: 'Available', cell: number('status.numberAvailable') },
    {
      name: 'Node Selector',
      cell: (set) => {
        const selected = (fieldOf(set, 'spec.template.spec.nodeSelector') as Record<string, string> | undefined) ?? {};
        return (
          Object.entries(selected)
            .map((each) => each.join('='))
            .join(',') || '<none>'
        );
      },
    },
    AGE,
  ],
  Deployment: [
    NAME,
    { name: 'Ready', cell: readyOf('status.readyReplicas', 'spec.replicas') },
    { name: 'Up-to-date', cell: number('status.updatedReplicas') },
    { name: 'Available', cell: number('status.availableReplicas') },
    AGE,
  ],
  ReplicaSet: [
    NAME,
    { name: 'Desired', cell: number('spec.replicas') },
    { name: 'Current', cell: number('status.replicas') },
    { name: 'Ready', cell: number('status.readyReplicas') },
    AGE,
  ],
  Lease: [NAME, { name: 'Holder', cell: text('spec.holderIdentity', '') }, AGE],
  Event: [
    { name: 'Last Seen', cell: (event, now) => duration(now - Date.parse(text('lastTimestamp', '')(event))) },
    { name: 'Type', cell: text('type') },
    { name: 'Reason', cell: text('reason') },
    {
      name: 'Object',
      cell: (event) => `${text('involvedObject.kind')(event).toLowerCase()}/${text('involvedObject.name')(event)}`,
    },
    { name: 'Message', cell: text('message', '') },
  ],
  ClusterRoleBinding: [
    NAME,
    { name: 'Role', cell: (each) => `${text('roleRef.kind')(each)}/${text('roleRef.name')(each)}` },
    AGE,
  ],
  RoleBinding: [
    NAME,
    { name: 'Role', cell: (each) => `${text('roleRef.kind')(each)}/${text('roleRef.name')(each)}` },
    AGE,
  ],
  Role: [NAME, { name: 'Created At', cell: ({ metadata }) => metadata.creationTimestamp }],
  ClusterRole: [NAME, { name: 'Created At', cell: ({ metadata }) => metadata.creationTimestamp }],
};

/** How much of an object a row has besides its cells. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** @param now milliseconds since the epoch */
export function tableOf(
  kind: string,
  objects: readonly ApiObject[],
  metadata: object,
  include: IncludeObject,
  now = Date.now(),
): object {
  const columns = COLUMNS[kind] ?? [NAME, AGE];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: columns.map(({ name, wide }) => {
      const type = name === 'Desired' || name === 'Current' ? 'integer' : 'string';
      const format = name === 'Name' ? 'name' : '';
      return { name, type, format, description: '', priority: wide ? 1 : 0 };
    }),
    rows: objects.map((object) => {
      const shown = { None: undefined, Metadata: partial(object), Object: object }[include];
      return { cells: columns.map(({ cell }) => cell(object, now)), object: shown };
    }),
  };
}

/** An object without all that is its kind's own. */
export function partial({ metadata }: ApiObject): object {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

/** A time as kubectl says it. */
export function duration(ms: number): string {
  if (Number.isNaN(ms)) return '<unknown>';
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  const with_ = (whole: number, unit: string, rest: number, small: string) =>
    rest === 0 ? `${whole}${unit}` : `${whole}${unit}${rest}${small}`;
  if (minutes < 10) return with_(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return with_(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 192) return with_(days, 'd', hours % 24, 'h');
  if (days < 730) return `${days}d`;
  return with_(Math.floor(days / 365), 'y', days % 365, 'd');
}
