import type { Component } from '../component';
import { providerComponent } from '../cluster-api-provider/component';
import type { ClusterApiProvider } from '../cluster-api-provider/provider';
import { ClusterApi, type ClusterApiProps } from './cluster-api';
import { CLUSTER_API, clusterApiSpec } from './spec';

export { CLUSTER_API };

/** The core provider of Cluster API. */
export function clusterApiComponent(props: ClusterApiProps): Component<ClusterApiProvider> {
  return providerComponent({
    spec: clusterApiSpec,
    props,
    needs: [],
    path: 'clusterApi.core',
    construct: (scope, id) => new ClusterApi(scope, id, props),
  });
}
