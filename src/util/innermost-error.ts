/** What went wrong at last: undici wraps it in `fetch failed`, several times over, and once for each address that was tried. */
export function innermostError(error: unknown): unknown {
  let inner = error;
  while (inner instanceof Error && inner.cause !== undefined) inner = inner.cause;
  return inner instanceof AggregateError ? (inner.errors[0] as unknown) : inner;
}

/** @returns what it says of itself */
export function innermostMessage(error: unknown): string {
  const inner = innermostError(error);
  return inner instanceof Error ? inner.message || inner.name : String(inner);
}
