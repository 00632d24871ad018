import type { Construct } from 'constructs';
import type { GatedProviderProps } from '../cluster-api-provider/options';
import { ClusterApiProvider } from '../cluster-api-provider/provider';
import { kubeadmControlPlaneSchema, kubeadmControlPlaneSpec } from './spec';

/** Objects of each kind that are worked on at the same time, from 1. */
export interface KubeadmControlPlaneConcurrency {
  /** Connections to workload clusters. @default 100 */
  readonly clusterCache?: number | undefined;
  /** KubeadmControlPlanes. @default 100 */
  readonly kubeadmControlPlane?: number | undefined;
}

/** The control plane provider of Cluster API: control planes, with kubeadm. */
export interface KubeadmControlPlaneProviderProps extends GatedProviderProps {
  /**
   * How many objects of each kind are worked on at the same time.
   * @default {} - the manager's own: 100 of each
   */
  readonly concurrency?: KubeadmControlPlaneConcurrency | undefined;
}

/** The kubeadm control plane provider v1.13: its two kinds, the manager that takes care of them, and its webhooks. */
export class KubeadmControlPlaneProvider extends ClusterApiProvider {
  /** @throws TestbedError (invalid-input) naming every prop that is not allowed */
  constructor(scope: Construct, id: string, props: KubeadmControlPlaneProviderProps = {}) {
    super(scope, id, kubeadmControlPlaneSpec, kubeadmControlPlaneSchema, props);
  }
}
