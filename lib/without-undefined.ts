/**
 * Data that is written down or compared, without the fields that have no value.
 *
 * @param data a map, of which only the top level is looked at
 */
export function withoutUndefined<T extends object>(data: T): T {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(data)) if (value !== undefined) kept[key] = value;
  return kept as T;
}

/** The same; undefined where none of the fields has a value. */
export function unlessEmpty<T extends object>(data: T): T | undefined {
  const kept = withoutUndefined(data);
  return Object.keys(kept).length === 0 ? undefined : kept;
}
