import type { ClusterHealthCheck, ClusterPool, MachineMetaData, MachineNetworkData } from './types';
import type { HostSetProps } from '../bare-metal-host/host-set-props';
import type { SensitiveText } from '../bare-metal-host/credentials';
import type { Image, SecretReference } from '../bare-metal-host/schema';

/** Where the API of a cluster is reached. */
export interface ClusterEndpoint {
  /** IP address or DNS name, without scheme and port. */
  readonly host: string;
  /** From 1 to 65535. */
  readonly port: number;
}

/** The image that the machines of a cluster are provisioned with; in test mode nobody fetches it. */
export interface MachineImage {
  /** Where it is: `http://host/path`. `{version}` in it is the machine's Kubernetes version. */
  readonly url: string;
  /**
   * Its checksum, or the URL of a file that has it. `{version}` in it is the machine's Kubernetes version.
   * @default - none, which only a live ISO and an `oci://` image can do without
   */
  readonly checksum?: string | undefined;
  /**
   * How the checksum is made.
   * @default - not written: BMO takes it for md5
   */
  readonly checksumType?: 'md5' | 'sha256' | 'sha512' | undefined;
  /**
   * Format of the image.
   * @default - not written: Ironic finds it out
   */
  readonly diskFormat?: NonNullable<Image['format']> | undefined;
}

/** A certificate authority that all clusters of a set have. */
export interface CertificateAuthority {
  /** Its certificate, PEM. */
  readonly certificate: string;
  /** Its private key, PEM: of RSA, or of ECDSA on a curve of NIST. */
  readonly key: string | SensitiveText;
}

/** Which hosts machines may be put on: those that fit all that is said. */
export interface HostSelector {
  /**
   * Labels that a host has, with their values.
   * @default - any
   */
  readonly matchLabels?: Readonly<Record<string, string>> | undefined;
  /**
   * Conditions on labels.
   * @default - none
   */
  readonly matchExpressions?: readonly HostRequirement[] | undefined;
}

/** A condition on a label of hosts. */
export interface HostRequirement {
  /** The label. */
  readonly key: string;
  /** What its value has to do with `values`: `exists` and `!` have none, `gt` and `lt` one. */
  readonly operator: '!' | '!=' | '=' | '==' | 'exists' | 'gt' | 'in' | 'lt' | 'notin';
  /**
   * The values.
   * @default []
   */
  readonly values?: readonly string[] | undefined;
}

/** How machines are replaced by new ones. */
export interface RolloutStrategy {
  /**
   * `RollingUpdate`, or `OnDelete`: worker machines are replaced once somebody deletes them.
   * @default 'RollingUpdate'
   */
  readonly type?: 'OnDelete' | 'RollingUpdate' | undefined;
  /**
   * How many worker machines there may be beyond what is wanted, as a number or a share such as `25%`. Each needs a host.
   * @default - 1, as Cluster API has it
   */
  readonly maxSurge?: number | string | undefined;
  /**
   * How many worker machines may be missing, as a number or a share such as `25%`.
   * @default - 0, as Cluster API has it
   */
  readonly maxUnavailable?: number | string | undefined;
  /**
   * How many control plane machines there may be beyond what is wanted: 1, which needs a host, or 0, which needs three of them.
   * @default - 1, as Cluster API has it
   */
  readonly controlPlaneMaxSurge?: 0 | 1 | undefined;
}

/** Some of a cluster's workers: one MachineDeployment. */
export interface MachineGroup {
  /** What it is called, behind the cluster's name. */
  readonly name: string;
  /**
   * How many machines it has.
   * @default 1
   */
  readonly replicas?: number | undefined;
  /**
   * Kubernetes version of its machines.
   * @default - the cluster's
   */
  readonly kubernetesVersion?: string | undefined;
  /**
   * Image of its machines.
   * @default - the cluster's
   */
  readonly image?: MachineImage | undefined;
  /**
   * Which hosts they may be put on.
   * @default - the cluster's
   */
  readonly hostSelector?: HostSelector | undefined;
  /**
   * Labels of its machines.
   * @default - none but Cluster API's
   */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /**
   * Failure domain of its machines.
   * @default - none
   */
  readonly failureDomain?: string | undefined;
}

/** What a cluster is like: the same for all of a set, or otherwise for some. */
export interface ClusterOptions {
  /**
   * Kubernetes version, such as `v1.35.0`: one that the Cluster API release supports.
   * @default 'v1.35.0'
   */
  readonly kubernetesVersion?: string | undefined;
  /**
   * How many control plane machines; an odd number where etcd is stacked.
   * @default 1
   */
  readonly controlPlanes?: number | undefined;
  /**
   * How many worker machines, in one MachineDeployment, `{cluster}-workers`.
   * @default 1
   */
  readonly workers?: number | undefined;
  /**
   * The worker machines group by group, a MachineDeployment each, instead of `workers`; [] for none at all.
   * @default - one of `workers` machines
   */
  readonly machineDeployments?: readonly MachineGroup[] | undefined;
  /**
   * Where etcd is: `stacked`, on the control plane machines as kubeadm has it, or `external`.
   * @default 'stacked'
   */
  readonly etcd?: 'external' | 'stacked' | undefined;
  /**
   * URLs of the external etcd. Nobody asks it for anything.
   * @default ['https://127.0.0.1:2379'] - for external etcd
   */
  readonly etcdEndpoints?: readonly string[] | undefined;
  /**
   * Blocks of addresses for Pods: at most one of IPv4 and one of IPv6.
   * @default ['10.244.0.0/16']
   */
  readonly podCidrBlocks?: readonly string[] | undefined;
  /**
   * Blocks of addresses for Services: at most one of IPv4 and one of IPv6.
   * @default ['10.96.0.0/12']
   */
  readonly serviceCidrBlocks?: readonly string[] | undefined;
  /**
   * DNS domain of Services.
   * @default 'cluster.local'
   */
  readonly serviceDomain?: string | undefined;
  /**
   * Image of the machines.
   * @default - a qcow2 image for the Kubernetes version at a host that does not exist
   */
  readonly image?: MachineImage | undefined;
  /**
   * Secret with user data for the machines, instead of what the kubeadm bootstrap provider makes.
   * @default - that
   */
  readonly userData?: SecretReference | undefined;
  /**
   * Whether machines are told about themselves, by a Metal3DataTemplate for the control plane and one for each group of workers.
   * @default true
   */
  readonly dataTemplates?: boolean | undefined;
  /**
   * What cloud-init of the machines is told, besides the names that kubeadm asks for.
   * @default - no more than those
   */
  readonly metaData?: MachineMetaData | undefined;
  /**
   * What the network of the machines is like.
   * @default - as the hosts say
   */
  readonly networkData?: MachineNetworkData | undefined;
  /**
   * Which machines are not well, and what is done about them.
   * @default - nobody looks
   */
  readonly healthCheck?: ClusterHealthCheck | undefined;
  /**
   * How the disks of a host are cleaned before it is used again.
   * @default - what the host says
   */
  readonly automatedCleaningMode?: 'disabled' | 'metadata' | undefined;
  /**
   * Which hosts the machines may be put on, instead of hosts of the set's own: hosts of this description, in the namespace of
   * the cluster.
   * @default - the hosts that the set makes
   */
  readonly hostSelector?: HostSelector | undefined;
  /**
   * How long Cluster API waits for the Pods of a Node to go before it deletes the machine, in seconds; 0 for as long as it takes.
   * @default - not written: as long as it takes
   */
  readonly nodeDrainTimeoutSeconds?: number | undefined;
  /**
   * How long it waits for the volumes of a Node to be detached, in seconds; 0 for as long as it takes.
   * @default - not written: as long as it takes
   */
  readonly nodeVolumeDetachTimeoutSeconds?: number | undefined;
  /**
   * How long it tries to delete the Node of a machine that is gone, in seconds; 0 for as long as it takes.
   * @default - not written: Cluster API's own, 10
   */
  readonly nodeDeletionTimeoutSeconds?: number | undefined;
  /**
   * How machines are replaced.
   * @default - one by one, a new one first
   */
  readonly rollout?: RolloutStrategy | undefined;
  /**
   * Labels of the Clusters.
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /**
   * Annotations of the Clusters.
   * @default - none
   */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether Cluster API shall leave the cluster alone.
   * @default false
   */
  readonly paused?: boolean | undefined;
}

/** What one cluster may have that its set does not give it. */
export interface ClusterOverride extends ClusterOptions {
  /**
   * Where its API is reached.
   * @default - as the set computes it
   */
  readonly endpoint?: ClusterEndpoint | undefined;
}

/** An override for the clusters of some indexes, in a form that YAML can hold. */
export interface ClusterOverrideRule extends ClusterOverride {
  /** Which clusters, by index: `7`, `'7'`, `'10-20'` or `'1,5,10-20'`. */
  readonly clusters: string | number;
}

/** What identifies a cluster of a set; all of it follows from the index. */
export interface ClusterIdentity {
  /** Its place in the set, from `firstIndex` on. */
  readonly index: number;
  /** Its name, as `namePattern` has it. */
  readonly name: string;
  /** Its namespace. */
  readonly namespace: string;
}

/** The hosts that a cluster set makes: as many as its clusters have machines. */
export interface ClusterHostsProps extends Omit<
  HostSetProps,
  | 'count'
  | 'firstIndex'
  | 'hostsPerNamespace'
  | 'image'
  | 'name'
  | 'namePattern'
  | 'namespace'
  | 'namespaces'
  | 'override'
  | 'overrides'
> {
  /**
   * How many hosts a cluster has beyond its machines, such as one for a machine that replaces another.
   * @default 0
   */
  readonly spare?: number | undefined;
  /**
   * To how many hosts a cluster may grow. What a host has follows from its cluster's index and this number, so that no host
   * changes when another cluster grows.
   * @default 100
   */
  readonly room?: number | undefined;
  /**
   * First octets (one to five) of the boot MAC addresses; the others are the index.
   * @default '02:60:2f' - other than that of host sets
   */
  readonly macPrefix?: string;
  /**
   * Where the BMCs are: CIDR blocks, filled one after the other, an address a host.
   * @default ['fd00::/64'] - none of those of host sets
   */
  readonly bmcAddresses?: readonly string[];
}

/** The ClusterClass of a cluster set. */
export interface ClusterClassOptions {
  /**
   * Its name, and the first part of the names of its templates.
   * @default - the set's
   */
  readonly name?: string | undefined;
  /**
   * Its namespace, which clusters of other namespaces name too.
   * @default - named as the set
   */
  readonly namespace?: string | undefined;
}

/**
 * Any number of Metal3 clusters that are alike, with the hosts that they run on.
 *
 * Everything that differs between them is computed from a cluster's index, so that it is the same on every run and does not
 * change when `count` does.
 */
export interface ClusterSetProps extends ClusterOptions {
  /** How many clusters. From 0 to 1,000,000. */
  readonly count: number;
  /**
   * Name of the set, and first part of its clusters' names.
   * @default 'cluster'
   */
  readonly name?: string | undefined;
  /**
   * How a cluster is named: `{index}` once, with a width such as `{index:5}` for leading zeros, and `{name}` for the set's.
   * @default '{name}-{index}'
   */
  readonly namePattern?: string | undefined;
  /**
   * Index of the first cluster. Sets that differ in nothing but this and `count` continue each other.
   * @default 1
   */
  readonly firstIndex?: number | undefined;
  /**
   * Namespace of the clusters: `{cluster}` in it is the cluster's name, and gives each its own; without, they share it.
   * @default '{cluster}'
   */
  readonly namespace?: string | undefined;
  /**
   * How many clusters share a namespace, where they do: the first is `namespace`, and `{namespace}-2` and on follow. Say it
   * where the number of machines will change, since clusters would move.
   * @default - as many as have 20 hosts in all; all of them where the set makes no hosts, or managers of Cluster API look at
   * some namespaces alone
   */
  readonly clustersPerNamespace?: number | undefined;
  /**
   * Whether the clusters are described by a ClusterClass of the set and a `spec.topology` each, with an object or two for a
   * cluster; `{}` for a class with the set's name. Cluster API has its feature gate ClusterTopology on then.
   * @default - each cluster is described by all of its objects
   */
  readonly clusterClass?: ClusterClassOptions | undefined;
  /**
   * The hosts that the set makes for its clusters.
   * @default - as many as there are machines; none where there is a `hostSelector`
   */
  readonly hosts?: ClusterHostsProps | undefined;
  /**
   * Whether the hosts for `hostSelector` are in the cluster already, or come from elsewhere: nobody counts them then.
   * @default false
   */
  readonly existingHosts?: boolean | undefined;
  /**
   * Where the APIs of the clusters are reached: an IP address or DNS name that all of them share. In kind, where the managers
   * run in pods, one that pods reach: the gateway of its network.
   * @default '127.0.0.1'
   */
  readonly endpointHost?: string | undefined;
  /**
   * Port of the first cluster, each other one has the next; with `endpointAddresses`, of all of them.
   * @default 20000 - 6443 with endpointAddresses
   */
  readonly endpointPort?: number | undefined;
  /**
   * An address for each cluster instead of a port: CIDR blocks, filled one after the other. On Linux all of 127.0.0.0/8 is
   * this machine: `['127.1.0.0/16']`.
   * @default - a port for each
   */
  readonly endpointAddresses?: readonly string[] | undefined;
  /**
   * Pools that machines have addresses from, for each cluster: `metaData` and `networkData` name them.
   * @default - none
   */
  readonly ipPools?: readonly ClusterPool[] | undefined;
  /**
   * A text that the keys and certificates of each cluster follow from: the same text, names and namespaces give the same keys,
   * which spares Cluster API the making of them, and managers half a minute: they look for the kubeconfig of a cluster before
   * there is one, and then not again for so long. They are as secret as the text is.
   * @default - Cluster API makes them
   */
  readonly keySeed?: string | undefined;
  /**
   * A certificate authority that all clusters share; the keys of their service accounts Cluster API makes.
   * @default - each cluster has its own
   */
  readonly certificateAuthority?: CertificateAuthority | undefined;
  /**
   * What some clusters have otherwise, by index. Where several rules name a cluster, later ones win.
   * @default - all clusters are alike
   */
  readonly overrides?: readonly ClusterOverrideRule[] | undefined;
  /**
   * What a cluster has otherwise, computed; wins over `overrides`. Must give the same for the same cluster each time.
   * @default - all clusters are alike
   */
  readonly override?: ((cluster: ClusterIdentity) => ClusterOverride | undefined) | undefined;
}
