/** How often something happened over time, by what it is called. */

export type Points = { at: number; value: number }[];

export class Rates {
  private readonly rates: { readonly at: number; readonly byName: ReadonlyMap<string, number> }[] = [];

  /** @param counts how often each happened in an interval of so many seconds, which ended then */
  add(at: number, seconds: number, counts: ReadonlyMap<string, number>): void {
    this.rates.push({ at, byName: new Map([...counts].map(([name, count]) => [name, count / seconds])) });
  }

  /** A second. */
  of(name: string): Points {
    return this.rates.map(({ at, byName }) => ({ at, value: byName.get(name) ?? 0 }));
  }

  /** All but some of them together, a second. */
  but(names: readonly string[]): Points {
    return this.rates.map(({ at, byName }) => ({
      at,
      value: [...byName].reduce((sum, [name, rate]) => (names.includes(name) ? sum : sum + rate), 0),
    }));
  }
}

/** Those that make up a share of all at least, most first. */
export function many(
  counts: ReadonlyMap<string, number>,
  share: number,
): readonly (readonly [name: string, count: number])[] {
  const least = [...counts.values()].reduce((all, count) => all + count, 0) * share;
  return [...counts].filter(([, count]) => count > 0 && count >= least).sort(([, a], [, b]) => b - a);
}
