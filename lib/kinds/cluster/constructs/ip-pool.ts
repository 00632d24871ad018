import type { Construct } from 'constructs';

import { CLUSTER_NAME_LABEL } from '../api-groups';
import {
  ClusterApiResource,
  ImportedResource,
  type ClusterApiResourceProps,
  type ResourceKind,
} from './cluster-api-resource';
import type { ICluster, IIPPool } from './interfaces';

/** Addresses of a pool: a subnet, or from one to another. */
export interface IPPoolRange {
  /**
   * A CIDR block.
   * @default - `start` and `end`
   */
  readonly subnet?: string | undefined;
  /**
   * The first address.
   * @default - that of `subnet`
   */
  readonly start?: string | undefined;
  /**
   * The last address.
   * @default - that of `subnet`
   */
  readonly end?: string | undefined;
  /**
   * Length of the prefix, of these addresses.
   * @default - that of the pool
   */
  readonly prefix?: number | undefined;
  /**
   * Gateway of these addresses.
   * @default - that of the pool
   */
  readonly gateway?: string | undefined;
  /**
   * Name servers of these addresses.
   * @default - those of the pool
   */
  readonly dnsServers?: readonly string[] | undefined;
}

/** What an IPPool is made of. */
export interface IPPoolProps extends ClusterApiResourceProps {
  /** The addresses that are given away. */
  readonly pools: readonly IPPoolRange[];
  /**
   * The cluster that it belongs to, and goes with.
   * @default - none
   */
  readonly cluster?: ICluster | undefined;
  /**
   * First part of the names of its IPAddresses.
   * @default - the pool's name
   */
  readonly namePrefix?: string | undefined;
  /**
   * Addresses for certain claims, by their names.
   * @default - none
   */
  readonly preAllocations?: Readonly<Record<string, string>> | undefined;
  /**
   * Length of the prefix that machines are told.
   * @default - that of the addresses
   */
  readonly prefix?: number | undefined;
  /**
   * The gateway that machines are told.
   * @default - none
   */
  readonly gateway?: string | undefined;
  /**
   * The name servers that machines are told.
   * @default - none
   */
  readonly dnsServers?: readonly string[] | undefined;
}

const IP_POOL: ResourceKind = { group: 'ipam', kind: 'IPPool', plural: 'ippools' };

/** Addresses that Metal3's IP address manager gives to machines. */
export class IPPool extends ClusterApiResource implements IIPPool {
  /** An IPPool that is there already. */
  static fromIPPoolName(scope: Construct, id: string, name: string): IIPPool {
    return new ImportedResource(scope, id, IP_POOL, name);
  }

  /** @throws TestbedError (`invalid-input`) for what the API server would refuse */
  constructor(scope: Construct, id: string, props: IPPoolProps) {
    const { cluster, namePrefix = props.metadata?.name ?? id, pools, preAllocations } = props;
    const { prefix, gateway, dnsServers } = props;
    const labels = cluster === undefined ? {} : { [CLUSTER_NAME_LABEL]: cluster.name };
    const described = { clusterName: cluster?.name, namePrefix, pools, preAllocations, prefix, gateway, dnsServers };
    super(scope, id, IP_POOL, props, described, labels);
  }
}
