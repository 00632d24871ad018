/** The Secrets by which clusters are given keys, instead of those that Cluster API makes. */
import type { Manifest } from '../../upstream';
import { plainText } from '../bare-metal-host/credentials';
import { CLUSTER_NAME_LABEL } from './api-groups';
import type { CertificateAuthority, ClusterIdentity } from './cluster-set-props';
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

/** The Secrets of a cluster that somebody has to make before Cluster API looks for them. */
export function clusterSecrets(
  cluster: ClusterIdentity,
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
  return [
    ...(seed === undefined ? [] : [seeded('ca'), seeded('proxy'), secret('sa', keys.seededSigner(seed, of('sa')))]),
    seeded('etcd'),
    ...(hasExternalEtcd ? [secret('apiserver-etcd-client', client())] : []),
  ];
}

/** A mathematics that most descriptions do without. */
function seededKeys(): typeof SeededKeys {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it with the package
  return require('./seeded-keys') as typeof SeededKeys;
}

function keySecret({ namespace, name }: ClusterIdentity, purpose: string, pair: PemPair): Manifest {
  const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `${name}-${purpose}`, namespace, labels: { [CLUSTER_NAME_LABEL]: name } },
    type: 'cluster.x-k8s.io/secret',
    data: { 'tls.crt': base64(pair.certificate), 'tls.key': base64(pair.key) },
  };
}
