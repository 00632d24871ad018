import type { HostPlacement } from '../bare-metal-host/host-placement';
import type { HostIdentity } from '../bare-metal-host/host-set-props';

/** What is known of the clusters that the hosts are for. */
export interface HousedClusters {
  /** How many clusters. */
  readonly count: number;
  /** Of the first cluster in all plans: 0, unless the set goes on where another ends. */
  readonly firstPosition: number;
  /** To how many hosts a cluster may grow. */
  readonly room: number;
  /** How many hosts the cluster has, of all clusters of the set one from 0 on. */
  hostsOf(nth: number): number;
  /** Whether all have the same number. */
  readonly isUniform: boolean;
  /** Name and namespace of a cluster of the set, from 0 on. */
  clusterAt(nth: number): { readonly name: string; readonly namespace: string };
  /** How many clusters before one share its namespace. */
  turnOf(nth: number): number;
  namespaces(): readonly string[];
}

/**
 * The hosts of a cluster set: those of a cluster are in its namespace and named after it. The index of a host follows from the
 * place of its cluster and its number there, so that it stays what it is when clusters come, go, grow and shrink.
 */
export class ClusterHosts implements HostPlacement {
  /** How many hosts there are. */
  readonly count: number;
  /** How many hosts the clusters before each have, and at its end all, where they do not all have the same number. */
  private readonly before: Uint32Array | undefined;
  private readonly perCluster: number;

  constructor(private readonly clusters: HousedClusters) {
    const { count, isUniform } = clusters;
    this.perCluster = count === 0 ? 0 : clusters.hostsOf(0);
    if (isUniform) {
      this.count = count * this.perCluster;
      return;
    }
    this.before = new Uint32Array(count + 1);
    for (let nth = 0; nth < count; nth++) this.before[nth + 1] = (this.before[nth] ?? 0) + clusters.hostsOf(nth);
    this.count = this.before[count] ?? 0;
  }

  indexAt(position: number): number {
    const nth = this.clusterOfPosition(position);
    return this.indexOf(nth, position - this.hostsBefore(nth));
  }

  hostAt(index: number): HostIdentity {
    const { nth, number } = this.placeOf(index);
    const { name, namespace } = this.clusters.clusterAt(nth);
    return { index, name: `${name}-host-${number + 1}`, namespace };
  }

  *indexesInTurns(): Generator<number, void, undefined> {
    const { count } = this.clusters;
    let isAny = true;
    for (let number = 0; isAny; number++) {
      isAny = false;
      for (let nth = 0; nth < count; nth++) {
        if (number >= this.hostsOf(nth)) continue;
        isAny = true;
        yield this.indexOf(nth, number);
      }
    }
  }

  turnOf(index: number): number {
    return this.placeOf(index).number;
  }

  isFirstOfNamespace(index: number): boolean {
    const { nth, number } = this.placeOf(index);
    return number === 0 && this.clusters.turnOf(nth) === 0;
  }

  namespaces(): readonly string[] {
    return this.clusters.namespaces();
  }

  private hostsBefore(nth: number): number {
    return this.before?.[nth] ?? nth * this.perCluster;
  }

  private hostsOf(nth: number): number {
    return this.hostsBefore(nth + 1) - this.hostsBefore(nth);
  }

  /** The index of a host of a cluster of the set, both counted from 0. Hosts' indexes begin at 1. */
  indexOf(nth: number, number: number): number {
    return (this.clusters.firstPosition + nth) * this.clusters.room + number + 1;
  }

  private placeOf(index: number): { readonly nth: number; readonly number: number } {
    const { room, firstPosition } = this.clusters;
    return { nth: Math.floor((index - 1) / room) - firstPosition, number: (index - 1) % room };
  }

  private clusterOfPosition(position: number): number {
    if (this.before === undefined) return Math.floor(position / this.perCluster);
    let low = 0;
    let high = this.clusters.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.before[middle] ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
