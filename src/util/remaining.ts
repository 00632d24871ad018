/** Before that, a rate says nothing yet: the first objects are made while connections open and controllers wake up. */
const MIN_WINDOW_MS = 3_000;
/** As few that have been done, in the time that the rate is of, say nothing either. */
const MIN_DONE = 5;

/**
 * How long the rest will take, in seconds.
 *
 * @param window what was done, and in how many milliseconds, lately
 * @returns undefined where that cannot be told yet
 */
export function remainingSeconds(
  left: number | undefined,
  window: { readonly done: number; readonly ms: number },
): number | undefined {
  if (left === undefined || window.ms < MIN_WINDOW_MS || window.done < Math.min(MIN_DONE, left)) return undefined;
  return window.done <= 0 ? undefined : (Math.max(0, left) * window.ms) / window.done / 1000;
}
