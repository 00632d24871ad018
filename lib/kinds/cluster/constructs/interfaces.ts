/** What each kind is to others: described here, or in the management cluster already. */
import type { IResource } from 'cdk8s-plus-27';

/** A ClusterClass, described here or in the management cluster already. */
export type IClusterClass = IResource;

/** A Cluster, described here or in the management cluster already. */
export type ICluster = IResource;

/** An IPPool, described here or in the management cluster already. */
export type IIPPool = IResource;

/** A KubeadmConfigTemplate, described here or in the management cluster already. */
export type IKubeadmConfigTemplate = IResource;

/** A KubeadmControlPlane, described here or in the management cluster already. */
export type IKubeadmControlPlane = IResource;

/** A MachineDeployment, described here or in the management cluster already. */
export type IMachineDeployment = IResource;

/** A MachineHealthCheck, described here or in the management cluster already. */
export type IMachineHealthCheck = IResource;

/** A Metal3Cluster, described here or in the management cluster already. */
export type IMetal3Cluster = IResource;

/** A Metal3DataTemplate, described here or in the management cluster already. */
export type IMetal3DataTemplate = IResource;

/** A Metal3MachineTemplate, described here or in the management cluster already. */
export type IMetal3MachineTemplate = IResource;

/** A Metal3RemediationTemplate, described here or in the management cluster already. */
export type IMetal3RemediationTemplate = IResource;
