/** What a testbed is described with, kind by kind: what is written, and what of it is waited for. */
import { bareMetalHostKind } from '../../lib/kinds/bare-metal-host/kind';
import type { Fleet } from '../../lib/kinds/bare-metal-host/fleet';
import { clusterKind } from '../../lib/kinds/cluster/kind';
import type { Kind } from '../../lib/kinds/kind';
import { flatten } from '../apply/apply';
import type { KubernetesObject, NamespacedName } from '../kubernetes/objects';

/** The objects of one kind, with all that comes with them; each time anew, since there may be a million. */
export interface DescribedObjects {
  readonly kind: Kind;
  /** How many of the kind there are. */
  readonly count: number;
  /** Everything that is written, in an order in which it can be. */
  objects(): Iterable<KubernetesObject>;
  /** The same, one of the kind after the other, where they are not to be brought up all at once. */
  turns?(): Iterable<Turn>;
  /** Those of the kind. */
  targets(): Iterable<NamespacedName>;
}

/** Objects that are written together. */
export interface Turn {
  readonly objects: readonly object[];
  /** Whose they are; undefined for what several share. */
  readonly target?: NamespacedName | undefined;
}

/** What is taken of a set of clusters, as a ClusterPlan gives it: the objects of each, and those that they share. */
export interface DescribedClusterSet {
  readonly name: string;
  readonly count: number;
  namespaces(): readonly string[];
  clusters(): Iterable<NamespacedName>;
  objectsOf(cluster: NamespacedName): readonly object[];
  sharedObjects(): readonly object[];
}

/** @param isWanted which of their hosts. @default all */
export function describedHosts(
  fleets: readonly Fleet[],
  isWanted?: (host: NamespacedName) => boolean,
): DescribedObjects {
  const hosts = function* () {
    for (const fleet of fleets) for (const host of fleet.hosts()) if (isWanted?.(host) ?? true) yield host;
  };
  return {
    kind: bareMetalHostKind,
    count: isWanted === undefined ? fleets.reduce((sum, { count }) => sum + count, 0) : [...hosts()].length,
    objects: () => flatten(hostGroups(fleets, isWanted)),
    targets: hosts,
  };
}

export function describedClusters(sets: readonly DescribedClusterSet[]): DescribedObjects {
  return {
    kind: clusterKind,
    count: sets.reduce((sum, { count }) => sum + count, 0),
    *objects() {
      for (const { objects } of clusterTurns(sets)) yield* objects as readonly KubernetesObject[];
    },
    turns: () => clusterTurns(sets),
    *targets() {
      for (const set of sets) yield* set.clusters();
    },
  };
}

/** Some clusters of a set, with all that they share. */
export function someClusters(
  set: DescribedClusterSet,
  isWanted: (cluster: NamespacedName) => boolean,
): DescribedClusterSet {
  const wanted = [...set.clusters()].filter(isWanted);
  return {
    name: set.name,
    count: wanted.length,
    namespaces: () => set.namespaces(),
    clusters: () => wanted,
    objectsOf: (cluster) => set.objectsOf(cluster),
    sharedObjects: () => (wanted.length === 0 ? [] : set.sharedObjects()),
  };
}

function* hostGroups(
  fleets: readonly Fleet[],
  isWanted: (host: NamespacedName) => boolean = () => true,
): Generator<readonly object[]> {
  for (const fleet of fleets) for (const host of fleet.hostsInTurns()) if (isWanted(host)) yield fleet.objectsOf(host);
}

function* clusterTurns(sets: readonly DescribedClusterSet[]): Generator<Turn> {
  for (const set of sets) yield { objects: set.sharedObjects() };
  for (const set of sets) for (const target of set.clusters()) yield { objects: set.objectsOf(target), target };
}
