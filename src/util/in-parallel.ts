/**
 * Works on items side by side, `limit` at a time. After the first failure no further item is begun, and those under way
 * end before the failure is thrown.
 */
export async function inParallel<T>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let failed = false;
  const worker = async () => {
    for (let next = await iterator.next(); next.done !== true && !failed; next = await iterator.next()) {
      signal?.throwIfAborted();
      await work(next.value).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: limit }, worker));
  const failure = ends.find((end) => end.status === 'rejected');
  if (failure === undefined) return;
  // What the items come from may hold a file or a connection.
  await iterator.return?.();
  throw failure.reason;
}
