/** What a server of a workload cluster shows its clients: a certificate that the cluster's own CA has signed. */
import { issueLeaf, type KeyPair } from '../../cluster/local/issue';

/** As a server of TLS takes it. PEM. */
export interface ServerIdentity {
  readonly key: string;
  readonly cert: string;
  /** Whose certificates its clients have. */
  readonly ca: string;
}

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

/**
 * @param ca of the cluster, as its Secret has it
 * @param names DNS names and addresses that clients may use
 * @param isExpired whether its certificate has expired an hour ago
 * @throws an error where the CA cannot sign
 */
export async function issueIdentity(ca: KeyPair, names: readonly string[], isExpired = false): Promise<ServerIdentity> {
  const isAddress = (name: string) => /^[\d.]+$|:/.test(name);
  const serverNames = { dns: names.filter((name) => !isAddress(name)), ip: names.filter(isAddress) };
  const now = Date.now();
  const validity = isExpired
    ? { notBefore: new Date(now - YEAR_MS), notAfter: new Date(now - HOUR_MS) }
    : { notBefore: new Date(now - HOUR_MS), notAfter: new Date(now + YEAR_MS) };
  const pair = await issueLeaf(ca, { commonName: 'kube-apiserver', serverNames, client: false }, validity);
  return { ...pair, ca: ca.cert };
}
