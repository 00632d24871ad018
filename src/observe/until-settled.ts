import type { HostWatch } from './host-watch';

/**
 * Waits until all hosts are settled at the same time. One that is not is waited for at a time, from the first on, so that
 * all changes together cost one look at each host. A host may go back behind that look: the wait is over only when a look
 * at all of them finds none.
 *
 * @param hosts gives the hosts anew each time
 * @returns whether they were before the deadline
 * @throws what ended the watch, if it did; the signal's reason
 */
export async function untilSettled<T>(
  watch: HostWatch,
  hosts: () => Iterable<T>,
  isSettled: (host: T) => boolean,
  options: Parameters<HostWatch['until']>[1],
): Promise<boolean> {
  function* unsettled(): Generator<T, undefined> {
    for (const host of hosts()) if (!isSettled(host)) yield host;
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
