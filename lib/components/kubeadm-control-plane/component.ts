import type { Component } from '../component';
import { CLUSTER_API } from '../cluster-api/spec';
import { KUBEADM_BOOTSTRAP } from '../kubeadm-bootstrap/spec';
import { providerComponent } from '../cluster-api-provider/component';
import type { ClusterApiProvider } from '../cluster-api-provider/provider';
import { KubeadmControlPlaneProvider, type KubeadmControlPlaneProviderProps } from './kubeadm-control-plane';
import { KUBEADM_CONTROL_PLANE, kubeadmControlPlaneSpec } from './spec';

export { KUBEADM_CONTROL_PLANE };

/** The kubeadm control plane provider, which makes machines with configurations of the bootstrap provider. */
export function kubeadmControlPlaneComponent(props: KubeadmControlPlaneProviderProps): Component<ClusterApiProvider> {
  return providerComponent({
    spec: kubeadmControlPlaneSpec,
    props,
    needs: [CLUSTER_API, KUBEADM_BOOTSTRAP],
    path: 'clusterApi.kubeadmControlPlane',
    construct: (scope, id) => new KubeadmControlPlaneProvider(scope, id, props),
  });
}
