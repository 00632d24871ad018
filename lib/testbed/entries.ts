/** What `testbed.yaml` says: the props of a testbed, but for what YAML cannot hold or should not. */
import type { HostOverrideRule, HostSetProps } from '../kinds/bare-metal-host/host-set-props';
import type { ClusterHostsProps, ClusterSetProps } from '../kinds/cluster/cluster-set-props';
import type { ProviderProps } from '../components/cluster-api-provider/options';
import type { ClusterApiComponents } from './cluster-api';
import type { ManagementClusterProps, TestbedDescription } from './management-clusters';
import type { TestbedOperatorProps } from './operator-shards';
import type { TestbedProps } from './resolve';

/** Where a username or password is read from: one of the two. */
export interface ValueSource {
  /** Name of the environment variable that holds the value. */
  readonly env?: string | undefined;
  /** Path of the file that holds the value, relative to the description; one line break at its end is dropped. */
  readonly file?: string | undefined;
}

/**
 * Credentials of BMCs as `testbed.yaml` gives them: a username and a password, each as a value or as where to take it from,
 * or a Secret that exists.
 */
export interface CredentialsEntry {
  /** User that is known to the BMC. */
  readonly username?: string | undefined;
  /** Password of that user. In a file that others read, use `passwordFrom`. */
  readonly password?: string | undefined;
  /** Where the username is read from, instead of `username`. */
  readonly usernameFrom?: ValueSource | undefined;
  /** Where the password is read from, instead of `password`. */
  readonly passwordFrom?: ValueSource | undefined;
  /** A Secret that exists in the namespace of each host, with the keys `username` and `password`; instead of all others. */
  readonly secretName?: string | undefined;
}

/** The fields of T, described as they are there, some of them with other types. */
export type Retyped<T, Types extends { readonly [K in keyof T]?: unknown }> = {
  [K in keyof T]: K extends keyof Types ? Types[K] : T[K];
};

/** An override for the hosts of some indexes. */
export type HostOverrideEntry = Retyped<HostOverrideRule, { readonly credentials: CredentialsEntry }>;

/** A host set: its credentials may be taken from the environment or from files, and it computes nothing. */
export type HostSetEntry = Retyped<
  Omit<HostSetProps, 'override'>,
  { readonly credentials: CredentialsEntry; readonly overrides: readonly HostOverrideEntry[] }
>;

/** The hosts that a cluster set makes: their credentials may be taken from the environment or from files. */
export type ClusterHostsEntry = Retyped<ClusterHostsProps, { readonly credentials: CredentialsEntry }>;

/** A certificate authority: its texts, or where to take them from. */
export interface CertificateAuthorityEntry {
  /** Its certificate, PEM. */
  readonly certificate?: string | undefined;
  /** Its private key, PEM. In a file that others read, use `keyFrom`. */
  readonly key?: string | undefined;
  /** Where the certificate is read from, instead of `certificate`. */
  readonly certificateFrom?: ValueSource | undefined;
  /** Where the private key is read from, instead of `key`. */
  readonly keyFrom?: ValueSource | undefined;
}

/** A cluster set: its keys may be taken from the environment or from files, and it computes nothing. */
export type ClusterSetEntry = Retyped<
  Omit<ClusterSetProps, 'override'>,
  { readonly hosts: ClusterHostsEntry; readonly certificateAuthority: CertificateAuthorityEntry }
>;

/** An operator: the manifests of its release are in the cache. */
export interface OperatorEntry extends Omit<TestbedOperatorProps, 'manifests'>, NamedManifests {}

/** Manifests in the cache. */
interface NamedManifests {
  /**
   * Name under which `metal3-testbed manifests add` has taken in the manifests of a release that is not built in.
   * @default - the objects that are built in
   */
  readonly manifests?: string | undefined;
}

/** A provider of Cluster API: the manifests of its release are in the cache. */
export type ProviderEntry<P extends ProviderProps> = NamedManifests & Omit<P, 'manifests'>;

/** Cluster API with its kubeadm and Metal3 providers. */
export type ClusterApiEntry = {
  [K in keyof ClusterApiComponents]: Exclude<ClusterApiComponents[K], undefined> extends infer P
    ? P extends ProviderProps
      ? ProviderEntry<P> | undefined
      : ClusterApiComponents[K]
    : never;
};

/** The fields of a testbed that are another type in YAML. */
interface EntryTypes {
  readonly operators: readonly OperatorEntry[];
  readonly clusterApi: ClusterApiEntry;
  readonly hostSets: readonly HostSetEntry[];
  readonly clusterSets: readonly ClusterSetEntry[];
}

/** One testbed of a description. */
export type OneTestbedEntries = Retyped<TestbedProps, EntryTypes>;

/** A management cluster of a description that has several. */
export type ManagementClusterEntry = Retyped<ManagementClusterProps, EntryTypes>;

/** A Metal3 test environment: operators, fake bare-metal hosts, and clusters on them. */
export type TestbedEntries = Retyped<
  TestbedDescription,
  EntryTypes & { readonly managementClusters: readonly ManagementClusterEntry[] }
>;
