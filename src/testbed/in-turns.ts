/** Writes objects in turns, so that there are never more under way than those that take care of them keep up with. */
import { availableParallelism } from 'node:os';
import type { KubernetesObject, NamespacedName } from '../kubernetes/objects';
import { pause } from '../util/pause';
import type { ObjectWatch } from '../watch/object-watch';
import type { Turn } from './described';

/**
 * How many are under way at the same time. With all at once, managers act on what has changed meanwhile, and write what is
 * refused: of 100 clusters on two cores each took a fifth more CPU. One takes about 15 seconds, most of which it waits.
 */
export const IN_FLIGHT = 15 * availableParallelism();
/** How long none of them may come to be settled before the others are written all the same. */
const PATIENCE_MS = 600_000;
/** How many objects are in memory, where nobody has to wait. */
const MOST_TOGETHER = 2_000;

/** How many are written when. */
export interface ClusterPace {
  /** That are under way at a time; Infinity for all at once. @default - 15 for each core */
  readonly inFlight?: number | undefined;
  /** That are written in a second. @default - as fast as can be */
  readonly perSecond?: number | undefined;
}

export interface InTurns extends ClusterPace {
  readonly turns: Iterable<Turn>;
  readonly apply: (objects: readonly KubernetesObject[]) => Promise<void>;
  readonly watch: Pick<ObjectWatch, 'until'>;
  readonly isSettled: (target: NamespacedName) => boolean;
  readonly signal: AbortSignal | undefined;
  /** @default 600000 */
  readonly patienceMs?: number;
}

export type RoomProps = Pick<InTurns, 'inFlight' | 'isSettled' | 'patienceMs' | 'signal' | 'watch'>;

/** Who is under way, of whom there are never more than those that take care of them keep up with. */
export class Room {
  private underWay: NamespacedName[] = [];
  /** Where none settles for long, those that are under way are not what keeps the others. */
  private isPatient = true;

  constructor(private readonly props: RoomProps) {}

  /** Whether the next one has to wait. */
  get isFull(): boolean {
    return this.isPatient && !this.hasPlace();
  }

  /** @throws what the watch throws; the signal's reason */
  async wait(): Promise<void> {
    const { watch, signal, patienceMs = PATIENCE_MS } = this.props;
    this.isPatient = await watch.until(() => this.hasPlace(), { deadlineMs: patienceMs, signal });
  }

  add(target: NamespacedName): void {
    this.underWay.push(target);
  }

  private hasPlace(): boolean {
    const { isSettled, inFlight = IN_FLIGHT } = this.props;
    this.underWay = this.underWay.filter((target) => !isSettled(target));
    return this.underWay.length < inFlight;
  }
}

/** @throws what `apply` and the watch throw; the signal's reason */
export async function applyInTurns(of: InTurns): Promise<void> {
  const { turns, apply, signal, perSecond } = of;
  const room = new Room(of);
  const start = performance.now();
  let begun = 0;
  let objects: KubernetesObject[] = [];
  for (const turn of turns) {
    const isFull = turn.target !== undefined && room.isFull;
    if (isFull || objects.length >= MOST_TOGETHER) {
      await apply(objects);
      objects = [];
    }
    if (perSecond !== undefined && turn.target !== undefined) {
      await apply(objects);
      objects = [];
      await pause(Math.max(0, start + (begun++ / perSecond) * 1000 - performance.now()), signal);
    }
    if (isFull) await room.wait();
    objects.push(...(turn.objects as readonly KubernetesObject[]));
    if (turn.target !== undefined) room.add(turn.target);
  }
  await apply(objects);
}
