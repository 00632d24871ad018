/** A cluster set, of whose hosts the credentials may be references to the environment or to files. */
import type { ClusterSetProps } from '../../lib/kinds/cluster/cluster-set-props';
import type { ClusterSetEntry } from '../../lib/testbed/entries';
import { fullPathsOf, resolveEntry } from './host-set-entry';

/**
 * Takes the credentials of the hosts of a cluster set from where they are.
 *
 * @param folder that paths of files are relative to
 * @throws TestbedError (`invalid-input`) for credentials that cannot be had; none is ever part of the error
 */
export async function resolveClusterSet(set: ClusterSetEntry, folder: string): Promise<ClusterSetProps> {
  const { hosts, ...rest } = set;
  return hosts === undefined ? rest : { ...rest, hosts: await resolveEntry(hosts, folder) };
}

/** The same set, with credentials files named by full path: for those who read them elsewhere. */
export function withFullClusterSetPaths(set: ClusterSetEntry, folder: string): ClusterSetEntry {
  return set.hosts === undefined ? set : { ...set, hosts: fullPathsOf(set.hosts, folder) };
}
