/** What this package knows of the Clusters of Cluster API, for whatever works on objects of any kind. */
import { failureOf, recordedConditions, statusByType, whyNot, type Condition } from '../conditions';
import { identityOf, unseenObject, type Kind, type LiveObject, type ObservedObject } from '../kind';
import { machineKind } from '../machine/kind';
import { API_VERSIONS, CLUSTER_NAME_LABEL } from './api-groups';
import { clusterFace } from './kind-face';
import { conditionTrue } from '../life';
import { clusterPhases } from './phases';
import { isWell } from './well';

/** How many machines of a part of a cluster there are to be, there are, and are as they should be. */
interface Replicas {
  readonly desired: number;
  readonly current: number;
  readonly upToDate: number;
  readonly available: number;
}

/** What is worth remembering of a Cluster. Its state is `available` where its condition says so, and its phase elsewhere. */
export interface ObservedCluster extends ObservedObject {
  readonly controlPlane: Replicas;
  readonly workers: Replicas;
  readonly isPaused: boolean;
  /** `status` of each condition, by its type. */
  readonly conditions: Readonly<Record<string, string>>;
}

interface ReplicasStatus {
  readonly desiredReplicas?: number;
  readonly replicas?: number;
  readonly upToDateReplicas?: number;
  readonly availableReplicas?: number;
}

interface ClusterObject extends LiveObject {
  readonly spec?: { readonly paused?: boolean };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
    readonly controlPlane?: ReplicasStatus;
    readonly workers?: ReplicasStatus;
  };
}

export const clusterKind: Kind<ObservedCluster> = {
  ...clusterFace,
  apiVersion: API_VERSIONS.core,
  plural: 'clusters',
  shortNames: ['cl'],
  states: ['pending', 'provisioning', 'provisioned', 'available', 'failed', 'deleting'],
  stateColumn: 'Phase',
  tableState: (cell) => stateOf(cell('Phase'), cell('Available') === 'True'),
  parts: { kind: machineKind, selector: (name) => `${CLUSTER_NAME_LABEL}=${name}`, field: 'cluster' },
  milestones: [
    ...['InfrastructureReady', 'ControlPlaneInitialized', 'RemoteConnectionProbe', 'ControlPlaneAvailable'],
    ...['WorkersAvailable', 'Available'],
  ].map(conditionTrue),
  phases: clusterPhases,

  observe(object: ClusterObject, shared) {
    const { spec = {}, status = {} } = object;
    const conditions = statusByType(status.conditions ?? [], shared);
    const state = shared(stateOf(status.phase ?? '', conditions['Available'] === 'True'));
    const controlPlane = replicasOf(status.controlPlane);
    const workers = replicasOf(status.workers);
    return {
      ...identityOf(object, shared),
      state,
      isSettled: state === 'available' && [controlPlane, workers].every(isWhole),
      ...failureOf(status.conditions ?? [], state === 'failed', shared),
      controlPlane,
      workers,
      isPaused: spec.paused ?? false,
      conditions,
    };
  },

  unseen(namespace, name) {
    const none = replicasOf({});
    return { ...unseenObject(namespace, name), controlPlane: none, workers: none, isPaused: false, conditions: {} };
  },

  *recorded(observed) {
    const { conditions, isPaused } = observed;
    yield ['paused', isPaused ? 'true' : ''];
    yield ['well', isWell(observed) ? 'true' : ''];
    yield* recordedConditions(conditions);
  },

  whyPending({ spec = {}, status = {} }: ClusterObject) {
    if (spec.paused === true) return 'it is paused (spec.paused)';
    const { conditions = [] } = status;
    const why = whyNot('Available', conditions);
    if (why !== undefined) return why;
    const behind = [
      ['control plane', replicasOf(status.controlPlane)],
      ['workers', replicasOf(status.workers)],
    ] as const;
    const texts = behind
      .filter(([, replicas]) => !isWhole(replicas))
      .map(([what, replicas]) => `${what}: ${text(replicas)}`);
    return texts.length === 0 ? undefined : texts.join('; ');
  },
};

/** A Cluster that is deleted stays available for a while by its conditions. */
function stateOf(phase: string, isAvailable: boolean): string {
  const state = phase.toLowerCase();
  if (state === 'unknown') return 'failed';
  return isAvailable && !['deleting', 'failed'].includes(state) ? 'available' : state;
}

function replicasOf({
  desiredReplicas = 0,
  replicas = 0,
  upToDateReplicas = 0,
  availableReplicas = 0,
}: ReplicasStatus = {}): Replicas {
  return { desired: desiredReplicas, current: replicas, upToDate: upToDateReplicas, available: availableReplicas };
}

/** While machines are replaced, there are more than there are to be. */
function isWhole({ desired, current, upToDate, available }: Replicas): boolean {
  return [current, upToDate, available].every((count) => count === desired);
}

function text({ desired, current, upToDate, available }: Replicas): string {
  return `${current} of ${desired} machines, ${upToDate} up-to-date, ${available} available`;
}
