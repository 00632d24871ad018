import * as pulumi from '@pulumi/pulumi';
import { ClusterPlan, type ClusterReleases } from '../../lib/kinds/cluster/cluster-plan';
import type { ClusterSetEntry } from '../../lib/testbed/entries';
import { requireTestbedShape } from '../../lib/testbed/schema';
import type { ClusterFleetClusters } from './cluster-fleet-args';
import { wholeSet } from './cluster-fleet-kind';
import type { ClusterFleetInputs, ClusterSecrets } from './cluster-fleet-state';
import { givenOfSet, hasOutputs, isOutput, unwrapped } from './described-set';
import { FLEET_ARGS, type FleetCredentials } from './fleet-args';
import { hasCredentialValues } from './fleet-resource';

export type DescribedClusterSet = ClusterFleetInputs['clusterSet'];

/** What of the arguments is not about the clusters alone, or is not to be shown. */
const NOT_OF_SET: ReadonlySet<string> = new Set([...FLEET_ARGS, 'certificateAuthority', 'keySeed', 'releases']);

/** Clusters as a program describes them. */
export interface ClustersOfArgs {
  /** What Pulumi is handed; secret where it cannot be told what is in it. */
  readonly clusterSet: pulumi.Input<DescribedClusterSet>;
  /** What is kept apart from it, secret where it has values; undefined where there is nothing. */
  readonly secrets: pulumi.Input<ClusterSecrets> | undefined;
  /** The same, as it was given; empty where there is nothing. */
  readonly apart: ClusterSecrets;
  /** Whether it has values, and not only where they are. */
  readonly hasValues: boolean;
  /** The clusters; undefined where they are known only once other resources are made. */
  readonly plan: ClusterPlan | undefined;
}

/**
 * The clusters that the arguments of a fleet describe, without what they say of the fleet.
 *
 * @throws TestbedError (`invalid-input`) for what a cluster set cannot have, as far as it is known by now
 */
export function describedClusters(
  name: string,
  args: ClusterFleetClusters & { readonly releases?: unknown },
): ClustersOfArgs {
  const where = `ClusterFleet ${name}`;
  const { hosts, ...rest } = givenOfSet(where, args, NOT_OF_SET) as Pick<ClusterFleetClusters, 'hosts'>;
  const { keySeed, certificateAuthority } = args;
  const isOpaque = isOutput(hosts);
  const { credentials, ...plainHosts } = (isOpaque ? {} : (hosts ?? {})) as { readonly credentials?: FleetCredentials };
  const shown = isOpaque || hosts === undefined ? hosts : plainHosts;
  const set = unwrapped({ ...rest, hosts: shown }) as pulumi.Input<DescribedClusterSet>;
  const apart = unwrapped({ keySeed, certificateAuthority, credentials }) as ClusterSecrets;
  const hasApart = Object.keys(apart).length > 0;
  const { releases } = args;
  const isSecret = hasValues(args, credentials);
  const isKnown = !hasOutputs(set) && !hasOutputs(releases);
  return {
    clusterSet: isOpaque ? pulumi.secret(set) : set,
    secrets: hasApart ? (isSecret ? pulumi.secret(apart) : apart) : undefined,
    apart,
    hasValues: isSecret,
    plan: isKnown
      ? planOfSet(where, set as DescribedClusterSet, { apart, releases: releases as ClusterReleases | undefined })
      : undefined,
  };
}

/**
 * @param apart what of it is kept apart, as far as it is known
 * @throws TestbedError (`invalid-input`) for what a cluster set cannot have
 */
export function planOfSet(
  where: string,
  clusterSet: DescribedClusterSet,
  { apart = {}, releases }: { readonly apart?: ClusterSecrets; readonly releases?: ClusterReleases | undefined },
): ClusterPlan {
  const known = Object.fromEntries(Object.entries(apart).filter(([, value]) => !hasOutputs(value)));
  const whole = unwrapped(wholeSet({ clusterSet, secrets: known })) as ClusterSetEntry;
  requireTestbedShape({ clusterSets: [whole] }, where);
  const { certificateAuthority: _, ...set } = whole;
  // Where credentials and keys are taken from is looked at where they are read.
  const { credentials, ...hosts } = set.hosts ?? {};
  const secretName = credentials?.secretName;
  const checked = secretName === undefined ? hosts : { ...hosts, credentials: { secretName } };
  const plan = new ClusterPlan({ ...set, hosts: set.hosts && checked }, releases);
  plan.check();
  return plan;
}

/** Whether what is kept apart has values, and not only where they are. What is not known yet may have some. */
function hasValues(
  { keySeed, certificateAuthority }: ClusterFleetClusters,
  credentials: FleetCredentials | undefined,
): boolean {
  if (keySeed !== undefined || (credentials !== undefined && hasCredentialValues(credentials))) return true;
  if (certificateAuthority === undefined) return false;
  const { key } = certificateAuthority as Readonly<Record<string, unknown>>;
  return key !== undefined || isOutput(certificateAuthority);
}
