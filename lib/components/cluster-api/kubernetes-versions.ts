import { isAtLeast } from '../../version';

/** The Kubernetes minor versions of workload clusters that a series of Cluster API supports, as its release notes say. */
const SUPPORTED: Readonly<Record<string, { readonly first: string; readonly last: string }>> = {
  'v1.13': { first: 'v1.30', last: 'v1.36' },
};

/**
 * The Kubernetes minor versions that a release of Cluster API supports in workload clusters.
 *
 * @param release of Cluster API, such as `v1.13.4`
 * @returns undefined for a release of which this package does not know
 */
export function supportedKubernetes(release: string): { readonly first: string; readonly last: string } | undefined {
  return SUPPORTED[/^v\d+\.\d+/.exec(release)?.[0] ?? ''];
}

/** Whether a version is of one of those minor versions. */
export function isSupportedKubernetes(
  version: string,
  { first, last }: { readonly first: string; readonly last: string },
): boolean {
  const minor = /^v\d+\.\d+/.exec(version)?.[0] ?? '';
  return isAtLeast(minor, first) && isAtLeast(last, minor);
}
