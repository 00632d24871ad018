/** The objects of a cluster, one by one. */
export { Cluster, type ClusterProps } from './cluster';
export type { DeletionTimeouts } from './deletion-timeouts';
export type { ClusterApiResource, ClusterApiResourceProps } from './cluster-api-resource';
export { ClusterClass, type ClusterClassProps, type MachineDeploymentClass } from './cluster-class';
export { IPPool, type IPPoolProps, type IPPoolRange } from './ip-pool';
export { KubeadmConfigTemplate, type KubeadmConfigTemplateProps } from './kubeadm-config-template';
export { KubeadmControlPlane, type KubeadmControlPlaneProps } from './kubeadm-control-plane';
export { MachineDeployment, type MachineDeploymentProps } from './machine-deployment';
export { MachineHealthCheck, type MachineHealthCheckProps } from './machine-health-check';
export { Metal3Cluster, type Metal3ClusterProps } from './metal3-cluster';
export { Metal3DataTemplate, type Metal3DataTemplateProps } from './metal3-data-template';
export { Metal3MachineTemplate, type Metal3MachineTemplateProps } from './metal3-machine-template';
export { Metal3RemediationTemplate, type Metal3RemediationTemplateProps } from './metal3-remediation-template';
export type * from './interfaces';
