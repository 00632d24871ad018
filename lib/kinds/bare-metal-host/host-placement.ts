import type { HostIdentity } from './host-set-props';

/**
 * Which hosts a fleet has, and where they are, for one whose hosts belong to something else that gives them their names and
 * namespaces. Their indexes may have gaps: a host keeps its own, and what follows from it, when others come and go.
 */
export interface HostPlacement {
  /** Index of the host at a position from 0 on, in the order of indexes. */
  indexAt(position: number): number;
  /** The host of an index. */
  hostAt(index: number): HostIdentity;
  /** All indexes, so that neighbours are in different namespaces where that can be. */
  indexesInTurns(): Iterable<number>;
  /** Which of its namespace's hosts one is, from 0. */
  turnOf(index: number): number;
  /** Whether no host before this one is in its namespace. */
  isFirstOfNamespace(index: number): boolean;
  /** The names of the namespaces, in the order in which hosts reach them. */
  namespaces(): readonly string[];
}
