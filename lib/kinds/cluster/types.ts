/** What schema.ts describes, as types. Written by `npm run schema`: change it there. */
/** What cloud-init of a machine is told about it. */
export interface MachineMetaData {
  /** Texts that are the same for all machines. */
  readonly strings?: readonly MetaDataString[] | undefined;
  /** Names of objects. */
  readonly objectNames?: readonly MetaDataObjectName[] | undefined;
  /** Numbers: the place of the machine among all that have this template, times `step`, plus `offset`. */
  readonly indexes?: readonly MetaDataIndex[] | undefined;
  /** The namespace of the machine. */
  readonly namespaces?: readonly MetaDataNamespace[] | undefined;
  /** Addresses out of pools. */
  readonly ipAddressesFromPool?: readonly MetaDataFromPool[] | undefined;
  /** Prefix lengths of the addresses out of pools. */
  readonly prefixesFromPool?: readonly MetaDataFromPool[] | undefined;
  /** Gateways of pools. */
  readonly gatewaysFromPool?: readonly MetaDataFromPool[] | undefined;
  /** Name servers of pools. */
  readonly dnsServersFromPool?: readonly MetaDataFromPool[] | undefined;
  /** MAC addresses of interfaces of the host. */
  readonly fromHostInterfaces?: readonly MetaDataHostInterface[] | undefined;
  /** Values of labels. */
  readonly fromLabels?: readonly MetaDataFromLabel[] | undefined;
  /** Values of annotations. */
  readonly fromAnnotations?: readonly MetaDataFromAnnotation[] | undefined;
}

/** The object that it is taken from. */
export type MetaDataSource = 'machine' | 'metal3machine' | 'baremetalhost';

/** A text in the metadata. */
export interface MetaDataString {
  /** Under which key it is in the metadata. */
  readonly key: string;
  /** The text. */
  readonly value: string;
}

/** The name of an object in the metadata. */
export interface MetaDataObjectName {
  /** Under which key it is in the metadata. */
  readonly key: string;
  /** The object that it is taken from. */
  readonly object: MetaDataSource;
}

/** A number in the metadata. */
export interface MetaDataIndex {
  /** Under which key it is in the metadata. */
  readonly key: string;
  /** What is added. Default: 0. */
  readonly offset?: number | undefined;
  /** What the place is multiplied by. Default: 1. */
  readonly step?: number | undefined;
  /** What stands before the number. Default: nothing. */
  readonly prefix?: string | undefined;
  /** What stands behind the number. Default: nothing. */
  readonly suffix?: string | undefined;
}

/** The namespace of the machine in the metadata. */
export interface MetaDataNamespace {
  /** Under which key it is in the metadata. */
  readonly key: string;
}

/** What a pool gives, in the metadata. */
export interface MetaDataFromPool {
  /** Under which key it is in the metadata. */
  readonly key: string;
  /** Name of the pool; one of `ipPools` by its plain name, another by its own. */
  readonly name: string;
  /** Group of the pool. Default: ipam.metal3.io. */
  readonly apiGroup?: string | undefined;
  /** Kind of the pool. Default: IPPool. */
  readonly kind?: string | undefined;
}

/** The MAC address of an interface of the host in the metadata. */
export interface MetaDataHostInterface {
  /** Under which key it is in the metadata. */
  readonly key: string;
  /** Name of the interface, as inspection has found it: nic-1 or nic-2 in test mode. */
  readonly interface?: string | undefined;
  /** Whether it is the one that the host boots from; instead of `interface`. */
  readonly fromBootMAC?: boolean | undefined;
}

/** The value of a label in the metadata. */
export interface MetaDataFromLabel {
  /** Under which key it is in the metadata. */
  readonly key: string;
  /** The object that it is taken from. */
  readonly object: MetaDataSource;
  /** The label. */
  readonly label: string;
}

/** The value of an annotation in the metadata. */
export interface MetaDataFromAnnotation {
  /** Under which key it is in the metadata. */
  readonly key: string;
  /** The object that it is taken from. */
  readonly object: MetaDataSource;
  /** The annotation. */
  readonly annotation: string;
}

/** What the network of a machine is like. */
export interface MachineNetworkData {
  /** Interfaces of a machine. */
  readonly links?: NetworkLinks | undefined;
  /** Networks of a machine. */
  readonly networks?: MachineNetworks | undefined;
  /** Name servers. */
  readonly services?: NetworkServices | undefined;
}

/** Interfaces of a machine. */
export interface NetworkLinks {
  /** Physical ones. */
  readonly ethernets?: readonly EthernetLink[] | undefined;
  /** Several that are used as one. */
  readonly bonds?: readonly BondLink[] | undefined;
  /** Virtual ones on others. */
  readonly vlans?: readonly VlanLink[] | undefined;
}

/** A physical interface. */
export interface EthernetLink {
  /** What networks call the link. */
  readonly id: string;
  /** Name of the interface in the operating system. Default: its id. */
  readonly name?: string | undefined;
  /** Most bytes of a packet. Default: 1500. */
  readonly mtu?: number | undefined;
  /** MAC address of a link. */
  readonly macAddress: LinkMacAddress;
  /** What it is; phy for an interface of the machine. */
  readonly type: 'bridge' | 'dvs' | 'hw_veb' | 'hyperv' | 'ovs' | 'tap' | 'vhostuser' | 'vif' | 'phy';
}

/** Several interfaces that are used as one. */
export interface BondLink {
  /** What networks call the link. */
  readonly id: string;
  /** Name of the interface in the operating system. Default: its id. */
  readonly name?: string | undefined;
  /** Most bytes of a packet. Default: 1500. */
  readonly mtu?: number | undefined;
  /** MAC address of a link. */
  readonly macAddress: LinkMacAddress;
  /** How they are used. */
  readonly bondMode: 'balance-rr' | 'active-backup' | 'balance-xor' | 'broadcast' | 'balance-tlb' | 'balance-alb' | '802.3ad';
  /** By what packets are spread over them. */
  readonly bondXmitHashPolicy?: 'layer2' | 'layer3+4' | 'layer2+3' | undefined;
  /** Ids of the links. */
  readonly bondLinks?: readonly string[] | undefined;
  /** Other settings of the bond. */
  readonly parameters: readonly BondParameter[];
}

/** A setting of a bond. */
export interface BondParameter {
  /** Name of the setting. */
  readonly name: string;
  /** Its value. */
  readonly value?: Readonly<Record<string, unknown>> | undefined;
}

/** A virtual interface on another one. */
export interface VlanLink {
  /** What networks call the link. */
  readonly id: string;
  /** Name of the interface in the operating system. Default: its id. */
  readonly name?: string | undefined;
  /** Most bytes of a packet. Default: 1500. */
  readonly mtu?: number | undefined;
  /** MAC address of a link. */
  readonly macAddress: LinkMacAddress;
  /** Number of the VLAN. */
  readonly vlanID: number;
  /** Id of the link that it is on. */
  readonly vlanLink: string;
}

/** MAC address of a link. */
export interface LinkMacAddress {
  /** The address itself. */
  readonly string?: string | undefined;
  /** The interface of the host that has it, as inspection has found it: nic-1 or nic-2 in test mode. */
  readonly fromHostInterface?: string | undefined;
  /** An annotation that has it. */
  readonly fromAnnotation?: AnnotationReference | undefined;
}

/** Networks of a machine. */
export interface MachineNetworks {
  /** Of IPv4, with addresses out of pools. */
  readonly ipv4?: readonly StaticNetwork[] | undefined;
  /** Of IPv4, with addresses by DHCP. */
  readonly ipv4DHCP?: readonly DynamicNetwork[] | undefined;
  /** Of IPv6, with addresses out of pools. */
  readonly ipv6?: readonly StaticNetwork[] | undefined;
  /** Of IPv6, with addresses by DHCP. */
  readonly ipv6DHCP?: readonly DynamicNetwork[] | undefined;
  /** Of IPv6, with addresses that machines give themselves. */
  readonly ipv6SLAAC?: readonly DynamicNetwork[] | undefined;
}

/** A network with addresses out of a pool. */
export interface StaticNetwork {
  /** What the network is called. */
  readonly id: string;
  /** Id of its link. */
  readonly link: string;
  /** Routes of the network. */
  readonly routes?: readonly NetworkRoute[] | undefined;
  /** Name of the pool that the address is from. */
  readonly ipAddressFromIPPool?: string | undefined;
  /** A pool of addresses. */
  readonly fromPoolRef?: PoolReference | undefined;
  /** An annotation that has it. */
  readonly fromPoolAnnotation?: AnnotationReference | undefined;
}

/** A network that gives addresses by itself. */
export interface DynamicNetwork {
  /** What the network is called. */
  readonly id: string;
  /** Id of its link. */
  readonly link: string;
  /** Routes of the network. */
  readonly routes?: readonly NetworkRoute[] | undefined;
}

/** A route of a network. */
export interface NetworkRoute {
  /** Address of the network that is reached by it. */
  readonly network: string;
  /** Length of its prefix. */
  readonly prefix?: number | undefined;
  /** Where a route leads. */
  readonly gateway: RouteGateway;
  /** Name servers. */
  readonly services?: NetworkServices | undefined;
}

/** Where a route leads. */
export interface RouteGateway {
  /** The address itself. */
  readonly string?: string | undefined;
  /** Name of the pool whose gateway it is. */
  readonly fromIPPool?: string | undefined;
  /** A pool of addresses. */
  readonly fromPoolRef?: PoolReference | undefined;
  /** An annotation that has it. */
  readonly fromPoolAnnotation?: AnnotationReference | undefined;
}

/** Name servers. */
export interface NetworkServices {
  /** Their addresses. */
  readonly dns?: readonly string[] | undefined;
  /** Name of the pool whose name servers they are. */
  readonly dnsFromIPPool?: string | undefined;
}

/** A pool of addresses. */
export interface PoolReference {
  /** Name of the pool; one of `ipPools` by its plain name, another by its own. */
  readonly name: string;
  /** Group of the pool. Default: ipam.metal3.io. */
  readonly apiGroup?: string | undefined;
  /** Kind of the pool. Default: IPPool. */
  readonly kind?: string | undefined;
}

/** An annotation that has it. */
export interface AnnotationReference {
  /** The object that it is taken from. */
  readonly object: MetaDataSource;
  /** The annotation. */
  readonly annotation: string;
}

/** A pool that Metal3 gives machines their addresses from: an IPPool for each cluster. */
export interface ClusterPool {
  /** What it is called, behind the name of the cluster. */
  readonly name: string;
  /** A CIDR block whose addresses are given away, instead of `start` and `end`. */
  readonly subnet?: string | undefined;
  /** The first address that is given away. */
  readonly start?: string | undefined;
  /** The last one. */
  readonly end?: string | undefined;
  /** How many of the addresses a cluster has for itself, one cluster after the other. Default: each has all of them. */
  readonly addressesPerCluster?: number | undefined;
  /** Length of the prefix that machines are told. Default: that of `subnet`. */
  readonly prefix?: number | undefined;
  /** The gateway that machines are told. Default: none. */
  readonly gateway?: string | undefined;
  /** The name servers that machines are told. Default: none. */
  readonly dnsServers?: readonly string[] | undefined;
}

/**
 * Which machines are not well, and what is done about them: a MachineHealthCheck for the control plane, and one for
 * each group of workers.
 */
export interface ClusterHealthCheck {
  /** Conditions of a Node that say so. Default: Ready is False or Unknown for 300 s. */
  readonly unhealthyNodeConditions?: readonly UnhealthyNodeCondition[] | undefined;
  /** Conditions of a Machine that say so. Default: none. */
  readonly unhealthyMachineConditions?: readonly UnhealthyMachineCondition[] | undefined;
  /**
   * How long a machine may be without its Node, in seconds; 0 for as long as it takes. Default: Cluster API's own, 600.
   */
  readonly nodeStartupTimeoutSeconds?: number | undefined;
  /**
   * Nothing is done while more machines than these are unhealthy, as a number or a share such as `40%`. Default: 100%.
   */
  readonly unhealthyLessThanOrEqualTo?: number | string | undefined;
  /** Something is done only while so many are unhealthy: `[3-5]`. Default: any number. */
  readonly unhealthyInRange?: string | undefined;
  /**
   * What is done: `reboot` has CAPM3 switch the host off and on, and then replace the machine; `replace` replaces it at
   * once. Default: reboot.
   */
  readonly remediation?: 'reboot' | 'replace' | undefined;
  /** How many times a host is switched off and on. Default: 1. */
  readonly retryLimit?: number | undefined;
  /** How long a host has each time until its Node is well, in seconds. Default: 600. */
  readonly retryTimeoutSeconds?: number | undefined;
  /** Whether the control plane is looked after. Default: true. */
  readonly controlPlane?: boolean | undefined;
  /** Whether the workers are. Default: true. */
  readonly workers?: boolean | undefined;
}

/** A condition of a Node that says that its machine is not well. */
export interface UnhealthyNodeCondition {
  /** The condition. */
  readonly type: string;
  /** What it is. */
  readonly status: string;
  /** How long it has to be so, in seconds. */
  readonly timeoutSeconds: number;
}

/** A condition of a Machine that says that it is not well. */
export interface UnhealthyMachineCondition {
  /** The condition. */
  readonly type: string;
  /** What it is. */
  readonly status: 'True' | 'False' | 'Unknown';
  /** How long it has to be so, in seconds. */
  readonly timeoutSeconds: number;
}
