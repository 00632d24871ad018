import type { Component } from '../component';
import { BAREMETAL_OPERATOR } from '../baremetal-operator/component';
import { CLUSTER_API } from '../cluster-api/spec';
import { IP_ADDRESS_MANAGER } from '../ip-address-manager/spec';
import { providerComponent } from '../cluster-api-provider/component';
import type { ClusterApiProvider } from '../cluster-api-provider/provider';
import { Metal3Provider, type Metal3ProviderProps } from './metal3-provider';
import { METAL3_PROVIDER, metal3ProviderSpec } from './spec';

export { METAL3_PROVIDER };

/** CAPM3, which claims hosts of the Bare Metal Operator and addresses of the IP address manager. */
export function metal3ProviderComponent(props: Metal3ProviderProps): Component<ClusterApiProvider> {
  return providerComponent({
    spec: metal3ProviderSpec,
    props,
    needs: [CLUSTER_API, BAREMETAL_OPERATOR, IP_ADDRESS_MANAGER],
    path: 'clusterApi.metal3Provider',
    construct: (scope, id) => new Metal3Provider(scope, id, props),
  });
}
