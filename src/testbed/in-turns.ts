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
const IN_FLIGHT = 15 * availableParallelism();
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

/** @throws what `apply` and the watch throw; the signal's reason */
export async function applyInTurns(of: InTurns): Promise<void> {
  const { turns, apply, watch, isSettled, signal, inFlight = IN_FLIGHT, perSecond, patienceMs = PATIENCE_MS } = of;
  const start = performance.now();
  let begun = 0;
  let written: NamespacedName[] = [];
  let objects: KubernetesObject[] = [];
  // Where none settles for long, those that are under way are not what keeps the others.
  let isPatient = true;
  const hasRoom = () => {
    written = written.filter((target) => !isSettled(target));
    return written.length < inFlight;
  };
  for (const turn of turns) {
    const isFull = isPatient && turn.target !== undefined && !hasRoom();
    if (isFull || objects.length >= MOST_TOGETHER) {
      await apply(objects);
      objects = [];
    }
    if (perSecond !== undefined && turn.target !== undefined) {
      await apply(objects);
      objects = [];
      await pause(Math.max(0, start + (begun++ / perSecond) * 1000 - performance.now()), signal);
    }
    if (isFull) isPatient = await watch.until(hasRoom, { deadlineMs: patienceMs, signal });
    objects.push(...(turn.objects as readonly KubernetesObject[]));
    if (turn.target !== undefined) written.push(turn.target);
  }
  await apply(objects);
}
