/** The objects of one cluster. */
import type { Manifest } from '../../upstream';
import { withoutUndefined } from '../../without-undefined';
import { CLUSTER_NAME_LABEL, CONTROL_PLANE_LABEL, DEPLOYMENT_NAME_LABEL, type ApiGroup } from './api-groups';
import {
  certificatesExpiry,
  clusterNetwork,
  CONTROL_PLANE,
  controlPlaneConfig,
  controlPlaneRollout,
  deletion,
  externalEtcd,
  isRebooting,
  lookedAfter,
  machinesOf,
  manifest,
  reference,
  remediation,
  selector,
  unhealthyMachines,
  workersConfig,
  workersRollout,
  writtenImage,
  type Machines,
} from './cluster-parts';
import type { ClusterEndpoint, ClusterIdentity, HostSelector } from './cluster-set-props';
import { imageFor, type ClusterSettings, type GroupSettings } from './cluster-settings';
import { withPoolNames, type PlannedPool } from './ip-pools';

/** What the objects of a cluster follow from. */
export interface DescribedCluster extends ClusterIdentity {
  readonly endpoint: ClusterEndpoint;
  readonly settings: ClusterSettings;
  /** Of the hosts that its set makes; machines without a selector of their own are put on these. */
  readonly ownHosts: HostSelector | undefined;
  readonly pools: readonly PlannedPool[];
}

/**
 * The objects of a cluster in the order in which they should be applied: controllers that meet something whose cluster, or
 * whose parts, are not there yet look again after 30 seconds.
 */
export function clusterObjects(cluster: DescribedCluster): readonly Manifest[] {
  const { name, settings } = cluster;
  const { groups } = settings;
  return [
    ...machinesOf(settings).map((each) => machineTemplate(cluster, each)),
    ...groups.map((group) => kubeadmConfigTemplate(cluster, group)),
    objectOf(cluster, 'infrastructure', 'Metal3Cluster', name, {
      controlPlaneEndpoint: cluster.endpoint,
      cloudProviderEnabled: false,
    }),
    controlPlane(cluster),
    clusterObject(cluster, {
      controlPlaneRef: reference('controlPlane', 'KubeadmControlPlane', `${name}-${CONTROL_PLANE}`),
      infrastructureRef: reference('infrastructure', 'Metal3Cluster', name),
    }),
    ...machineData(cluster),
    ...groups.map((group) => machineDeployment(cluster, group)),
    ...remediationTemplates(cluster),
    ...healthChecks(cluster),
  ];
}

/** Names of a cluster's objects that are also values of labels, or names of Nodes. */
export function longNames(name: string, { groups }: ClusterSettings): readonly string[] {
  return [CONTROL_PLANE, ...groups.map((group) => group.name)].map((role) => `${name}-${role}`);
}

/** The Cluster. @param spec what it is made of */
export function clusterObject(cluster: DescribedCluster, spec: object): Manifest {
  const { options } = cluster.settings;
  const { labels, annotations, paused } = options;
  return objectOf(
    cluster,
    'core',
    'Cluster',
    cluster.name,
    { paused, clusterNetwork: clusterNetwork(cluster.settings), ...spec },
    { labels, annotations },
  );
}

/** What machines are told, and where their addresses come from. */
export function machineData(cluster: DescribedCluster): readonly Manifest[] {
  const { settings, pools } = cluster;
  const roles = settings.hasDataTemplates ? machinesOf(settings).map(({ role }) => role) : [];
  return [...pools.map((pool) => ipPool(cluster, pool)), ...roles.map((role) => dataTemplate(cluster, role))];
}

/** How hosts of unhealthy machines are rebooted. */
export function remediationTemplates(cluster: DescribedCluster): readonly Manifest[] {
  const { healthCheck } = cluster.settings.options;
  if (healthCheck === undefined || !isRebooting(healthCheck)) return [];
  const { retryLimit = 1, retryTimeoutSeconds = 600 } = healthCheck;
  const strategy = { type: 'Reboot', retryLimit, timeoutSeconds: retryTimeoutSeconds };
  return lookedAfter(healthCheck, cluster.settings).map((role) =>
    objectOf(cluster, 'infrastructure', 'Metal3RemediationTemplate', `${cluster.name}-${role}`, {
      template: { spec: { strategy } },
    }),
  );
}

function objectOf(
  { name: cluster, namespace }: DescribedCluster,
  group: ApiGroup,
  kind: string,
  name: string,
  spec: object,
  {
    labels,
    annotations,
  }: {
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
  } = {},
): Manifest {
  const all = { [CLUSTER_NAME_LABEL]: cluster, ...labels };
  return manifest(group, kind, { name, namespace, labels: all, annotations }, spec);
}

function controlPlane(cluster: DescribedCluster): Manifest {
  const { name, settings } = cluster;
  return objectOf(cluster, 'controlPlane', 'KubeadmControlPlane', `${name}-${CONTROL_PLANE}`, {
    version: settings.kubernetesVersion,
    replicas: settings.controlPlanes,
    rollout: controlPlaneRollout(settings),
    machineTemplate: {
      metadata: { annotations: certificatesExpiry() },
      spec: withoutUndefined({
        infrastructureRef: reference('infrastructure', 'Metal3MachineTemplate', `${name}-${CONTROL_PLANE}`),
        deletion: deletion(settings.options),
      }),
    },
    kubeadmConfigSpec: controlPlaneConfig(externalEtcd(settings)),
  });
}

function machineTemplate(
  cluster: DescribedCluster,
  { role, image, kubernetesVersion, hostSelector }: Machines,
): Manifest {
  const { name, settings, ownHosts } = cluster;
  const { userData, automatedCleaningMode } = settings.options;
  return objectOf(cluster, 'infrastructure', 'Metal3MachineTemplate', `${name}-${role}`, {
    template: {
      spec: withoutUndefined({
        automatedCleaningMode,
        dataTemplate: settings.hasDataTemplates ? { name: `${name}-${role}` } : undefined,
        hostSelector: selector(hostSelector ?? ownHosts),
        image: writtenImage(imageFor(image, kubernetesVersion)),
        userData,
      }),
    },
  });
}

function kubeadmConfigTemplate(cluster: DescribedCluster, group: GroupSettings): Manifest {
  return objectOf(cluster, 'bootstrap', 'KubeadmConfigTemplate', `${cluster.name}-${group.name}`, {
    template: { spec: workersConfig() },
  });
}

function machineDeployment(cluster: DescribedCluster, group: GroupSettings): Manifest {
  const { name: clusterName, settings } = cluster;
  const name = `${clusterName}-${group.name}`;
  const labels = { [CLUSTER_NAME_LABEL]: clusterName, [DEPLOYMENT_NAME_LABEL]: name };
  return objectOf(cluster, 'core', 'MachineDeployment', name, {
    clusterName,
    replicas: group.replicas,
    rollout: workersRollout(settings),
    selector: { matchLabels: labels },
    template: {
      metadata: { labels: { ...group.labels, ...labels } },
      spec: withoutUndefined({
        clusterName,
        version: group.kubernetesVersion,
        failureDomain: group.failureDomain,
        bootstrap: { configRef: reference('bootstrap', 'KubeadmConfigTemplate', name) },
        infrastructureRef: reference('infrastructure', 'Metal3MachineTemplate', name),
        deletion: deletion(settings.options),
      }),
    },
  });
}

/** What kubeadm's configuration asks for, and what cloud-init calls the machine. */
const NAMES = ['name', 'local-hostname', 'local_hostname'];

function dataTemplate(cluster: DescribedCluster, role: string): Manifest {
  const { name, settings, pools } = cluster;
  const { metaData = {}, networkData } = settings.options;
  const { objectNames = [], ...rest } = metaData;
  const said = new Set(objectNames.map(({ key }) => key));
  const names = NAMES.filter((key) => !said.has(key)).map((key) => ({ key, object: 'machine' }));
  return objectOf(cluster, 'infrastructure', 'Metal3DataTemplate', `${name}-${role}`, {
    clusterName: name,
    metaData: withPoolNames({ objectNames: [...names, ...objectNames], ...rest }, pools),
    networkData: networkData && withPoolNames(networkData, pools),
  });
}

function ipPool(cluster: DescribedCluster, { objectName, ...pool }: PlannedPool): Manifest {
  const { subnet, start, end, prefix, gateway, dnsServers } = pool;
  return objectOf(cluster, 'ipam', 'IPPool', objectName, {
    clusterName: cluster.name,
    namePrefix: objectName,
    pools: [withoutUndefined({ subnet, start, end })],
    prefix,
    gateway,
    dnsServers,
  });
}

function healthChecks(cluster: DescribedCluster): readonly Manifest[] {
  const { name: clusterName, settings } = cluster;
  const { healthCheck } = settings.options;
  if (healthCheck === undefined) return [];
  return lookedAfter(healthCheck, settings).map((role) => {
    const name = `${clusterName}-${role}`;
    const label = role === CONTROL_PLANE ? { [CONTROL_PLANE_LABEL]: '' } : { [DEPLOYMENT_NAME_LABEL]: name };
    return objectOf(cluster, 'core', 'MachineHealthCheck', name, {
      clusterName,
      selector: { matchLabels: { [CLUSTER_NAME_LABEL]: clusterName, ...label } },
      checks: unhealthyMachines(healthCheck),
      remediation: remediation(healthCheck, name),
    });
  });
}
