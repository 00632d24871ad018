import type { Component } from '../component';
import { CLUSTER_API } from '../cluster-api/spec';
import { providerComponent } from '../cluster-api-provider/component';
import type { ClusterApiProvider } from '../cluster-api-provider/provider';
import { KubeadmBootstrap, type KubeadmBootstrapProps } from './kubeadm-bootstrap';
import { KUBEADM_BOOTSTRAP, kubeadmBootstrapSpec } from './spec';

export { KUBEADM_BOOTSTRAP };

/** The kubeadm bootstrap provider. */
export function kubeadmBootstrapComponent(props: KubeadmBootstrapProps): Component<ClusterApiProvider> {
  return providerComponent({
    spec: kubeadmBootstrapSpec,
    props,
    needs: [CLUSTER_API],
    path: 'clusterApi.kubeadmBootstrap',
    construct: (scope, id) => new KubeadmBootstrap(scope, id, props),
  });
}
