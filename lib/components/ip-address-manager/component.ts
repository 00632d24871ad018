import type { Component } from '../component';
import { CLUSTER_API } from '../cluster-api/spec';
import { providerComponent } from '../cluster-api-provider/component';
import type { ClusterApiProvider } from '../cluster-api-provider/provider';
import { IpAddressManager, type IpAddressManagerProps } from './ip-address-manager';
import { IP_ADDRESS_MANAGER, ipAddressManagerSpec } from './spec';

export { IP_ADDRESS_MANAGER };

/** Metal3's IP address manager, which takes care of claims of Cluster API too. */
export function ipAddressManagerComponent(props: IpAddressManagerProps): Component<ClusterApiProvider> {
  return providerComponent({
    spec: ipAddressManagerSpec,
    props,
    needs: [CLUSTER_API],
    path: 'clusterApi.ipAddressManager',
    construct: (scope, id) => new IpAddressManager(scope, id, props),
  });
}
