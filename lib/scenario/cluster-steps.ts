/** What a scenario may do to clusters, as TypeScript and `testbed.yaml` say it. */
import type { MachineImage } from '../kinds/cluster/cluster-set-props';
import type { ClusterSelection } from './selections';

/** The states in which a cluster can be made to start. */
export type SeededClusterState = 'available';

/** Clusters that are made some at a time. */
export interface CreateWaves {
  /** How many clusters a wave has. */
  readonly size: number;
  /**
   * How long it is from the beginning of one wave to that of the next.
   * @default - a wave begins when all clusters of the one before are available
   */
  readonly everySeconds?: number | undefined;
}

/**
 * Makes clusters of the description, and waits until they are available and nothing of them is left to do. A run whose first
 * step for a cluster makes it begins without it; the hosts that its set makes are there before the first step.
 */
export interface CreateStep extends ClusterSelection {
  /**
   * Makes them some at a time.
   * @default - all at once, or at the rate of `perSecond`
   */
  readonly waves?: CreateWaves | undefined;
  /**
   * The state that clusters start in, as if they had come from another management cluster: of each shape one is brought up, and
   * all others are written as it is by then, with hosts that are provisioned. For clusters whose set makes their hosts.
   * @default - none: each is brought up
   */
  readonly state?: SeededClusterState | undefined;
}

/** Changes how many machines the control plane of clusters has, and waits until it has them. */
export interface ScaleControlPlaneStep extends ClusterSelection {
  /** How many; an odd number where etcd is stacked. */
  readonly replicas: number;
}

/** Changes how many workers clusters have, and waits until they have them. */
export interface ScaleWorkersStep extends ClusterSelection {
  /** How many machines a MachineDeployment has. */
  readonly replicas: number;
  /**
   * Which of `machineDeployments`, by name.
   * @default - each of them
   */
  readonly machineDeployment?: string | undefined;
}

/**
 * Replaces all machines by ones of another Kubernetes version, those of the control plane first, and waits until the old
 * ones are gone and nothing is left to do.
 */
export interface UpgradeStep extends ClusterSelection {
  /** The version, such as `v1.36.0`: newer than that of the clusters, by one minor version at most. */
  readonly version: string;
  /**
   * The image of all machines. `{version}` in it is the Kubernetes version.
   * @default - that of the set, in which `{version}` is the new one
   */
  readonly image?: MachineImage | undefined;
}

/** Replaces machines by ones that are as they were, and waits until the old ones are gone and nothing is left to do. */
export interface RolloutStep extends ClusterSelection {
  /**
   * Which machines.
   * @default - all
   */
  readonly role?: 'controlPlane' | 'workers' | undefined;
}

/**
 * Moves clusters with their hosts to another management cluster, as `clusterctl move` does, a namespace after the other, and
 * waits until they are gone here, and available there with nothing left to do.
 */
export interface MoveStep extends ClusterSelection {
  /** The name of another description of the same run: `b` for `run a.yaml b.yaml`. Its clusters may be none (`count: 0`). */
  readonly to: string;
}

/**
 * Marks machines as an administrator does who wants them remediated (`cluster.x-k8s.io/remediate-machine`), and waits until
 * their hosts were rebooted, or others have taken their place, as `healthCheck.remediation` of the set says.
 */
export interface RemediateStep extends ClusterSelection {
  /** Whether machines of the control plane, of which it is one of each cluster, or workers. */
  readonly role: 'controlPlane' | 'workers';
  /**
   * How many of the workers of each cluster, above 0 and up to 1; one at least.
   * @default - one
   */
  readonly machineShare?: number | undefined;
}
