import type { Construct } from 'constructs';
import type { GatedProviderProps } from '../cluster-api-provider/options';
import { ClusterApiProvider } from '../cluster-api-provider/provider';
import { kubeadmBootstrapSchema, kubeadmBootstrapSpec } from './spec';

/** Objects of each kind that are worked on at the same time, from 1. */
export interface KubeadmBootstrapConcurrency {
  /** Connections to workload clusters. @default 100 */
  readonly clusterCache?: number | undefined;
  /** KubeadmConfigs. @default 100 */
  readonly kubeadmConfig?: number | undefined;
}

/** The bootstrap provider of Cluster API: how machines become Nodes, with kubeadm. */
export interface KubeadmBootstrapProps extends GatedProviderProps {
  /**
   * How many objects of each kind are worked on at the same time.
   * @default {} - the manager's own: 100 of each
   */
  readonly concurrency?: KubeadmBootstrapConcurrency | undefined;

  /**
   * How long the tokens last with which Nodes join: a duration such as `15m`.
   * @default '15m'
   */
  readonly bootstrapTokenTtl?: string | undefined;
}

/** The kubeadm bootstrap provider v1.13: KubeadmConfigs, the manager that takes care of them, and its webhooks. */
export class KubeadmBootstrap extends ClusterApiProvider {
  /** @throws TestbedError (invalid-input) naming every prop that is not allowed */
  constructor(scope: Construct, id: string, props: KubeadmBootstrapProps = {}) {
    super(scope, id, kubeadmBootstrapSpec, kubeadmBootstrapSchema, props);
  }
}
