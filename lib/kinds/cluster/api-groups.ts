/** Groups and versions of what a cluster is made of, as the built-in releases store them. */
export const GROUPS = {
  core: 'cluster.x-k8s.io',
  bootstrap: 'bootstrap.cluster.x-k8s.io',
  controlPlane: 'controlplane.cluster.x-k8s.io',
  infrastructure: 'infrastructure.cluster.x-k8s.io',
  ipam: 'ipam.metal3.io',
} as const;

export const API_VERSIONS = {
  core: `${GROUPS.core}/v1beta2`,
  bootstrap: `${GROUPS.bootstrap}/v1beta2`,
  controlPlane: `${GROUPS.controlPlane}/v1beta2`,
  infrastructure: `${GROUPS.infrastructure}/v1beta2`,
  ipam: `${GROUPS.ipam}/v1alpha1`,
} as const;

export type ApiGroup = keyof typeof GROUPS;

/** Carried by everything that belongs to a cluster; its value is the cluster's name. */
export const CLUSTER_NAME_LABEL = `${GROUPS.core}/cluster-name`;
/** Carried by the machines of a control plane. */
export const CONTROL_PLANE_LABEL = `${GROUPS.core}/control-plane`;
export const DEPLOYMENT_NAME_LABEL = `${GROUPS.core}/deployment-name`;
/** Marks the hosts that a cluster set makes, by which its machines find them. */
export const CLUSTER_SET_LABEL = 'metal3-testbed/cluster-set';
