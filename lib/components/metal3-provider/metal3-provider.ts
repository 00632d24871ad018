import type { Construct } from 'constructs';
import type { ProviderProps } from '../cluster-api-provider/options';
import { ClusterApiProvider } from '../cluster-api-provider/provider';
import { metal3ProviderSchema, metal3ProviderSpec } from './spec';

/** Objects of each kind that are worked on at the same time, from 1. */
export interface Metal3ProviderConcurrency {
  /**
   * Metal3Clusters. The manager writes a time into the status of each whenever it looks at it, which makes it look again:
   * one at a time ends that.
   * @default 10 - in a testbed 1
   */
  readonly metal3Cluster?: number | undefined;
  /** Metal3Datas. @default 10 */
  readonly metal3Data?: number | undefined;
  /**
   * Metal3DataTemplates, of which the same is true.
   * @default 10 - in a testbed 1
   */
  readonly metal3DataTemplate?: number | undefined;
  /** Labels that go from hosts to Nodes. @default 10 */
  readonly metal3LabelSync?: number | undefined;
  /**
   * Metal3Machines. Those that look for a host wait for each other: with more at a time, others go on meanwhile.
   * @default 10 - in a testbed 50
   */
  readonly metal3Machine?: number | undefined;
  /** Metal3MachineTemplates. @default 10 */
  readonly metal3MachineTemplate?: number | undefined;
  /** Metal3Remediations. @default 10 */
  readonly metal3Remediation?: number | undefined;
}

/** The infrastructure provider of Metal3, CAPM3: machines of clusters on bare-metal hosts. */
export interface Metal3ProviderProps extends ProviderProps {
  /**
   * How many objects of each kind are worked on at the same time.
   * @default {} - the manager's own, 10 of each; in a testbed as said there
   */
  readonly concurrency?: Metal3ProviderConcurrency | undefined;

  /**
   * Whether addresses are claimed under the names of the hosts instead of those of the machines.
   * @default false
   */
  readonly nameBasedPreallocation?: boolean | undefined;

  /**
   * Whether the CRDs of Metal3Cluster and Metal3DataTemplate lack `status.lastUpdated`, the time that the manager writes
   * whenever it looks at one, and so tells itself to look again: the other remedy for that beside a concurrency of 1.
   * @default false - as the release
   */
  readonly omitLastUpdated?: boolean | undefined;

  /**
   * Whether hosts stay powered on between two machines.
   * @default false
   */
  readonly fastTrack?: boolean | undefined;
}

/** CAPM3 v1.13: its nine kinds, the manager that takes care of them, and its webhooks. */
export class Metal3Provider extends ClusterApiProvider {
  /** @throws TestbedError (invalid-input) naming every prop that is not allowed */
  constructor(scope: Construct, id: string, props: Metal3ProviderProps = {}) {
    super(scope, id, metal3ProviderSpec, metal3ProviderSchema, props);
  }
}
