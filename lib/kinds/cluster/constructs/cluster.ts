import type { Construct } from 'constructs';

import { unlessEmpty } from '../../../without-undefined';
import type { ClusterEndpoint } from '../cluster-set-props';
import {
  ClusterApiResource,
  ImportedResource,
  referenceTo,
  type ClusterApiResourceProps,
  type ResourceKind,
} from './cluster-api-resource';
import type { ICluster, IKubeadmControlPlane, IMetal3Cluster } from './interfaces';

/** What a Cluster is made of. */
export interface ClusterProps extends ClusterApiResourceProps {
  /**
   * What runs its API.
   * @default - none; what `spec.topology` makes
   */
  readonly controlPlane?: IKubeadmControlPlane | undefined;
  /**
   * What it runs on.
   * @default - none; what `spec.topology` makes
   */
  readonly infrastructure?: IMetal3Cluster | undefined;
  /**
   * Blocks of addresses for Pods.
   * @default - unsaid
   */
  readonly podCidrBlocks?: readonly string[] | undefined;
  /**
   * Blocks of addresses for Services.
   * @default - unsaid
   */
  readonly serviceCidrBlocks?: readonly string[] | undefined;
  /**
   * DNS domain of Services.
   * @default - unsaid, which is `cluster.local`
   */
  readonly serviceDomain?: string | undefined;
  /**
   * Where its API is reached.
   * @default - as its infrastructure says
   */
  readonly controlPlaneEndpoint?: ClusterEndpoint | undefined;
  /**
   * Whether Cluster API shall leave it alone.
   * @default false
   */
  readonly paused?: boolean | undefined;
}

const CLUSTER: ResourceKind = { group: 'core', kind: 'Cluster', plural: 'clusters' };

/** One cluster of Cluster API. For many that are alike, see `ClusterSet`. */
export class Cluster extends ClusterApiResource implements ICluster {
  /** A Cluster that is there already. */
  static fromClusterName(scope: Construct, id: string, name: string): ICluster {
    return new ImportedResource(scope, id, CLUSTER, name);
  }

  /** @throws TestbedError (`invalid-input`) for what the API server would refuse */
  constructor(scope: Construct, id: string, props: ClusterProps) {
    const { controlPlane, infrastructure, podCidrBlocks, serviceCidrBlocks, serviceDomain } = props;
    const { controlPlaneEndpoint, paused } = props;
    const blocks = (cidrBlocks: readonly string[] | undefined) => cidrBlocks && { cidrBlocks };
    super(scope, id, CLUSTER, props, {
      paused,
      clusterNetwork: unlessEmpty({
        pods: blocks(podCidrBlocks),
        services: blocks(serviceCidrBlocks),
        serviceDomain,
      }),
      controlPlaneEndpoint,
      controlPlaneRef: referenceTo(controlPlane),
      infrastructureRef: referenceTo(infrastructure),
    });
  }
}
