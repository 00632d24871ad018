import type { Construct } from 'constructs';

import type { ClusterEndpoint } from '../cluster-set-props';
import { requireEndpoint } from '../endpoint-plan';
import {
  ClusterApiResource,
  ImportedResource,
  type ClusterApiResourceProps,
  type ResourceKind,
} from './cluster-api-resource';
import type { IMetal3Cluster } from './interfaces';

/** What a Metal3Cluster is made of. */
export interface Metal3ClusterProps extends ClusterApiResourceProps {
  /** Where the API of the cluster is reached. */
  readonly controlPlaneEndpoint: ClusterEndpoint;
  /**
   * Whether a cloud provider says which Node is on which host, instead of CAPM3.
   * @default false
   */
  readonly cloudProviderEnabled?: boolean | undefined;
}

const METAL3_CLUSTER: ResourceKind = { group: 'infrastructure', kind: 'Metal3Cluster', plural: 'metal3clusters' };

/** What a cluster runs on: bare-metal hosts. */
export class Metal3Cluster extends ClusterApiResource implements IMetal3Cluster {
  /** A Metal3Cluster that is there already. */
  static fromMetal3ClusterName(scope: Construct, id: string, name: string): IMetal3Cluster {
    return new ImportedResource(scope, id, METAL3_CLUSTER, name);
  }

  /** @throws TestbedError (`invalid-input`) for what the API server or CAPM3's webhook would refuse */
  constructor(scope: Construct, id: string, props: Metal3ClusterProps) {
    const { controlPlaneEndpoint, cloudProviderEnabled = false } = props;
    super(scope, id, METAL3_CLUSTER, props, {
      controlPlaneEndpoint: requireEndpoint(`controlPlaneEndpoint of ${id},`, controlPlaneEndpoint),
      cloudProviderEnabled,
    });
  }
}
