/**
 * The clusters that a run begins with, which are all that no step makes, and the hosts of all: they are there before its first
 * step, and part of what it measures.
 */
import { TestbedError } from '../../lib/errors';
import type { Fleet } from '../../lib/kinds/bare-metal-host/fleet';
import { bareMetalHostKind } from '../../lib/kinds/bare-metal-host/kind';
import { clusterKind } from '../../lib/kinds/cluster/kind';
import type { Kind } from '../../lib/kinds/kind';
import { machineKind } from '../../lib/kinds/machine/kind';
import type { ResolvedTestbed } from '../../lib/testbed/resolve';
import { mayHaveMembers } from '../apply/apply-set';
import type { StepGoal, StepRecord } from '../measure/step-record';
import { deletePaused } from '../install/delete-paused';
import { bringObjects, type ObjectsOptions } from '../testbed/bring-objects';
import { describedClusters, describedHosts, someClusters } from '../testbed/described';
import { keyOf, keysOf, type Target } from './arrivals';
import { whereIs } from '../watch/wait-for-states';
import { watchOf, type ScenarioRun } from './scenario-run';

/** Kinds that are watched besides those that steps are for. */
export const CLUSTER_KINDS: readonly Kind[] = [clusterKind, machineKind];

type Sets = Pick<ResolvedTestbed, 'clusterSets' | 'fleets'>;

/** The hosts that steps are for: not those that the cluster sets make, which their machines are on. */
export function hostsOfSteps({ clusterSets, fleets }: Sets): readonly Fleet[] {
  return fleets.filter((fleet) => !isOfClusters(fleet, clusterSets));
}

function isOfClusters(fleet: Fleet, clusterSets: Sets['clusterSets']): boolean {
  return clusterSets.some(({ hosts }) => hosts === fleet);
}

/** Takes away the clusters of an earlier run. @throws TestbedError (`timeout`) naming those that do not go */
export async function clearClusters({ live, listener, signal }: ScenarioRun): Promise<void> {
  const { applier, client, sets } = live;
  if (!(await mayHaveMembers(client, sets.clusters, signal))) return;
  await deletePaused(client, sets.clusters, signal);
  await applier.prune([], { task: 'clear clusters', set: sets.clusters, pruneAll: true, listener, signal });
}

/** Which hosts are not those of some clusters. */
function hostsOfOthers(clusterSets: Sets['clusterSets'], clusters: ReadonlySet<string>): (host: Target) => boolean {
  const without = new Set<string>();
  for (const set of clusterSets)
    for (const cluster of set.clusters())
      if (clusters.has(keyOf(cluster))) for (const host of set.hostsOf(cluster)) without.add(keyOf(host));
  return (host) => !without.has(keyOf(host));
}

export interface BringClustersOptions extends Pick<ObjectsOptions, 'pace' | 'timeoutMs'> {
  readonly before?: ReadonlySet<string>;
  readonly seeded?: ReadonlySet<string>;
  /** When it began, where that was before, on the clock of performance.now(). @default - now */
  readonly since?: number;
}

export interface Brought {
  readonly records: readonly StepRecord[];
  /** Why not all of them came to be available. */
  readonly failure?: Error | undefined;
}

/**
 * Brings up the clusters that no step makes, and the hosts that clusters need, and tells how they fared as steps do.
 *
 * @param before the clusters to bring up, by `namespace/name`; all where it is left out
 * @param seeded clusters whose hosts come with them, later
 * @param timeoutMs @param pace as `up` has them
 */
export async function bringClusters(
  run: ScenarioRun,
  { before, seeded = new Set(), since = performance.now(), timeoutMs, pace }: BringClustersOptions = {},
): Promise<Brought> {
  const { live, listener, signal } = run;
  const { clusterSets, fleets } = live.testbed;
  if (clusterSets.length === 0) return { records: [] };
  // Where some are on the hosts of host sets, these have to be there too.
  const needed = clusterSets.every(({ hosts }) => hosts !== undefined)
    ? fleets.filter((fleet) => isOfClusters(fleet, clusterSets))
    : fleets;
  const sets =
    before === undefined ? clusterSets : clusterSets.map((set) => someClusters(set, (each) => before.has(keyOf(each))));
  const described = {
    hosts: describedHosts(needed, hostsOfOthers(clusterSets, seeded)),
    clusters: describedClusters(sets),
  };
  const start = since;
  let failure: Error | undefined;
  try {
    await bringObjects(live, described, { timeoutMs, pace, listener, signal });
  } catch (error) {
    if (!(error instanceof TestbedError) && signal?.aborted !== true) throw error;
    failure = error as Error;
  }
  const end = performance.now();
  // What the report begins with is told first.
  const kinds = described.clusters.count > 0 ? [...CLUSTER_KINDS, bareMetalHostKind] : [bareMetalHostKind];
  const records = kinds.map((kind): StepRecord => {
    const watch = watchOf(run, kind);
    const there = [...watch.all()];
    const pending = there.filter(({ isSettled }) => !isSettled);
    const goal: StepGoal = { field: 'state', word: 'settled' };
    return {
      name: `bring up ${kind.noun.many}`,
      action: 'bringUp',
      kind: kind.kind,
      ...{ start, end, goal, done: there.length - pending.length, pending: keysOf(pending) },
      objects: Math.max(there.length, kind === clusterKind ? described.clusters.count : 0),
      // They are made in turns, of which the last would seem to have taken as long as all.
      asked: new Map(
        there.map((each) => [keyOf(each), Math.max(start, watch.timelines?.get(keyOf(each))?.seenAt ?? 0)]),
      ),
      late: pending.slice(0, SHOWN).map(whereIs),
      retries: 0,
    };
  });
  return { records, failure };
}

const SHOWN = 5;
