/** Manifests of whole clusters, as a person writes them: v1beta2 of Cluster API and of CAPM3. */
import type { KubernetesObject } from '../../../src/kubernetes/objects';

const CORE = 'cluster.x-k8s.io/v1beta2';
const INFRASTRUCTURE = 'infrastructure.cluster.x-k8s.io';
const IMAGE = {
  url: 'http://images.example/node.qcow2',
  checksum: 'http://images.example/node.qcow2.sha256sum',
  checksumType: 'sha256',
  diskFormat: 'qcow2',
};

export interface ClusterManifestsProps {
  readonly name: string;
  readonly namespace: string;
  /** Of its endpoint on loopback. */
  readonly port: number;
  /** @default 1 */
  readonly controlPlanes?: number;
  /** With 0, there is no MachineDeployment. @default 1 */
  readonly workers?: number;
  /** @default v1.34.1 */
  readonly version?: string;
  /** Whether etcd runs elsewhere; its Secrets are of the caller then. @default false */
  readonly hasExternalEtcd?: boolean;
  /** Whether each machine has metadata and network data, with addresses of a pool. @default false */
  readonly hasData?: boolean;
}

/** All objects of one cluster, in the order of applying. */
export function clusterManifests(props: ClusterManifestsProps): readonly KubernetesObject[] {
  const { name, namespace, controlPlanes = 1, workers = 1, version = 'v1.34.1', hasExternalEtcd, hasData } = props;
  const object = (apiVersion: string, kind: string, suffix: string, spec: object): KubernetesObject => ({
    apiVersion,
    kind,
    metadata: { name: `${name}${suffix}`, namespace },
    spec,
  });
  const template = (suffix: string) => ({
    apiGroup: INFRASTRUCTURE,
    kind: 'Metal3MachineTemplate',
    name: `${name}${suffix}`,
  });
  const nodeRegistration = {
    kubeletExtraArgs: [{ name: 'node-labels', value: 'metal3.io/uuid={{ ds.meta_data.uuid }}' }],
  };
  const clusterConfiguration = {
    encryptionAlgorithm: 'ECDSA-P256',
    ...(hasExternalEtcd && { etcd: { external: etcdFiles } }),
  };
  return [
    object(CORE, 'Cluster', '', {
      clusterNetwork: { pods: { cidrBlocks: ['192.168.0.0/18'] }, services: { cidrBlocks: ['10.96.0.0/12'] } },
      controlPlaneRef: { apiGroup: 'controlplane.cluster.x-k8s.io', kind: 'KubeadmControlPlane', name: `${name}-cp` },
      infrastructureRef: { apiGroup: INFRASTRUCTURE, kind: 'Metal3Cluster', name },
    }),
    object(`${INFRASTRUCTURE}/v1beta2`, 'Metal3Cluster', '', {
      controlPlaneEndpoint: { host: '127.0.0.1', port: props.port },
      cloudProviderEnabled: false,
    }),
    ...(hasData ? dataObjects(props, object) : []),
    object('controlplane.cluster.x-k8s.io/v1beta2', 'KubeadmControlPlane', '-cp', {
      replicas: controlPlanes,
      version,
      machineTemplate: { spec: { infrastructureRef: template('-cp') } },
      kubeadmConfigSpec: {
        clusterConfiguration,
        initConfiguration: { nodeRegistration },
        joinConfiguration: { nodeRegistration },
      },
    }),
    machineTemplate('-cp'),
    ...(workers === 0 ? [] : workerObjects()),
  ];

  function workerObjects(): readonly KubernetesObject[] {
    return [
      object(CORE, 'MachineDeployment', '-md', {
        clusterName: name,
        replicas: workers,
        selector: { matchLabels: { nodepool: `${name}-md` } },
        template: {
          metadata: { labels: { nodepool: `${name}-md` } },
          spec: {
            clusterName: name,
            version,
            bootstrap: {
              configRef: { apiGroup: 'bootstrap.cluster.x-k8s.io', kind: 'KubeadmConfigTemplate', name: `${name}-md` },
            },
            infrastructureRef: template('-md'),
          },
        },
      }),
      object('bootstrap.cluster.x-k8s.io/v1beta2', 'KubeadmConfigTemplate', '-md', {
        template: { spec: { joinConfiguration: { nodeRegistration } } },
      }),
      machineTemplate('-md'),
    ];
  }

  function machineTemplate(suffix: string): KubernetesObject {
    const dataTemplate = hasData ? { name: `${name}-data` } : undefined;
    return object(`${INFRASTRUCTURE}/v1beta2`, 'Metal3MachineTemplate', suffix, {
      template: { spec: { image: IMAGE, ...(dataTemplate && { dataTemplate }) } },
    });
  }
}

const etcdFiles = {
  endpoints: ['https://10.0.0.1:2379'],
  caFile: '/etc/kubernetes/pki/etcd/ca.crt',
  certFile: '/etc/kubernetes/pki/apiserver-etcd-client.crt',
  keyFile: '/etc/kubernetes/pki/apiserver-etcd-client.key',
};

function dataObjects(
  { name }: ClusterManifestsProps,
  object: (apiVersion: string, kind: string, suffix: string, spec: object) => KubernetesObject,
): readonly KubernetesObject[] {
  return [
    object('ipam.metal3.io/v1alpha1', 'IPPool', '-pool', {
      clusterName: name,
      namePrefix: `${name}-ip`,
      pools: [{ start: '192.168.0.10', end: '192.168.0.250' }],
      prefix: 24,
      gateway: '192.168.0.1',
    }),
    object(`${INFRASTRUCTURE}/v1beta2`, 'Metal3DataTemplate', '-data', {
      clusterName: name,
      metaData: {
        objectNames: ['machine', 'metal3machine', 'baremetalhost'].map((each) => ({
          key: `${each}-name`,
          object: each,
        })),
        ipAddressesFromPool: [{ key: 'ip', name: `${name}-pool` }],
      },
    }),
  ];
}

/**
 * What sees to it that a worker of a cluster whose Node is not ready is mended: its host is switched off and on, or another
 * machine takes its place.
 */
export function healthChecks(
  cluster: string,
  namespace: string,
  remediation: 'by reboot' | 'by replacement',
): readonly KubernetesObject[] {
  const apiVersion = `${INFRASTRUCTURE}/v1beta2`;
  const templateRef = { apiVersion, kind: 'Metal3RemediationTemplate', name: `${cluster}-remediation` };
  const strategy = { type: 'Reboot', retryLimit: 1, timeoutSeconds: 100 };
  const template = {
    ...{ apiVersion, kind: templateRef.kind, metadata: { name: templateRef.name, namespace } },
    spec: { template: { spec: { strategy } } },
  };
  const isByReboot = remediation === 'by reboot';
  const check = {
    ...{ apiVersion: CORE, kind: 'MachineHealthCheck', metadata: { name: `${cluster}-md`, namespace } },
    spec: {
      clusterName: cluster,
      selector: { matchLabels: { nodepool: `${cluster}-md` } },
      checks: { unhealthyNodeConditions: [{ type: 'Ready', status: 'False', timeoutSeconds: 1 }] },
      remediation: isByReboot ? { templateRef } : undefined,
    },
  };
  return [...(isByReboot ? [template] : []), check];
}
