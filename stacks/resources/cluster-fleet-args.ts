import type { SensitiveText } from '../../lib/kinds/bare-metal-host/credentials';
import type { ClusterReleases } from '../../lib/kinds/cluster/cluster-plan';
import type { CertificateAuthorityEntry, ClusterHostsEntry, ClusterSetEntry, Retyped } from '../../lib/testbed/entries';
import type { FleetArgs, FleetCredentials, NestedInput } from './fleet-args';

/** A certificate authority of clusters: its texts, which Pulumi keeps as secrets, or where they are. */
export type FleetCertificateAuthority = NestedInput<
  Retyped<CertificateAuthorityEntry, { readonly key: string | SensitiveText | undefined }>
>;

/** The clusters of a fleet: a cluster set, of which any part may be the output of another resource. */
export type ClusterFleetClusters = {
  readonly [K in keyof Omit<ClusterSetEntry, 'certificateAuthority' | 'hosts' | 'keySeed'>]: NestedInput<
    ClusterSetEntry[K]
  >;
} & {
  /**
   * The hosts that the set makes for its clusters.
   * @default - as many as there are machines; none where there is a `hostSelector`
   */
  readonly hosts?: NestedInput<Retyped<ClusterHostsEntry, { readonly credentials: FleetCredentials }> | undefined>;
  /**
   * A text that the keys and certificates of each cluster follow from. Kept as a secret.
   * @default - Cluster API makes them
   */
  readonly keySeed?: NestedInput<string | SensitiveText | undefined>;
  /**
   * A certificate authority that all clusters share.
   * @default - each cluster has its own
   */
  readonly certificateAuthority?: FleetCertificateAuthority | undefined;
};

/** A cluster set, and where it goes. */
export interface ClusterFleetArgs extends ClusterFleetClusters, FleetArgs {
  /**
   * The releases of Cluster API and of the Bare Metal Operator on the cluster, which decide what clusters can have.
   * @default - those that are built in
   */
  readonly releases?: NestedInput<ClusterReleases | undefined>;
}
