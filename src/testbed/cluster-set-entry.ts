/** A cluster set, of which credentials and keys may be references to the environment or to files. */
import type { CertificateAuthority, ClusterSetProps } from '../../lib/kinds/cluster/cluster-set-props';
import type { CertificateAuthorityEntry, ClusterSetEntry } from '../../lib/testbed/entries';
import { withoutUndefined } from '../../lib/without-undefined';
import { fullPath, fullPathsOf, resolveEntry, resolveValue } from './host-set-entry';

/**
 * Takes the credentials of a cluster set's hosts, and its keys, from where they are.
 *
 * @param folder that paths of files are relative to
 * @throws TestbedError (`invalid-input`) for credentials that cannot be had; none is ever part of the error
 */
export async function resolveClusterSet(set: ClusterSetEntry, folder: string): Promise<ClusterSetProps> {
  const { hosts, certificateAuthority, ...rest } = set;
  return withoutUndefined({
    ...rest,
    hosts: hosts && (await resolveEntry(hosts, folder)),
    certificateAuthority: certificateAuthority && (await resolveAuthority(certificateAuthority, folder)),
  });
}

/** The same set, with files of credentials and keys named by full path: for those who read them elsewhere. */
export function withFullClusterSetPaths(set: ClusterSetEntry, folder: string): ClusterSetEntry {
  const { hosts, certificateAuthority: authority, ...rest } = set;
  return withoutUndefined({
    ...rest,
    hosts: hosts && fullPathsOf(hosts, folder),
    certificateAuthority: authority && {
      ...authority,
      certificateFrom: authority.certificateFrom && fullPath(authority.certificateFrom, folder),
      keyFrom: authority.keyFrom && fullPath(authority.keyFrom, folder),
    },
  });
}

async function resolveAuthority(entry: CertificateAuthorityEntry, folder: string): Promise<CertificateAuthority> {
  const { certificate, certificateFrom, key, keyFrom } = entry;
  const part = 'certificateAuthority';
  return {
    certificate: (await resolveValue('certificate', certificate, certificateFrom, folder, part)).unwrap(),
    key: await resolveValue('key', key, keyFrom, folder, part),
  };
}
