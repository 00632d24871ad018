/** What the objects of a cluster have in common with those of a class. */
import type { Manifest } from '../../upstream';
import { unlessEmpty, withoutUndefined } from '../../without-undefined';
import { API_VERSIONS, GROUPS, type ApiGroup } from './api-groups';
import type { HostSelector, MachineImage } from './cluster-set-props';
import type { ClusterSettings, GroupSettings } from './cluster-settings';
import type { DeletionTimeouts } from './constructs/deletion-timeouts';
import type { ClusterHealthCheck } from './types';

/** Of the machines that run the control plane, behind the cluster's name. */
export const CONTROL_PLANE = 'control-plane';
/** Far away, so that nobody has to ask the API server of each control plane machine for its certificate. */
const CERTIFICATES_EXPIRY = '2100-01-01T00:00:00Z';
const ETCD_FOLDER = '/etc/kubernetes/pki';
const WELL_KNOWN_UNHEALTHY = ['Unknown', 'False'].map((status) => ({ type: 'Ready', status, timeoutSeconds: 300 }));

/** As cloud-init fills it in: the Node has the name of its Machine, and CAPM3 finds it by the label. */
const KUBEADM_CONFIG = {
  nodeRegistration: {
    name: '{{ ds.meta_data.name }}',
    kubeletExtraArgs: [{ name: 'node-labels', value: 'metal3.io/uuid={{ ds.meta_data.uuid }}' }],
  },
};

/** Machines that are alike. */
export interface Machines extends Pick<GroupSettings, 'hostSelector' | 'image' | 'kubernetesVersion'> {
  readonly role: string;
}

/** The machines of a cluster, the control plane first. */
export function machinesOf({
  kubernetesVersion,
  image,
  hostSelector,
  groups,
}: ClusterSettings): readonly [Machines, ...(GroupSettings & Machines)[]] {
  return [
    { role: CONTROL_PLANE, kubernetesVersion, image, hostSelector },
    ...groups.map((group) => ({ ...group, role: group.name })),
  ];
}

export function manifest(
  group: ApiGroup,
  kind: string,
  metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
  },
  spec: object,
): Manifest {
  return {
    apiVersion: API_VERSIONS[group],
    kind,
    metadata: withoutUndefined(metadata),
    spec: withoutUndefined(spec),
  };
}

export function reference(group: ApiGroup, kind: string, name: string) {
  return { apiGroup: GROUPS[group], kind, name };
}

/** Of the Cluster itself. */
export function clusterNetwork({ podCidrBlocks, serviceCidrBlocks, serviceDomain }: ClusterSettings) {
  return { pods: { cidrBlocks: podCidrBlocks }, services: { cidrBlocks: serviceCidrBlocks }, serviceDomain };
}

/** Annotations of control plane machines. @param at when their certificates end */
export function certificatesExpiry(at = CERTIFICATES_EXPIRY) {
  return { [`machine.${GROUPS.core}/certificates-expiry`]: at };
}

/** How the control plane is configured. @param etcd the external one */
export function controlPlaneConfig(etcd?: ReturnType<typeof externalEtcd>) {
  return {
    clusterConfiguration: withoutUndefined({ encryptionAlgorithm: 'ECDSA-P256', etcd }),
    initConfiguration: KUBEADM_CONFIG,
    joinConfiguration: KUBEADM_CONFIG,
  };
}

export function controlPlaneRollout({ rollout }: ClusterSettings) {
  return { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: rollout.controlPlaneMaxSurge ?? 1 } } };
}

export function workersConfig() {
  return { joinConfiguration: KUBEADM_CONFIG };
}

export function workersRollout({ rollout }: ClusterSettings) {
  const { type = 'RollingUpdate', maxSurge = 1, maxUnavailable = 0 } = rollout;
  const rollingUpdate = type === 'RollingUpdate' ? { maxSurge, maxUnavailable } : undefined;
  return { strategy: withoutUndefined({ type, rollingUpdate }) };
}

export function externalEtcd({ etcd, etcdEndpoints }: ClusterSettings) {
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

export function deletion(timeouts: DeletionTimeouts) {
  const { nodeDrainTimeoutSeconds, nodeVolumeDetachTimeoutSeconds, nodeDeletionTimeoutSeconds } = timeouts;
  return unlessEmpty({ nodeDrainTimeoutSeconds, nodeVolumeDetachTimeoutSeconds, nodeDeletionTimeoutSeconds });
}

export function writtenImage({ url, checksum, checksumType, diskFormat }: MachineImage) {
  // The CRD asks for a checksum of every image, an empty one where there is none.
  return withoutUndefined({ url, checksum: checksum ?? '', checksumType, diskFormat });
}

export function selector(hosts: HostSelector | undefined) {
  if (hosts === undefined) return undefined;
  const { matchLabels, matchExpressions } = hosts;
  return withoutUndefined({
    matchLabels,
    matchExpressions: matchExpressions?.map(({ key, operator, values = [] }) => ({ key, operator, values })),
  });
}

/** Which machines a check takes for unhealthy. */
export function unhealthyMachines(healthCheck: ClusterHealthCheck) {
  const { unhealthyNodeConditions = WELL_KNOWN_UNHEALTHY, unhealthyMachineConditions } = healthCheck;
  const { nodeStartupTimeoutSeconds } = healthCheck;
  return withoutUndefined({ nodeStartupTimeoutSeconds, unhealthyNodeConditions, unhealthyMachineConditions });
}

/** @param template name of the Metal3RemediationTemplate, where hosts are rebooted */
export function remediation(healthCheck: ClusterHealthCheck, template: string) {
  const reference = { apiVersion: API_VERSIONS.infrastructure, kind: 'Metal3RemediationTemplate', name: template };
  return remediationBy(healthCheck, isRebooting(healthCheck) ? reference : undefined);
}

/** @param templateRef of what is done; undefined where machines are replaced */
export function remediationBy(
  { unhealthyLessThanOrEqualTo, unhealthyInRange }: ClusterHealthCheck,
  templateRef: object | undefined,
) {
  const most = unhealthyLessThanOrEqualTo ?? (unhealthyInRange === undefined ? '100%' : undefined);
  return withoutUndefined({
    triggerIf: withoutUndefined({ unhealthyLessThanOrEqualTo: most, unhealthyInRange }),
    templateRef,
  });
}

export function isRebooting(healthCheck: ClusterHealthCheck): boolean {
  return (healthCheck.remediation ?? 'reboot') === 'reboot';
}

/** Which machines are looked after: the roles. */
export function lookedAfter(
  { controlPlane = true, workers = true }: ClusterHealthCheck,
  { groups }: ClusterSettings,
): readonly string[] {
  return [...(controlPlane ? [CONTROL_PLANE] : []), ...(workers ? groups.map(({ name }) => name) : [])];
}
