/**
 * Values on top of each other: each row is the sum of itself and of the shown rows after it, so that rows painted one after
 * the other, from the first on, cover each other to what each has alone.
 *
 * @param rows from the top of the stack down
 * @param isShown whether the i-th row counts
 * @returns as many rows; null where nothing of a row was measured
 */
export function stack(
  rows: readonly (readonly (number | null)[])[],
  isShown: (i: number) => boolean,
): (number | null)[][] {
  const below: number[] = [];
  return rows
    .map((row, i) => ({ row, counts: isShown(i) }))
    .reverse()
    .map(({ row, counts }) =>
      row.map((value, t) => {
        if (value === null) return null;
        if (!counts) return value;
        return (below[t] = (below[t] ?? 0) + value);
      }),
    )
    .reverse();
}
