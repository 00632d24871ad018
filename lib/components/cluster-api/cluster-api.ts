import type { Construct } from 'constructs';
import type { GatedProviderProps } from '../cluster-api-provider/options';
import { ClusterApiProvider } from '../cluster-api-provider/provider';
import { clusterApiSchema, clusterApiSpec } from './spec';

/** Objects of each kind that are worked on at the same time, from 1. */
export interface ClusterApiConcurrency {
  /** Clusters. @default 50 */
  readonly cluster?: number | undefined;
  /** Connections to workload clusters. @default 100 */
  readonly clusterCache?: number | undefined;
  /** ClusterClasses. @default 10 */
  readonly clusterClass?: number | undefined;
  /** ClusterResourceSets. @default 10 */
  readonly clusterResourceSet?: number | undefined;
  /** Clusters of a ClusterClass. @default 50 */
  readonly clusterTopology?: number | undefined;
  /** ExtensionConfigs. @default 10 */
  readonly extensionConfig?: number | undefined;
  /** Machines. @default 100 */
  readonly machine?: number | undefined;
  /** MachineDeployments. @default 50 */
  readonly machineDeployment?: number | undefined;
  /** MachineHealthChecks. @default 50 */
  readonly machineHealthCheck?: number | undefined;
  /** MachinePools. @default 50 */
  readonly machinePool?: number | undefined;
  /** MachineSets. @default 50 */
  readonly machineSet?: number | undefined;
}

/** The core provider of Cluster API: Cluster, Machine, MachineDeployment and the like. */
export interface ClusterApiProps extends GatedProviderProps {
  /**
   * How many objects of each kind are worked on at the same time.
   * @default {} - the manager's own: 10 to 100
   */
  readonly concurrency?: ClusterApiConcurrency | undefined;
}

/** The core provider of Cluster API v1.13: 13 kinds, the manager that takes care of them, and its webhooks. */
export class ClusterApi extends ClusterApiProvider {
  /** @throws TestbedError (invalid-input) naming every prop that is not allowed */
  constructor(scope: Construct, id: string, props: ClusterApiProps = {}) {
    super(scope, id, clusterApiSpec, clusterApiSchema, props);
  }
}
