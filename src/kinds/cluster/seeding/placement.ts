/** On which hosts clusters are that begin available. */
import type { Fleet, FleetHost } from '../../../../lib/kinds/bare-metal-host/fleet';
import { TestbedError } from '../../../../lib/errors';
import type { SelectedCluster } from '../../../../lib/scenario/select-clusters';
import { keyOf } from '../../../scenario/arrivals';
import { isHost } from '../object-graph';
import type { Recording } from './recording';

/** A host, and what describes it. */
export interface PlacedHost {
  readonly fleet: Fleet;
  readonly host: FleetHost;
  /** Which of its cluster's hosts it is, from 0: hosts of the same number are alike. */
  readonly number: number;
}

/**
 * The hosts of clusters by `namespace/name`, in the order of their numbers: those that the set made for it. In a namespace that
 * clusters share, one that was recorded may be on a host that was made for another, which then has one of its hosts instead.
 *
 * @throws TestbedError (`cluster`) for a recorded cluster that is on a host which no cluster of these was made for
 */
export function placementOf(
  recordings: readonly Recording[],
  likes: readonly SelectedCluster[],
): ReadonlyMap<string, readonly PlacedHost[]> {
  const known = new Map([...recordings, ...likes].flatMap(ownHosts).map((each) => [keyOf(each.host), each]));
  const taken = new Set(recordings.flatMap((each) => usedBy(each)));
  const placed = new Map<string, PlacedHost[]>();
  const isFree = (each: PlacedHost) => !taken.has(keyOf(each.host));
  const free = recordings.flatMap(ownHosts).filter(isFree);
  const take = (number: number): PlacedHost | undefined => {
    const at = free.findIndex((each) => each.number === number);
    return free.splice(Math.max(0, at), 1)[0];
  };
  // First where they are, so that none of these is given away.
  const open = recordings.map((recording) => {
    const own = ownHosts(recording);
    const used = usedBy(recording);
    const slots: (PlacedHost | undefined)[] = own.map((each) => (used.includes(keyOf(each.host)) ? each : undefined));
    for (const key of used) {
      const host = known.get(key);
      if (host === undefined)
        throw new TestbedError(
          'cluster',
          `cluster ${keyOf(recording.cluster)} is on host ${key}, which was made for none of the clusters that are to begin available: keep other hosts out of its namespace`,
        );
      if (slots.some((each) => each !== undefined && keyOf(each.host) === key)) continue;
      const at =
        slots[host.number] === undefined && host.number < slots.length ? host.number : slots.indexOf(undefined);
      slots[at] = host;
    }
    return { recording, slots };
  });
  for (const { recording, slots } of open)
    placed.set(
      keyOf(recording.cluster),
      slots.flatMap((each, number) => each ?? take(number) ?? []),
    );
  for (const like of likes)
    placed.set(
      keyOf(like.cluster),
      ownHosts(like).flatMap((each) => (isFree(each) ? each : (take(each.number) ?? []))),
    );
  return placed;
}

function ownHosts({ plan, cluster }: SelectedCluster): readonly PlacedHost[] {
  const fleet = plan.hosts;
  return fleet === undefined ? [] : plan.hostsOf(cluster).map((host, number) => ({ fleet, host, number }));
}

function usedBy({ steps }: Recording): readonly string[] {
  return steps.flat().flatMap((node) => (isHost(node) ? [keyOf(node.object.metadata)] : []));
}
