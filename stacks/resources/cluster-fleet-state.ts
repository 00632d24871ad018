/** What the state of a stack says of a fleet of clusters. */
import type { CertificateAuthorityEntry, ClusterSetEntry, CredentialsEntry } from '../../lib/testbed/entries';
import type { ClusterReleases } from '../../lib/kinds/cluster/cluster-plan';
import type { FleetInputs, FleetResults } from './fleet-state';

/** What of a cluster set is not to be shown, or says where that is. */
export interface ClusterSecrets {
  readonly keySeed?: string;
  readonly certificateAuthority?: CertificateAuthorityEntry;
  /** Of the BMCs of the hosts that the set makes. */
  readonly credentials?: CredentialsEntry;
}

/** What the program asks for. */
export interface ClusterFleetInputs extends FleetInputs {
  /** Without the secrets. */
  readonly clusterSet: Omit<ClusterSetEntry, 'certificateAuthority' | 'keySeed'>;
  /** Secret where it holds the values themselves. */
  readonly secrets?: ClusterSecrets;
  /** The releases on the cluster. */
  readonly releases?: ClusterReleases;
}

/** What is known once it has been applied. */
export interface ClusterFleetOutputs extends ClusterFleetInputs, FleetResults {}
