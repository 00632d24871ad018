/** Cluster sets that say, between them, all that one can say. */
import type { ClusterSetProps } from '../../lib/kinds/cluster/cluster-set-props';

export const clusterSetSamples: Readonly<Record<string, ClusterSetProps>> = {
  'as it is by default': { count: 2 },
  'with external etcd, keys from a seed, and groups of workers': {
    count: 1,
    name: 'external',
    controlPlanes: 2,
    etcd: 'external',
    keySeed: 'a seed',
    machineDeployments: [
      { name: 'small', replicas: 0, labels: { size: 'small' }, failureDomain: 'rack-1' },
      {
        name: 'large',
        replicas: 3,
        kubernetesVersion: 'v1.34.2',
        image: { url: 'http://a/b.iso', diskFormat: 'live-iso' },
      },
    ],
    endpointAddresses: ['127.1.0.0/16'],
    podCidrBlocks: ['10.244.0.0/16', 'fd00:1::/56'],
    serviceCidrBlocks: ['10.96.0.0/12', 'fd00:2::/112'],
  },
  'with metadata, networks, pools and health checks': {
    count: 2,
    name: 'whole',
    namespace: 'shared',
    controlPlanes: 3,
    workers: 2,
    firstIndex: 40,
    labels: { lab: 'a' },
    annotations: { note: 'some text' },
    paused: true,
    userData: { name: 'user-data', namespace: 'shared' },
    automatedCleaningMode: 'metadata',
    nodeDrainTimeoutSeconds: 0,
    nodeVolumeDetachTimeoutSeconds: 60,
    nodeDeletionTimeoutSeconds: 30,
    rollout: { maxSurge: '50%', maxUnavailable: 1, controlPlaneMaxSurge: 0 },
    hosts: { spare: 1, secretPer: 'namespace', labels: { rack: 'a' } },
    ipPools: [
      {
        name: 'lab',
        subnet: '172.22.0.0/16',
        addressesPerCluster: 20,
        gateway: '172.22.255.254',
        dnsServers: ['1.1.1.1'],
      },
      { name: 'six', start: 'fd00::10', end: 'fd00::ffff', prefix: 64 },
    ],
    metaData: {
      strings: [{ key: 'a', value: 'b' }],
      indexes: [{ key: 'i', offset: 1, step: 2, prefix: 'n-' }],
      namespaces: [{ key: 'namespace' }],
      ipAddressesFromPool: [{ key: 'ip', name: 'lab' }],
      gatewaysFromPool: [{ key: 'gateway', name: 'lab' }],
      prefixesFromPool: [{ key: 'prefix', name: 'lab' }],
      dnsServersFromPool: [{ key: 'dns', name: 'lab' }],
      fromHostInterfaces: [{ key: 'mac', fromBootMAC: true }],
      fromLabels: [{ key: 'rack', object: 'baremetalhost', label: 'rack' }],
      fromAnnotations: [{ key: 'note', object: 'machine', annotation: 'note' }],
    },
    networkData: {
      links: {
        ethernets: [
          { id: 'eth0', type: 'phy', macAddress: { fromHostInterface: 'eth0' } },
          { id: 'eth1', type: 'phy', mtu: 9000, name: 'nic1', macAddress: { string: '00:00:00:00:00:01' } },
        ],
        bonds: [
          {
            id: 'bond0',
            bondMode: '802.3ad',
            bondXmitHashPolicy: 'layer3+4',
            bondLinks: ['eth0', 'eth1'],
            macAddress: { fromHostInterface: 'eth0' },
            parameters: [{ name: 'bond_miimon' }],
          },
        ],
        vlans: [{ id: 'vlan7', vlanID: 7, vlanLink: 'bond0', macAddress: { fromHostInterface: 'eth0' } }],
      },
      networks: {
        ipv4: [
          {
            id: 'lab',
            link: 'vlan7',
            ipAddressFromIPPool: 'lab',
            routes: [{ network: '0.0.0.0', prefix: 0, gateway: { fromIPPool: 'lab' }, services: { dns: ['1.1.1.1'] } }],
          },
        ],
        ipv4DHCP: [{ id: 'dhcp', link: 'eth1' }],
        ipv6: [{ id: 'six', link: 'bond0', fromPoolRef: { name: 'six' } }],
        ipv6SLAAC: [{ id: 'slaac', link: 'eth1' }],
      },
      services: { dns: ['1.1.1.1'], dnsFromIPPool: 'lab' },
    },
    healthCheck: {
      nodeStartupTimeoutSeconds: 120,
      unhealthyMachineConditions: [{ type: 'NodeReady', status: 'False', timeoutSeconds: 60 }],
      unhealthyInRange: '[0-3]',
      retryLimit: 2,
      retryTimeoutSeconds: 120,
    },
    overrides: [
      { clusters: 41, controlPlanes: 5, healthCheck: { remediation: 'replace', unhealthyLessThanOrEqualTo: '40%' } },
    ],
  },
};
