import type { ObjectWatch } from '../watch/object-watch';
import type { Listener } from '../util/events';

const SHOW_MS = 250;

/**
 * Tells the listener how objects of a kind fare, a few times a second.
 *
 * @param total how many there will be, as far as it is known; those that are there count too
 * @returns how to end it
 */
export function showObjects(watch: ObjectWatch, total: number, listener: Listener | undefined): () => void {
  if (listener === undefined) return () => undefined;
  const { many } = watch.kind.noun;
  const show = () => {
    let done = 0;
    for (const { isSettled } of watch.all()) if (isSettled) done++;
    listener({
      type: 'progress',
      task: many,
      done,
      total: Math.max(total, watch.size),
      unit: many,
      states: watch.counts(),
    });
  };
  listener({ type: 'start', task: many });
  const timer = setInterval(show, SHOW_MS);
  return () => clearInterval(timer);
}

/** `12 available, 3 provisioning`. */
export function statesText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([state, count]) => `${count} ${state || 'new'}`)
    .join(', ');
}
