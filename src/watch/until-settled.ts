import type { ObjectWatch } from './object-watch';

/**
 * Waits until all objects are settled at the same time. One that is not is waited for at a time, from the first on, so that
 * all changes together cost one look at each object. An object may go back behind that look: the wait is over only when a look
 * at all of them finds none.
 *
 * @param objects gives the objects anew each time
 * @returns whether they were before the deadline
 * @throws what ended the watch, if it did; the signal's reason
 */
export async function untilSettled<T>(
  watch: Pick<ObjectWatch, 'until'>,
  objects: () => Iterable<T>,
  isSettled: (object: T) => boolean,
  options: Parameters<ObjectWatch['until']>[1],
): Promise<boolean> {
  function* unsettled(): Generator<T, undefined> {
    for (const object of objects()) if (!isSettled(object)) yield object;
  }
  let look = unsettled();
  let waitingFor: IteratorResult<T, undefined> | undefined;
  return watch.until(() => {
    if (waitingFor?.done === false && !isSettled(waitingFor.value)) return false;
    waitingFor = look.next();
    if (!waitingFor.done) return false;
    look = unsettled();
    waitingFor = look.next();
    return waitingFor.done === true;
  }, options);
}
