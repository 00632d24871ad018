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
  /** @default 1 */
  readonly workers?: number;
  /** @default v1.34.1 */
  readonly version?: string;
  /** Whether etcd runs elsewhere; its Secrets are of the caller then. @default false */
  readonly hasExternalEtcd?: boolean;
  /** Whether each machine has metadata and network data, with addresses of a pool. @default false */
  readonly hasData?: boolean;
  /** What becomes of a worker whose Node is not ready: its host is switched off and on, or another one takes its place. */
  readonly remediates?: 'by reboot' | 'by replacement';
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
    ...(props.remediates === undefined ? [] : healthChecks(props.remediates === 'by reboot')),
  ];

  function machineTemplate(suffix: string): KubernetesObject {
    const dataTemplate = hasData ? { name: `${name}-data` } : undefined;
    return object(`${INFRASTRUCTURE}/v1beta2`, 'Metal3MachineTemplate', suffix, {
      template: { spec: { image: IMAGE, ...(dataTemplate && { dataTemplate }) } },
    });
  }

  function healthChecks(isByReboot: boolean): readonly KubernetesObject[] {
    const apiVersion = `${INFRASTRUCTURE}/v1beta2`;
    const templateRef = { apiVersion, kind: 'Metal3RemediationTemplate', name: `${name}-remediation` };
    const strategy = { type: 'Reboot', retryLimit: 1, timeoutSeconds: 100 };
    return [
      ...(isByReboot
        ? [object(apiVersion, templateRef.kind, '-remediation', { template: { spec: { strategy } } })]
        : []),
      object(CORE, 'MachineHealthCheck', '-md', {
        clusterName: name,
        selector: { matchLabels: { nodepool: `${name}-md` } },
        checks: {
          unhealthyNodeConditions: ['Unknown', 'False'].map((status) => ({ type: 'Ready', status, timeoutSeconds: 5 })),
        },
        remediation: isByReboot ? { templateRef } : undefined,
      }),
    ];
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
