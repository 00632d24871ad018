/** What a workload cluster is, as the management cluster says it. All of what is simulated follows from it. */

export interface ClusterFacts {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Where its API server is expected; undefined until the infrastructure says so. */
  readonly endpoint: Address | undefined;
  /** Kubernetes version of its control plane, such as `v1.34.1`. */
  readonly version: string;
  /** Whether etcd runs on the control-plane nodes. */
  readonly hasStackedEtcd: boolean;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly dnsDomain: string;
  readonly machines: readonly MachineFacts[];
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface MachineFacts {
  readonly name: string;
  readonly uid: string;
  /** Kubernetes version; '' for that of the cluster. */
  readonly version: string;
  readonly isControlPlane: boolean;
  /** Whether Cluster API has seen its Node already. */
  readonly hasNode: boolean;
  /** '' until the infrastructure says so. */
  readonly providerId: string;
  /** Of its host that is provisioned; undefined where it has none. */
  readonly host: HostFacts | undefined;
}

export interface HostFacts {
  readonly uid: string;
  readonly name: string;
  /** Since when, in milliseconds since the epoch. */
  readonly provisionedAt: number;
  /** Its first address; '' where it has none. */
  readonly address: string;
  readonly cpus: number;
  readonly memoryMib: number;
  /** Since when its power is off, in milliseconds since the epoch; undefined while it is on. */
  readonly offSince: number | undefined;
  /** How often it has been seen to be switched on again. */
  readonly boots: number;
}
