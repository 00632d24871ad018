/** The objects of a cluster, one by one. */
export { Cluster, type ClusterProps, type ICluster } from './cluster';
export type { ClusterApiResource, ClusterApiResourceProps } from './cluster-api-resource';
export { ClusterClass, type ClusterClassProps, type IClusterClass, type MachineDeploymentClass } from './cluster-class';
export { IPPool, type IIPPool, type IPPoolProps, type IPPoolRange } from './ip-pool';
export {
  KubeadmConfigTemplate,
  type IKubeadmConfigTemplate,
  type KubeadmConfigTemplateProps,
} from './kubeadm-config-template';
export { KubeadmControlPlane, type IKubeadmControlPlane, type KubeadmControlPlaneProps } from './kubeadm-control-plane';
export {
  MachineDeployment,
  type DeletionTimeouts,
  type IMachineDeployment,
  type MachineDeploymentProps,
} from './machine-deployment';
export { MachineHealthCheck, type IMachineHealthCheck, type MachineHealthCheckProps } from './machine-health-check';
export { Metal3Cluster, type IMetal3Cluster, type Metal3ClusterProps } from './metal3-cluster';
export { Metal3DataTemplate, type IMetal3DataTemplate, type Metal3DataTemplateProps } from './metal3-data-template';
export {
  Metal3MachineTemplate,
  type IMetal3MachineTemplate,
  type Metal3MachineTemplateProps,
} from './metal3-machine-template';
export {
  Metal3RemediationTemplate,
  type IMetal3RemediationTemplate,
  type Metal3RemediationTemplateProps,
} from './metal3-remediation-template';
