/** The objects of one cluster. */
import type { Manifest } from '../../upstream';
import { withoutUndefined } from '../../without-undefined';
import { API_VERSIONS, CLUSTER_NAME_LABEL, DEPLOYMENT_NAME_LABEL, GROUPS, type ApiGroup } from './api-groups';
import type { ClusterEndpoint, ClusterIdentity, HostSelector, MachineImage } from './cluster-set-props';
import type { ClusterHealthCheck } from './types';
import { withPoolNames, type PlannedPool } from './ip-pools';
import { imageFor, type ClusterSettings, type GroupSettings } from './cluster-settings';

/** What the objects of a cluster follow from. */
export interface DescribedCluster extends ClusterIdentity {
  readonly endpoint: ClusterEndpoint;
  readonly settings: ClusterSettings;
  /** Of the hosts that its set makes; machines without a selector of their own are put on these. */
  readonly ownHosts: HostSelector | undefined;
  readonly pools: readonly PlannedPool[];
}

/** Of the machines that run the control plane, behind the cluster's name. */
export const CONTROL_PLANE = 'control-plane';
/** Far away, so that nobody has to ask the API server of each control plane machine for its certificate. */
const CERTIFICATES_EXPIRY = '2100-01-01T00:00:00Z';
const ETCD_FOLDER = '/etc/kubernetes/pki';

/**
 * The objects of a cluster in the order in which they should be applied: controllers that meet something whose cluster, or
 * whose parts, are not there yet look again after 30 seconds.
 */
export function clusterObjects(cluster: DescribedCluster): readonly Manifest[] {
  const { name, settings } = cluster;
  const { groups, image, kubernetesVersion } = settings;
  const machines: readonly Machines[] = [
    { role: CONTROL_PLANE, kubernetesVersion, image, hostSelector: settings.hostSelector },
    ...groups.map((group) => ({ ...group, role: group.name })),
  ];
  return [
    ...machines.map((each) => machineTemplate(cluster, each)),
    ...groups.map((group) => kubeadmConfigTemplate(cluster, group)),
    object(cluster, 'infrastructure', 'Metal3Cluster', name, {
      controlPlaneEndpoint: cluster.endpoint,
      cloudProviderEnabled: false,
    }),
    controlPlane(cluster),
    clusterObject(cluster),
    ...cluster.pools.map((pool) => ipPool(cluster, pool)),
    ...(settings.hasDataTemplates ? machines.map(({ role }) => dataTemplate(cluster, role)) : []),
    ...groups.map((group) => machineDeployment(cluster, group)),
    ...healthChecks(cluster),
  ];
}

/** Names of a cluster's objects that are also values of labels, or names of Nodes. */
export function longNames(name: string, { groups }: ClusterSettings): readonly string[] {
  return [CONTROL_PLANE, ...groups.map((group) => group.name)].map((role) => `${name}-${role}`);
}

interface Machines extends Pick<GroupSettings, 'hostSelector' | 'image' | 'kubernetesVersion'> {
  readonly role: string;
}

function object(
  { name: cluster, namespace }: DescribedCluster,
  group: ApiGroup,
  kind: string,
  name: string,
  spec: object,
  metadata: { readonly labels?: object | undefined; readonly annotations?: object | undefined } = {},
): Manifest {
  const labels = { [CLUSTER_NAME_LABEL]: cluster, ...metadata.labels };
  const { annotations } = metadata;
  return {
    apiVersion: API_VERSIONS[group],
    kind,
    metadata: withoutUndefined({ name, namespace, labels, annotations }) as Manifest['metadata'],
    spec: withoutUndefined(spec),
  };
}

function reference(group: ApiGroup, kind: string, name: string) {
  return { apiGroup: GROUPS[group], kind, name };
}

function clusterObject(cluster: DescribedCluster): Manifest {
  const { name, settings } = cluster;
  const { podCidrBlocks, serviceCidrBlocks, serviceDomain, options } = settings;
  return object(
    cluster,
    'core',
    'Cluster',
    name,
    {
      paused: options.paused,
      clusterNetwork: {
        pods: { cidrBlocks: podCidrBlocks },
        services: { cidrBlocks: serviceCidrBlocks },
        serviceDomain,
      },
      controlPlaneRef: reference('controlPlane', 'KubeadmControlPlane', `${name}-${CONTROL_PLANE}`),
      infrastructureRef: reference('infrastructure', 'Metal3Cluster', name),
    },
    { labels: options.labels, annotations: options.annotations },
  );
}

function controlPlane(cluster: DescribedCluster): Manifest {
  const { name, settings } = cluster;
  const { kubernetesVersion, controlPlanes, rollout } = settings;
  return object(cluster, 'controlPlane', 'KubeadmControlPlane', `${name}-${CONTROL_PLANE}`, {
    version: kubernetesVersion,
    replicas: controlPlanes,
    rollout: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: rollout.controlPlaneMaxSurge ?? 1 } } },
    machineTemplate: {
      metadata: { annotations: { [`machine.${GROUPS.core}/certificates-expiry`]: CERTIFICATES_EXPIRY } },
      spec: withoutUndefined({
        infrastructureRef: reference('infrastructure', 'Metal3MachineTemplate', `${name}-${CONTROL_PLANE}`),
        deletion: deletion(settings),
      }),
    },
    kubeadmConfigSpec: {
      clusterConfiguration: withoutUndefined({ encryptionAlgorithm: 'ECDSA-P256', etcd: externalEtcd(settings) }),
      initConfiguration: { nodeRegistration: nodeRegistration() },
      joinConfiguration: { nodeRegistration: nodeRegistration() },
    },
  });
}

function externalEtcd({ etcd, etcdEndpoints }: ClusterSettings) {
  if (etcd === 'stacked') return undefined;
  return {
    external: {
      endpoints: etcdEndpoints,
      caFile: `${ETCD_FOLDER}/etcd/ca.crt`,
      certFile: `${ETCD_FOLDER}/apiserver-etcd-client.crt`,
      keyFile: `${ETCD_FOLDER}/apiserver-etcd-client.key`,
    },
  };
}

/** As cloud-init fills it in: the Node has the name of its Machine, and CAPM3 finds it by the label. */
function nodeRegistration() {
  return {
    name: '{{ ds.meta_data.name }}',
    kubeletExtraArgs: [{ name: 'node-labels', value: 'metal3.io/uuid={{ ds.meta_data.uuid }}' }],
  };
}

function deletion({ options }: ClusterSettings) {
  const { nodeDrainTimeoutSeconds, nodeVolumeDetachTimeoutSeconds, nodeDeletionTimeoutSeconds } = options;
  const said = withoutUndefined({
    nodeDrainTimeoutSeconds,
    nodeVolumeDetachTimeoutSeconds,
    nodeDeletionTimeoutSeconds,
  });
  return Object.keys(said).length > 0 ? said : undefined;
}

function machineTemplate(
  cluster: DescribedCluster,
  { role, image, kubernetesVersion, hostSelector }: Machines,
): Manifest {
  const { name, settings, ownHosts } = cluster;
  const { userData, automatedCleaningMode } = settings.options;
  return object(cluster, 'infrastructure', 'Metal3MachineTemplate', `${name}-${role}`, {
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

function writtenImage({ url, checksum, checksumType, diskFormat }: MachineImage) {
  // The CRD asks for a checksum of every image, an empty one where there is none.
  return withoutUndefined({ url, checksum: checksum ?? '', checksumType, diskFormat });
}

function selector(hosts: HostSelector | undefined) {
  if (hosts === undefined) return undefined;
  const { matchLabels, matchExpressions } = hosts;
  return withoutUndefined({
    matchLabels,
    matchExpressions: matchExpressions?.map(({ key, operator, values = [] }) => ({ key, operator, values })),
  });
}

function kubeadmConfigTemplate(cluster: DescribedCluster, group: GroupSettings): Manifest {
  return object(cluster, 'bootstrap', 'KubeadmConfigTemplate', `${cluster.name}-${group.name}`, {
    template: { spec: { joinConfiguration: { nodeRegistration: nodeRegistration() } } },
  });
}

function machineDeployment(cluster: DescribedCluster, group: GroupSettings): Manifest {
  const { name: clusterName, settings } = cluster;
  const name = `${clusterName}-${group.name}`;
  const { type = 'RollingUpdate', maxSurge = 1, maxUnavailable = 0 } = settings.rollout;
  const labels = { [CLUSTER_NAME_LABEL]: clusterName, [DEPLOYMENT_NAME_LABEL]: name };
  return object(cluster, 'core', 'MachineDeployment', name, {
    clusterName,
    replicas: group.replicas,
    rollout: {
      strategy: withoutUndefined({
        type,
        rollingUpdate: type === 'RollingUpdate' ? { maxSurge, maxUnavailable } : undefined,
      }),
    },
    selector: { matchLabels: labels },
    template: {
      metadata: { labels: { ...group.labels, ...labels } },
      spec: withoutUndefined({
        clusterName,
        version: group.kubernetesVersion,
        failureDomain: group.failureDomain,
        bootstrap: { configRef: reference('bootstrap', 'KubeadmConfigTemplate', name) },
        infrastructureRef: reference('infrastructure', 'Metal3MachineTemplate', name),
        deletion: deletion(settings),
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
  return object(cluster, 'infrastructure', 'Metal3DataTemplate', `${name}-${role}`, {
    clusterName: name,
    metaData: withPoolNames({ objectNames: [...names, ...objectNames], ...rest }, pools),
    networkData: networkData && withPoolNames(networkData, pools),
  });
}

function ipPool(cluster: DescribedCluster, { objectName, ...pool }: PlannedPool): Manifest {
  const { subnet, start, end, prefix, gateway, dnsServers } = pool;
  return object(cluster, 'ipam', 'IPPool', objectName, {
    clusterName: cluster.name,
    namePrefix: objectName,
    pools: [withoutUndefined({ subnet, start, end })],
    prefix,
    gateway,
    dnsServers,
  });
}

const WELL_KNOWN_UNHEALTHY = ['Unknown', 'False'].map((status) => ({ type: 'Ready', status, timeoutSeconds: 300 }));

function healthChecks(cluster: DescribedCluster): readonly Manifest[] {
  const { name, settings } = cluster;
  const { healthCheck } = settings.options;
  if (healthCheck === undefined) return [];
  const { controlPlane: hasControlPlane = true, workers = true, remediation = 'reboot' } = healthCheck;
  const looked = [
    ...(hasControlPlane ? [{ role: CONTROL_PLANE, label: { [`${GROUPS.core}/control-plane`]: '' } }] : []),
    ...(workers
      ? settings.groups.map((group) => ({
          role: group.name,
          label: { [DEPLOYMENT_NAME_LABEL]: `${name}-${group.name}` },
        }))
      : []),
  ];
  const { retryLimit = 1, retryTimeoutSeconds = 600 } = healthCheck;
  const strategy = { type: 'Reboot', retryLimit, timeoutSeconds: retryTimeoutSeconds };
  return looked.flatMap(({ role, label }) => {
    const check = machineHealthCheck(cluster, `${name}-${role}`, label, healthCheck);
    if (remediation === 'replace') return [check];
    return [
      object(cluster, 'infrastructure', 'Metal3RemediationTemplate', `${name}-${role}`, {
        template: { spec: { strategy } },
      }),
      check,
    ];
  });
}

function machineHealthCheck(
  cluster: DescribedCluster,
  name: string,
  label: Readonly<Record<string, string>>,
  healthCheck: ClusterHealthCheck,
): Manifest {
  const { remediation = 'reboot', unhealthyLessThanOrEqualTo, unhealthyInRange } = healthCheck;
  const { unhealthyNodeConditions = WELL_KNOWN_UNHEALTHY, unhealthyMachineConditions } = healthCheck;
  const { nodeStartupTimeoutSeconds } = healthCheck;
  const most = unhealthyLessThanOrEqualTo ?? (unhealthyInRange === undefined ? '100%' : undefined);
  const templateRef = { apiVersion: API_VERSIONS.infrastructure, kind: 'Metal3RemediationTemplate', name };
  return object(cluster, 'core', 'MachineHealthCheck', name, {
    clusterName: cluster.name,
    selector: { matchLabels: { [CLUSTER_NAME_LABEL]: cluster.name, ...label } },
    checks: withoutUndefined({ nodeStartupTimeoutSeconds, unhealthyNodeConditions, unhealthyMachineConditions }),
    remediation: withoutUndefined({
      triggerIf: withoutUndefined({ unhealthyLessThanOrEqualTo: most, unhealthyInRange }),
      templateRef: remediation === 'reboot' ? templateRef : undefined,
    }),
  });
}
