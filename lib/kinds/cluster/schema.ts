/** The parts of a cluster that people type: once for the check, the types and what editors say of them. */
import {
  array,
  boolean,
  described,
  enumeration,
  integer,
  intOrString,
  mapList,
  object,
  required,
  setList,
  string,
  unknownFields,
  type Schema,
} from '../../crd';

const named = () => string({ minLength: 1, maxLength: 512 });
const key = required(described('Under which key it is in the metadata.', named()));

export const sourceObject = described(
  'The object that it is taken from.',
  enumeration('machine', 'metal3machine', 'baremetalhost'),
);

const poolReference = described(
  'What a pool gives, in the metadata.',
  object({
    key,
    name: required(described('Name of the pool; one of `ipPools` by its plain name, another by its own.', named())),
    apiGroup: described('Group of the pool. Default: ipam.metal3.io.', named()),
    kind: described('Kind of the pool. Default: IPPool.', named()),
  }),
);
const byKey = <T extends { readonly key: string }>(items: Schema<T>) =>
  mapList(items, ['key'], { minItems: 1, maxItems: 512 });

const metaDataString = described(
  'A text in the metadata.',
  object({ key, value: required(described('The text.', named())) }),
);

const metaDataObjectName = described(
  'The name of an object in the metadata.',
  object({ key, object: required(sourceObject) }),
);

const metaDataIndex = described(
  'A number in the metadata.',
  object({
    key,
    offset: described('What is added. Default: 0.', integer({ minimum: 0 })),
    step: described('What the place is multiplied by. Default: 1.', integer({ minimum: 1 })),
    prefix: described('What stands before the number. Default: nothing.', named()),
    suffix: described('What stands behind the number. Default: nothing.', named()),
  }),
);

const metaDataNamespace = described('The namespace of the machine in the metadata.', object({ key }));

const metaDataHostInterface = described(
  'The MAC address of an interface of the host in the metadata.',
  object({
    key,
    interface: described('Name of the interface, as inspection has found it: nic-1 or nic-2 in test mode.', named()),
    fromBootMAC: described('Whether it is the one that the host boots from; instead of `interface`.', boolean()),
  }),
);

const metaDataFromLabel = described(
  'The value of a label in the metadata.',
  object({ key, object: required(sourceObject), label: required(described('The label.', named())) }),
);

const metaDataFromAnnotation = described(
  'The value of an annotation in the metadata.',
  object({ key, object: required(sourceObject), annotation: required(described('The annotation.', named())) }),
);

export const machineMetaData = described(
  'What cloud-init of a machine is told about it.',
  object({
    strings: described('Texts that are the same for all machines.', byKey(metaDataString)),
    objectNames: described('Names of objects.', byKey(metaDataObjectName)),
    indexes: described(
      'Numbers: the place of the machine among all that have this template, times `step`, plus `offset`.',
      byKey(metaDataIndex),
    ),
    namespaces: described('The namespace of the machine.', byKey(metaDataNamespace)),
    ipAddressesFromPool: described('Addresses out of pools.', byKey(poolReference)),
    prefixesFromPool: described('Prefix lengths of the addresses out of pools.', byKey(poolReference)),
    gatewaysFromPool: described('Gateways of pools.', byKey(poolReference)),
    dnsServersFromPool: described('Name servers of pools.', byKey(poolReference)),
    fromHostInterfaces: described('MAC addresses of interfaces of the host.', byKey(metaDataHostInterface)),
    fromLabels: described('Values of labels.', byKey(metaDataFromLabel)),
    fromAnnotations: described('Values of annotations.', byKey(metaDataFromAnnotation)),
  }),
);

const annotationReference = described(
  'An annotation that has it.',
  object({
    object: required(sourceObject),
    annotation: required(described('The annotation.', named())),
  }),
);
const poolName = described(
  'A pool of addresses.',
  object({
    name: required(
      described(
        'Name of the pool; one of `ipPools` by its plain name, another by its own.',
        string({ minLength: 1, maxLength: 253 }),
      ),
    ),
    apiGroup: described('Group of the pool. Default: ipam.metal3.io.', string({ minLength: 1, maxLength: 253 })),
    kind: described('Kind of the pool. Default: IPPool.', string({ minLength: 1, maxLength: 63 })),
  }),
);

const linkMacAddress = described(
  'MAC address of a link.',
  object({
    string: described('The address itself.', named()),
    fromHostInterface: described(
      'The interface of the host that has it, as inspection has found it: nic-1 or nic-2 in test mode.',
      named(),
    ),
    fromAnnotation: annotationReference,
  }),
);
const macAddress = required(linkMacAddress);
const linkFields = {
  id: required(described('What networks call the link.', named())),
  name: described(
    'Name of the interface in the operating system. Default: its id.',
    string({ minLength: 1, maxLength: 15 }),
  ),
  mtu: described('Most bytes of a packet. Default: 1500.', integer({ minimum: 1280, maximum: 9000 })),
  macAddress,
};

const routeGateway = described(
  'Where a route leads.',
  object({
    string: described('The address itself.', string()),
    fromIPPool: described('Name of the pool whose gateway it is.', named()),
    fromPoolRef: poolName,
    fromPoolAnnotation: annotationReference,
  }),
);
const gateway = required(routeGateway);
const dnsServices = described(
  'Name servers.',
  object({
    dns: described('Their addresses.', setList(string(), { minItems: 1, maxItems: 512 })),
    dnsFromIPPool: described('Name of the pool whose name servers they are.', named()),
  }),
);
const networkRoute = described(
  'A route of a network.',
  object({
    network: required(described('Address of the network that is reached by it.', string())),
    prefix: described('Length of its prefix.', integer({ minimum: 0, maximum: 128 })),
    gateway,
    services: dnsServices,
  }),
);

const routes = described('Routes of the network.', mapList(networkRoute, ['network'], { minItems: 1, maxItems: 512 }));
const networkFields = {
  id: required(described('What the network is called.', named())),
  link: required(described('Id of its link.', named())),
  routes,
};
const staticNetwork = described(
  'A network with addresses out of a pool.',
  object({
    ...networkFields,
    ipAddressFromIPPool: described('Name of the pool that the address is from.', named()),
    fromPoolRef: poolName,
    fromPoolAnnotation: annotationReference,
  }),
);
const dynamicNetwork = described('A network that gives addresses by itself.', object(networkFields));
const byId = <T extends { readonly id: string }>(items: Schema<T>, maxItems = 512) =>
  mapList(items, ['id'], { minItems: 1, maxItems });

const ethernetLink = described(
  'A physical interface.',
  object({
    ...linkFields,
    type: required(
      described(
        'What it is; phy for an interface of the machine.',
        enumeration('bridge', 'dvs', 'hw_veb', 'hyperv', 'ovs', 'tap', 'vhostuser', 'vif', 'phy'),
      ),
    ),
  }),
);

const bondParameter = described(
  'A setting of a bond.',
  object({
    name: required(described('Name of the setting.', named())),
    value: described('Its value.', unknownFields()),
  }),
);

const bondLink = described(
  'Several interfaces that are used as one.',
  object({
    ...linkFields,
    bondMode: required(
      described(
        'How they are used.',
        enumeration('balance-rr', 'active-backup', 'balance-xor', 'broadcast', 'balance-tlb', 'balance-alb', '802.3ad'),
      ),
    ),
    bondXmitHashPolicy: described(
      'By what packets are spread over them.',
      enumeration('layer2', 'layer3+4', 'layer2+3'),
    ),
    bondLinks: described('Ids of the links.', setList(named(), { maxItems: 512 })),
    parameters: required(
      described('Other settings of the bond.', mapList(bondParameter, ['name'], { minItems: 1, maxItems: 512 })),
    ),
  }),
);

const vlanLink = described(
  'A virtual interface on another one.',
  object({
    ...linkFields,
    vlanID: required(described('Number of the VLAN.', integer({ minimum: 0, maximum: 4096 }))),
    vlanLink: required(described('Id of the link that it is on.', named())),
  }),
);

const networkLinks = described(
  'Interfaces of a machine.',
  object({
    ethernets: described('Physical ones.', byId(ethernetLink, 32)),
    bonds: described('Several that are used as one.', byId(bondLink)),
    vlans: described('Virtual ones on others.', mapList(vlanLink, ['vlanID'], { minItems: 1, maxItems: 512 })),
  }),
);

const machineNetworks = described(
  'Networks of a machine.',
  object({
    ipv4: described('Of IPv4, with addresses out of pools.', byId(staticNetwork)),
    ipv4DHCP: described('Of IPv4, with addresses by DHCP.', byId(dynamicNetwork)),
    ipv6: described('Of IPv6, with addresses out of pools.', byId(staticNetwork)),
    ipv6DHCP: described('Of IPv6, with addresses by DHCP.', byId(dynamicNetwork)),
    ipv6SLAAC: described('Of IPv6, with addresses that machines give themselves.', byId(dynamicNetwork)),
  }),
);

export const machineNetworkData = described(
  'What the network of a machine is like.',
  object({
    links: networkLinks,
    networks: machineNetworks,
    services: dnsServices,
  }),
);

/** A pool of a cluster set: IPPool's own fields, but for those that follow from the cluster. */
export const clusterPool = described(
  'A pool that Metal3 gives machines their addresses from: an IPPool for each cluster.',
  object({
    name: required(described('What it is called, behind the name of the cluster.', string())),
    subnet: described('A CIDR block whose addresses are given away, instead of `start` and `end`.', string()),
    start: described('The first address that is given away.', string()),
    end: described('The last one.', string()),
    addressesPerCluster: described(
      'How many of the addresses a cluster has for itself, one cluster after the other. Default: each has all of them.',
      integer({ minimum: 1 }),
    ),
    prefix: described(
      'Length of the prefix that machines are told. Default: that of `subnet`.',
      integer({ minimum: 0, maximum: 128 }),
    ),
    gateway: described('The gateway that machines are told. Default: none.', string()),
    dnsServers: described('The name servers that machines are told. Default: none.', array(string())),
  }),
);

const timeoutSeconds = required(described('How long it has to be so, in seconds.', integer({ minimum: 0 })));

const unhealthyNodeCondition = described(
  'A condition of a Node that says that its machine is not well.',
  object({
    type: required(described('The condition.', string({ minLength: 1 }))),
    status: required(described('What it is.', string({ minLength: 1 }))),
    timeoutSeconds,
  }),
);

const unhealthyMachineCondition = described(
  'A condition of a Machine that says that it is not well.',
  object({
    type: required(described('The condition.', string({ minLength: 1, maxLength: 316 }))),
    status: required(described('What it is.', enumeration('True', 'False', 'Unknown'))),
    timeoutSeconds,
  }),
);

/** Which machines of a cluster are not well, and what is done about them. */
export const healthCheck = described(
  'Which machines are not well, and what is done about them: a MachineHealthCheck for the control plane, and one for each group of workers.',
  object({
    unhealthyNodeConditions: described(
      'Conditions of a Node that say so. Default: Ready is False or Unknown for 300 s.',
      array(unhealthyNodeCondition, { minItems: 1, maxItems: 100 }),
    ),
    unhealthyMachineConditions: described(
      'Conditions of a Machine that say so. Default: none.',
      array(unhealthyMachineCondition, { minItems: 1, maxItems: 100 }),
    ),
    nodeStartupTimeoutSeconds: described(
      "How long a machine may be without its Node, in seconds; 0 for as long as it takes. Default: Cluster API's own, 600.",
      integer({ minimum: 0 }),
    ),
    unhealthyLessThanOrEqualTo: described(
      'Nothing is done while more machines than these are unhealthy, as a number or a share such as `40%`. Default: 100%.',
      intOrString(),
    ),
    unhealthyInRange: described(
      'Something is done only while so many are unhealthy: `[3-5]`. Default: any number.',
      string({ pattern: '^\\[[0-9]+-[0-9]+\\]$' }),
    ),
    remediation: described(
      'What is done: `reboot` has CAPM3 switch the host off and on, and then replace the machine; `replace` replaces it at once. Default: reboot.',
      enumeration('reboot', 'replace'),
    ),
    retryLimit: described('How many times a host is switched off and on. Default: 1.', integer({ minimum: 1 })),
    retryTimeoutSeconds: described(
      'How long a host has each time until its Node is well, in seconds. Default: 600.',
      integer({ minimum: 100 }),
    ),
    controlPlane: described('Whether the control plane is looked after. Default: true.', boolean()),
    workers: described('Whether the workers are. Default: true.', boolean()),
  }),
);

/** The parts of a cluster that have a name of their own in TypeScript; the types of these names are made from them. */
export const clusterTypes = {
  MachineMetaData: machineMetaData,
  MetaDataSource: sourceObject,
  MetaDataString: metaDataString,
  MetaDataObjectName: metaDataObjectName,
  MetaDataIndex: metaDataIndex,
  MetaDataNamespace: metaDataNamespace,
  MetaDataFromPool: poolReference,
  MetaDataHostInterface: metaDataHostInterface,
  MetaDataFromLabel: metaDataFromLabel,
  MetaDataFromAnnotation: metaDataFromAnnotation,
  MachineNetworkData: machineNetworkData,
  NetworkLinks: networkLinks,
  EthernetLink: ethernetLink,
  BondLink: bondLink,
  BondParameter: bondParameter,
  VlanLink: vlanLink,
  LinkMacAddress: linkMacAddress,
  MachineNetworks: machineNetworks,
  StaticNetwork: staticNetwork,
  DynamicNetwork: dynamicNetwork,
  NetworkRoute: networkRoute,
  RouteGateway: routeGateway,
  NetworkServices: dnsServices,
  PoolReference: poolName,
  AnnotationReference: annotationReference,
  ClusterPool: clusterPool,
  ClusterHealthCheck: healthCheck,
  UnhealthyNodeCondition: unhealthyNodeCondition,
  UnhealthyMachineCondition: unhealthyMachineCondition,
} satisfies Readonly<Record<string, Schema>>;
