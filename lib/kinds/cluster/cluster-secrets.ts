/** The Secrets by which clusters are given keys, instead of those that Cluster API makes. */
import type { Manifest } from '../../upstream';
import { urlHost } from '../../url-host';
import { plainText } from '../bare-metal-host/credentials';
import { CLUSTER_NAME_LABEL } from './api-groups';
import type { CertificateAuthority, ClusterEndpoint, ClusterIdentity } from './cluster-set-props';
import type * as SeededKeys from './seeded-keys';
import type { PemPair, Purpose } from './seeded-keys';

/** What the keys of clusters follow from. */
export interface KeySource {
  /** undefined where Cluster API makes the keys. */
  readonly seed: string | undefined;
  readonly authority: CertificateAuthority | undefined;
}

/** What an external etcd is asked for with; Cluster API makes no keys for it, and nobody asks it for anything. */
const ETCD_SEED = 'metal3-testbed';
const ETCD_CLIENT = { commonName: 'kube-apiserver-etcd-client', organization: 'system:masters' };
/** Whom Cluster API makes its kubeconfig for. */
const ADMIN = { commonName: 'kubernetes-admin', organization: 'system:masters' };

/** What the Secrets of a cluster are made of. */
export interface KeyedCluster extends ClusterIdentity {
  readonly endpoint: ClusterEndpoint;
}

/** The Secrets of a cluster that somebody has to make before Cluster API looks for them. */
export function clusterSecrets(
  cluster: KeyedCluster,
  { seed, authority }: KeySource,
  hasExternalEtcd: boolean,
): readonly Manifest[] {
  const secret = (purpose: string, pair: PemPair) => keySecret(cluster, purpose, pair);
  if (authority !== undefined) {
    const pair = { certificate: authority.certificate, key: plainText(authority.key) };
    const purposes = ['ca', 'etcd', 'proxy', ...(hasExternalEtcd ? ['apiserver-etcd-client'] : [])];
    return purposes.map((purpose) => secret(purpose, pair));
  }
  if (seed === undefined && !hasExternalEtcd) return [];
  const keys = seededKeys();
  const text = seed ?? ETCD_SEED;
  const of = (purpose: string): Purpose => [cluster.namespace, cluster.name, purpose];
  const seeded = (purpose: string) => secret(purpose, keys.seededAuthority(text, of(purpose)));
  const client = () => keys.seededClient(text, of('apiserver-etcd-client'), of('etcd'), ETCD_CLIENT);
  const ofSeed = (given: string) => {
    const ca = keys.seededAuthority(given, of('ca'));
    const admin = keys.seededClient(given, of('kubeconfig'), of('ca'), ADMIN);
    return [
      secret('ca', ca),
      seeded('proxy'),
      secret('sa', keys.seededSigner(given, of('sa'))),
      clusterSecret(cluster, 'kubeconfig', { value: kubeconfig(cluster, ca, admin) }),
    ];
  };
  return [
    ...(seed === undefined ? [] : ofSeed(seed)),
    seeded('etcd'),
    ...(hasExternalEtcd ? [secret('apiserver-etcd-client', client())] : []),
  ];
}

/** A mathematics that most descriptions do without. */
function seededKeys(): typeof SeededKeys {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it with the package
  return require('./seeded-keys') as typeof SeededKeys;
}

/**
 * How managers reach the cluster. Cluster API makes it where it is missing, but looks for it before, and then not again for
 * half a minute (`ConnectionCreationRetryInterval` of its cluster cache).
 */
function kubeconfig({ name, endpoint: { host, port } }: KeyedCluster, ca: PemPair, admin: PemPair): string {
  const user = `${name}-admin`;
  const context = `${user}@${name}`;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': context,
    clusters: [
      {
        name,
        cluster: { server: `https://${urlHost(host)}:${port}`, 'certificate-authority-data': base64(ca.certificate) },
      },
    ],
    contexts: [{ name: context, context: { cluster: name, user } }],
    users: [
      {
        name: user,
        user: { 'client-certificate-data': base64(admin.certificate), 'client-key-data': base64(admin.key) },
      },
    ],
  };
  return JSON.stringify(config);
}

function keySecret(cluster: ClusterIdentity, purpose: string, pair: PemPair): Manifest {
  return clusterSecret(cluster, purpose, { 'tls.crt': pair.certificate, 'tls.key': pair.key });
}

function clusterSecret(
  { namespace, name }: ClusterIdentity,
  purpose: string,
  data: Readonly<Record<string, string>>,
): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `${name}-${purpose}`, namespace, labels: { [CLUSTER_NAME_LABEL]: name } },
    type: 'cluster.x-k8s.io/secret',
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)])),
  };
}

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');
