/** A cluster of constructs, one for each kind that there is one for. */
import type { Chart } from 'cdk8s';
import {
  Cluster,
  ClusterClass,
  IPPool,
  KubeadmConfigTemplate,
  KubeadmControlPlane,
  MachineDeployment,
  MachineHealthCheck,
  Metal3Cluster,
  Metal3DataTemplate,
  Metal3MachineTemplate,
  Metal3RemediationTemplate,
} from '../../lib';

export const machineImage = {
  url: 'http://images.example/node.qcow2',
  checksum: 'abc',
  checksumType: 'sha256' as const,
};

/** A cluster, object by object. */
export function wholeCluster(chart: Chart): void {
  const endpoint = { host: '127.0.0.1', port: 20_000 };
  const infrastructure = new Metal3Cluster(chart, 'c', { controlPlaneEndpoint: endpoint });
  const cluster = Cluster.fromClusterName(chart, 'named', 'c');
  const pool = new IPPool(chart, 'c-lab', { cluster, pools: [{ subnet: '172.22.0.0/24' }], prefix: 24 });
  const dataTemplate = new Metal3DataTemplate(chart, 'c-data', {
    cluster,
    metaData: { ipAddressesFromPool: [{ key: 'ip', name: pool.name }] },
  });
  const machineTemplate = new Metal3MachineTemplate(chart, 'c-control-plane', {
    image: machineImage,
    dataTemplate,
    hostSelector: { matchLabels: { rack: 'a' } },
  });
  const controlPlane = new KubeadmControlPlane(chart, 'c-kcp', {
    version: 'v1.35.0',
    replicas: 3,
    machineTemplate,
    maxSurge: 0,
    nodeDrainTimeoutSeconds: 0,
  });
  new Cluster(chart, 'cluster', {
    metadata: { name: 'c', labels: { lab: 'a' } },
    controlPlane,
    infrastructure,
    podCidrBlocks: ['10.244.0.0/16'],
  });
  const bootstrap = new KubeadmConfigTemplate(chart, 'c-workers');
  const workers = new MachineDeployment(chart, 'c-md', {
    cluster,
    version: 'v1.34.1',
    bootstrap,
    infrastructure: machineTemplate,
    replicas: 2,
    machineLabels: { role: 'worker' },
  });
  const remediation = new Metal3RemediationTemplate(chart, 'c-reboot', { retryLimit: 2 });
  new MachineHealthCheck(chart, 'c-mhc', {
    cluster,
    matchLabels: { 'cluster.x-k8s.io/deployment-name': workers.name },
    remediation,
  });
  new ClusterClass(chart, 'c-class', {
    infrastructure: Metal3Cluster.fromMetal3ClusterName(chart, 'any', 'template'),
    controlPlane,
    machineInfrastructure: machineTemplate,
    machineDeployments: [{ class: 'workers', bootstrap, infrastructure: machineTemplate }],
  });
}
