import { applyRank } from '../../lib/order';
import type { KubernetesObject } from '../kubernetes/objects';

/** How many objects are looked at together to bring them into order. */
const WINDOW = 4_096;

/**
 * Cuts a stream into pieces that are small enough to hold and sort. A stream that gives its kinds in the order that they
 * need is applied in that order throughout; in one that does not, an object may come at most a window before what it
 * needs.
 */
export async function* windowsOf(
  objects: Iterable<KubernetesObject> | AsyncIterable<KubernetesObject>,
  size = WINDOW,
): AsyncGenerator<readonly KubernetesObject[], void, undefined> {
  let window: KubernetesObject[] = [];
  if (Symbol.asyncIterator in objects) {
    for await (const object of objects) {
      window.push(object);
      if (window.length < size) continue;
      yield window;
      window = [];
    }
  } else {
    // Without a pause after each object, which at a million of them would be felt.
    for (const object of objects) {
      window.push(object);
      if (window.length < size) continue;
      yield window;
      window = [];
    }
  }
  if (window.length > 0) yield window;
}

/** The objects of a window, rank by rank. */
export function ranksOf(window: readonly KubernetesObject[]): readonly (readonly KubernetesObject[])[] {
  const byRank = Map.groupBy(window, applyRank);
  return [...byRank].sort(([a], [b]) => a - b).map(([, objects]) => objects);
}
