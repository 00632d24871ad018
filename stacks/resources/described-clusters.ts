import * as pulumi from '@pulumi/pulumi';
import { ClusterPlan, type ClusterReleases } from '../../lib/kinds/cluster/cluster-plan';
import type { ClusterSetEntry } from '../../lib/testbed/entries';
import { requireKnownShape, requireTestbedShape } from '../../lib/testbed/schema';
import type { ClusterFleetClusters } from './cluster-fleet-args';
import { wholeSet } from './cluster-fleet-kind';
import type { ClusterFleetInputs, ClusterSecrets } from './cluster-fleet-state';
import { givenOfSet, requireNoFunction, unwrapped } from './described-set';
import { FLEET_ARGS, type FleetCredentials } from './fleet-args';
import { hasCredentialValues } from './fleet-resource';
import { RELEASES } from './fleet-schema';
import { hasOutputs, isOutput, knownPart } from './property-values';
import { requireArguments } from './require-arguments';

export type DescribedClusterSet = ClusterFleetInputs['clusterSet'];

/** What of the arguments is not about the clusters alone, or is not to be shown. */
const NOT_OF_SET: ReadonlySet<string> = new Set([...FLEET_ARGS, 'certificateAuthority', 'keySeed', 'releases']);

/** Clusters as a program describes them. */
export interface ClustersOfArgs {
  /** What Pulumi is handed; secret where it cannot be told what is in it. */
  readonly clusterSet: pulumi.Input<DescribedClusterSet>;
  /** What is kept apart from it, secret where it has values; undefined where there is nothing. */
  readonly secrets: pulumi.Input<ClusterSecrets> | undefined;
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
  requireNoFunction(where, args);
  const { releases } = args;
  requireArguments(where, { releases: { type: 'object', properties: RELEASES } }, { releases });
  const { clusterSet, apart, isOpaque, credentials } = clusterPartsOf(args);
  const hasApart = Object.keys(apart).length > 0;
  const isSecret = hasValues(args, credentials);
  const isKnown = !hasOutputs(clusterSet) && !hasOutputs(releases);
  if (!isKnown) {
    const whole = wholeSet({ clusterSet: isOpaque ? {} : clusterSet, secrets: apart } as Parameters<
      typeof wholeSet
    >[0]);
    requireKnownShape({ clusterSets: [knownPart(whole)] }, where);
  }
  return {
    clusterSet: isOpaque ? pulumi.secret(clusterSet) : clusterSet,
    secrets: hasApart ? (isSecret ? pulumi.secret(apart) : apart) : undefined,
    hasValues: isSecret,
    plan: isKnown
      ? planOfSet(where, clusterSet, { apart, releases: releases as ClusterReleases | undefined })
      : undefined,
  };
}

/** The arguments of a fleet without what they say of the fleet, and apart from it what is not to be shown, as they were given. */
export function clusterPartsOf(args: ClusterFleetClusters) {
  const { hosts, ...rest } = givenOfSet(args, NOT_OF_SET) as Pick<ClusterFleetClusters, 'hosts'>;
  const { keySeed, certificateAuthority } = args;
  const isOpaque = isOutput(hosts);
  const { credentials, ...plainHosts } = (isOpaque ? {} : (hosts ?? {})) as { readonly credentials?: FleetCredentials };
  const shown = isOpaque || hosts === undefined ? hosts : plainHosts;
  return {
    clusterSet: unwrapped({ ...rest, hosts: shown }) as DescribedClusterSet,
    apart: unwrapped({ keySeed, certificateAuthority, credentials }) as ClusterSecrets,
    /** Whether it cannot be told what is in the hosts. */
    isOpaque,
    credentials,
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
